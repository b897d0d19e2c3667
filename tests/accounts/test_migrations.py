"""What was stored before a migration still works after it."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from abstracts.models import Abstract
from accounts.models import CalendarAddress, EmbargoedRead, FavoritesChange, FavoritesList, PressAccess

BEFORE = [("accounts", "0006_alert_results")]
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_tokens_in_use_stay_valid_in_both_directions():
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("accounts")
    old = migrate(BEFORE)
    user = old.get_model("accounts", "User").objects.create(email="reader@example.org")
    lists = old.get_model("accounts", "FavoritesList").objects
    home = lists.create(user=user)
    lists.create(user=user, name="Shared", share_token="shared-before")
    old.get_model("accounts", "CalendarAddress").objects.create(user=user, token="calendar-before")
    for token in ("deleted-before", None):
        taken = {"items": [], "list": 7, "name": "Deleted", "share_token": token}
        old.get_model("accounts", "FavoritesChange").objects.create(
            home=home, kind="list-deleted", at=NOW, taken=dict(taken)
        )
    moved = {"items": [], "target": 7, "fresh": [1], "notes": {}}
    old.get_model("accounts", "FavoritesChange").objects.create(home=home, kind="moved", at=NOW, taken=moved)
    migrate(latest)
    assert Client().get("/lists/shared-before/").status_code == 200
    assert Client().get("/calendars/calendar-before.ics").status_code == 200
    assert FavoritesList.objects.get(name="Shared").share_token == "shared-before"
    assert CalendarAddress.objects.get().token == "calendar-before"
    assert all("share_token" not in change.removed for change in FavoritesChange.objects.all())
    assert FavoritesChange.objects.get(kind="moved").removed["new"] == [1]
    old = migrate(BEFORE)
    assert old.get_model("accounts", "FavoritesList").objects.get(name="Shared").share_token == "shared-before"
    assert old.get_model("accounts", "CalendarAddress").objects.get().token == "calendar-before"
    changes = old.get_model("accounts", "FavoritesChange").objects.filter(kind="list-deleted").order_by("pk")
    assert [change.taken["share_token"] for change in changes] == ["deleted-before", None]
    assert old.get_model("accounts", "FavoritesChange").objects.get(kind="moved").taken == moved
    migrate(latest)


@pytest.mark.django_db(transaction=True)
def test_reads_of_former_releases_stay_and_describe_their_abstracts():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = [("accounts", "0010_help_texts"), ("abstracts", "0011_gate_and_record")]
    old = migrate(before)
    meeting = old.get_model("abstracts", "Meeting")._base_manager.create(name="Forum", slug="forum", year=2025)
    abstracts = old.get_model("abstracts", "Abstract")._base_manager
    one, other = (
        abstracts.create(meeting=meeting, number=number, title="T", title_text=f"Read {number}", slug=f"read-{number}")
        for number in ("L1", None)
    )
    user = old.get_model("accounts", "User").objects.create(email="press@example.org")
    for abstract, reader, minute in ((one, user, 0), (one, user, 5), (one, user, 90), (other, None, 0)):
        old.get_model("accounts", "EmbargoedRead").objects.create(
            user=reader,
            email="press@example.org",
            abstract=abstract,
            at=dt.datetime(2026, 11, 1, 23, tzinfo=dt.UTC) + dt.timedelta(minutes=minute),
            path="/x/",
        )
    migrate(leaves)
    fields = ("user", "abstract_id", "meeting", "number", "title", "role", "day")
    first, second = dt.date(2026, 11, 1), dt.date(2026, 11, 2)
    assert list(EmbargoedRead.objects.order_by("pk").values_list(*fields)) == [
        (user.pk, one.pk, "forum", "L1", "Read L1", "press", first),
        (user.pk, one.pk, "forum", "L1", "Read L1", "press", None),
        (user.pk, one.pk, "forum", "L1", "Read L1", "press", second),
        (None, other.pk, "forum", "", "Read None", "press", first),
    ]
    Abstract.unfiltered.filter(pk=other.pk).delete()
    assert EmbargoedRead.objects.count() == 4
    old = migrate(before)
    reads = old.get_model("accounts", "EmbargoedRead").objects.order_by("pk")
    assert [read.abstract.title_text for read in reads] == ["Read L1"] * 3
    migrate(leaves)


@pytest.mark.django_db(transaction=True)
def test_who_was_accredited_gets_access_to_the_meetings_with_something_ahead():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = [("accounts", "0012_accredit_press"), ("abstracts", "0018_press_terms")]
    old = migrate(before)
    later, soon = NOW + dt.timedelta(days=50_000), dt.date(2180, 5, 1)
    meetings, abstracts = (old.get_model("abstracts", name)._base_manager for name in ("Meeting", "Abstract"))
    shapes = {
        "ahead": ({"starts_on": soon}, {"released_from": later}),
        "held": ({"starts_on": soon, "ends_on": soon}, {"released_from": None}),
        "released": ({"starts_on": soon}, {"released_from": NOW}),
        "draft": ({"starts_on": soon}, {"released_from": later, "status": "draft"}),
        "unpublished": ({"starts_on": soon, "is_published": False}, {"released_from": later}),
        "held of old": ({"starts_on": dt.date(2012, 1, 1)}, {"released_from": None}),
    }
    for name, (of_meeting, of_abstract) in shapes.items():
        meeting = meetings.create(name=name, slug=name.replace(" ", "-"), year=2025, **of_meeting)
        abstracts.create(
            meeting=meeting, title="T", title_text="T", slug=meeting.slug, **{"status": "published", **of_abstract}
        )
    types = old.get_model("contenttypes", "ContentType").objects
    kind = types.get_or_create(app_label="abstracts", model="abstract")[0]
    permission = old.get_model("auth", "Permission").objects.create(
        codename="read_embargoed", name="x", content_type=kind
    )
    group, _ = old.get_model("auth", "Group").objects.get_or_create(name="Readers of embargoed content")
    group.permissions.add(permission)
    users = old.get_model("accounts", "User").objects
    member = users.create(email="member@example.org", embargo_terms_accepted_at=NOW)
    member.groups.add(group)
    users.create(email="holder@example.org").user_permissions.add(permission)
    users.create(email="closed@example.org", is_active=False).groups.add(group)
    users.create(email="reader@example.org")
    migrate(leaves)
    rows = PressAccess.objects.order_by("user__email", "meeting__name").select_related("meeting", "user")
    assert [(row.user.email, row.meeting.name, row.is_accepted) for row in rows] == [
        ("holder@example.org", "ahead", False),
        ("holder@example.org", "held", False),
        ("member@example.org", "ahead", True),
        ("member@example.org", "held", True),
    ]
    assert {row.meeting.name: row.ends_at for row in rows} == {
        "ahead": max(later, dt.datetime(2180, 5, 3, tzinfo=dt.UTC)),
        "held": dt.datetime(2180, 5, 3, tzinfo=dt.UTC),
    }
    assert not any(row.may_export for row in rows)
    assert not Group.objects.filter(name="Readers of embargoed content").exists()
    old = migrate(before)
    members = old.get_model("auth", "Group").objects.get(name="Readers of embargoed content").user_set
    assert {user.email: user.embargo_terms_accepted_at for user in members.all()} == {
        "holder@example.org": None,
        "member@example.org": NOW,
    }
    migrate(leaves)
