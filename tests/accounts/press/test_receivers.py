"""The record of what press and staff read on the site ahead of release."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.db.models.query import QuerySet
from django.urls import reverse
from structlog.testing import capture_logs

from abstracts.models import Abstract, Meeting
from abstracts.reading import Row, in_order_of
from abstracts.reading.signals import press_reads_since, send_embargoed_read
from abstracts.visibility import Role, Viewer
from accounts.models import EmbargoedRead
from tests.accounts.favorites.test_lists_at_once import at_once
from tests.accounts.personas import give_access, press_reader
from tests.factories import (
    AbstractFactory,
    FigureFactory,
    MeetingFactory,
    SectionFactory,
    StaffFactory,
    UserFactory,
    embargoed_read,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

LATE = dt.datetime(2026, 3, 1, 23, 50, tzinfo=dt.UTC)


def read(abstract: Abstract, user, at: dt.datetime = LATE, path: str = "/abstract/x/", kind: str = "page") -> None:
    viewer = Viewer(Role.STAFF, user.pk)
    send_embargoed_read([Row(row, "") for row in in_order_of([abstract.pk], viewer, at)], viewer, at, path, kind)


def recorded() -> list[tuple[int, str]]:
    return list(EmbargoedRead.objects.order_by("pk").values_list("abstract_id", "kind"))


@pytest.mark.parametrize(("person", "role"), [(StaffFactory, "staff"), (press_reader, "press")])
def test_a_page_read_ahead_of_release_is_recorded_with_what_it_showed(client, person, role):
    abstract = whole_abstract(embargoed=True, number="LB7", title="Not <i>yet</i>")
    user = person()
    client.force_login(user)
    for _ in range(2):
        assert b"We counted" in client.get(abstract.get_absolute_url()).content
    row = EmbargoedRead.objects.get()
    assert (row.user, row.email, row.role, row.kind) == (user, user.email, role, "page")
    assert (row.abstract_id, row.meeting, row.number, row.title) == (
        abstract.pk,
        abstract.meeting.slug,
        "LB7",
        "Not yet",
    )
    assert (row.path, row.day) == (abstract.get_absolute_url(), row.at.astimezone(dt.UTC).date())


@pytest.mark.parametrize(
    "hidden", [{"draft": True}, {"withdrawn": True}, {"listing": True}, {"meeting__is_published": False}]
)
def test_whatever_the_public_cannot_read_counts(client, hidden):
    client.force_login(StaffFactory())
    abstract = whole_abstract(**hidden)
    assert b"We counted" in client.get(abstract.get_absolute_url()).content
    assert recorded() == [(abstract.pk, "page")]


def test_released_abstracts_are_not_recorded(client):
    client.force_login(StaffFactory())
    abstract = whole_abstract()
    figure = FigureFactory(abstract=abstract)
    addresses = [
        abstract.get_absolute_url(),
        reverse("abstract-export", args=[abstract.slug, "ris"]),
        reverse("search") + "?q=counted",
        figure.get_absolute_url(),
    ]
    for address in addresses:
        client.get(address)
    assert recorded() == []


@pytest.mark.parametrize("name", ["ris", "bibtex", "csv", "jsonl", "text"])
def test_exports_of_staff_are_recorded_with_their_format(client, name):
    client.force_login(StaffFactory())
    meeting = MeetingFactory()
    ahead, released = (whole_abstract(meeting=meeting, embargoed=embargoed) for embargoed in (True, False))
    response = client.get(reverse("meeting-export", args=[meeting.slug, name]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert ahead.title_text in content
    assert released.title_text in content
    assert recorded() == [(ahead.pk, f"export {name}")]


def test_a_snippet_for_staff_is_recorded(client):
    client.force_login(StaffFactory())
    ahead = AbstractFactory(title="Snippetword", embargoed=True)
    SectionFactory(abstract=ahead, html="<p>Levels of snippetword.</p>")
    assert b"Levels of" in client.get(reverse("search"), {"q": "snippetword"}).content
    assert recorded() == [(ahead.pk, "search")]


def test_pages_of_the_admin_are_not_recorded(client):
    client.force_login(StaffFactory())
    abstract = whole_abstract(embargoed=True)
    for address in (
        reverse("admin:abstracts_abstract_changelist"),
        reverse("admin:abstracts_abstract_change", args=[abstract.pk]),
    ):
        assert abstract.title_text in client.get(address).content.decode()
    assert recorded() == []


def test_the_first_read_of_a_day_is_recorded():
    user, other, abstract = StaffFactory(), StaffFactory(), AbstractFactory(embargoed=True)
    read(abstract, user, kind="figure", path="/figures/1/")
    read(abstract, user, LATE + dt.timedelta(minutes=5), "/abstract/x/")
    read(abstract, other, LATE)
    read(abstract, user, LATE + dt.timedelta(minutes=10), "/abstract/x/")
    rows = EmbargoedRead.objects.order_by("pk").values_list("user", "day", "kind")
    assert list(rows) == [
        (user.pk, dt.date(2026, 3, 1), "figure"),
        (other.pk, dt.date(2026, 3, 1), "page"),
        (user.pk, dt.date(2026, 3, 2), "page"),
    ]


def test_days_are_those_of_utc():
    abstract = AbstractFactory(embargoed=True)
    read(abstract, StaffFactory(), LATE.astimezone(dt.timezone(dt.timedelta(hours=5))))
    assert EmbargoedRead.objects.get().day == LATE.date()


def test_what_is_recorded_already_takes_one_query_and_no_write(django_assert_num_queries):
    user, abstract = StaffFactory(), AbstractFactory(embargoed=True)
    viewer = Viewer(Role.STAFF, user.pk)
    rows = [Row(row, "") for row in in_order_of([abstract.pk], viewer, LATE)]
    # What is there, the address of the user, and the row between a savepoint and its release.
    with django_assert_num_queries(5):
        send_embargoed_read(rows, viewer, LATE, "/", "page")
    with django_assert_num_queries(1):
        send_embargoed_read(rows, viewer, LATE, "/", "page")


def test_a_row_that_another_request_has_just_written_is_no_error(monkeypatch):
    user, abstract = StaffFactory(), AbstractFactory(embargoed=True)
    read(abstract, user)
    # As if it had been written after the question what is there.
    monkeypatch.setattr(QuerySet, "values_list", lambda rows, *names, **kwargs: _nothing(rows, *names, **kwargs))
    read(abstract, user)
    monkeypatch.undo()
    assert EmbargoedRead.objects.count() == 1


_values_list = QuerySet.values_list


def _nothing(rows, *names, **kwargs):
    values = _values_list(rows, *names, **kwargs)
    return values.none() if rows.model is EmbargoedRead else values


def test_a_database_that_cannot_be_written_breaks_no_page_and_is_logged(client, monkeypatch):
    abstract = whole_abstract(embargoed=True)
    user = StaffFactory()
    client.force_login(user)

    def refuse(*args, **kwargs):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(EmbargoedRead.objects, "bulk_create", refuse, raising=False)
    with capture_logs() as logs:
        assert b"We counted" in client.get(abstract.get_absolute_url()).content
    (entry,) = [entry for entry in logs if entry["event"] == "embargoed_read_not_recorded"]
    assert (entry["user_id"], entry["abstracts"], entry["log_level"]) == (user.pk, [abstract.pk], "error")
    assert recorded() == []


def test_reads_outlive_the_abstract_its_meeting_and_the_account(client):
    user, abstract = StaffFactory(email="zq@example.org"), whole_abstract(embargoed=True, number="L9")
    read(abstract, user)
    meeting, pk, title = abstract.meeting, abstract.pk, abstract.title_text
    abstract.delete()
    meeting.delete()
    assert not Meeting.objects.exists()
    user.delete()
    row = EmbargoedRead.objects.get()
    assert (row.user, row.email) == (None, "zq@example.org")
    assert (row.abstract_id, row.meeting, row.number, row.title) == (pk, meeting.slug, "L9", title)


@pytest.mark.django_db(transaction=True)
@pytest.mark.several_connections
def test_pages_opened_at_once_are_recorded_once():
    user, abstract = StaffFactory(), AbstractFactory(embargoed=True)
    assert at_once(*[lambda: read(abstract, user)] * 4) == []
    assert recorded() == [(abstract.pk, "page")]


# Since when the press could read a meeting


def at(day: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, tzinfo=dt.UTC)


def test_access_counts_from_its_start_and_the_acceptance_of_the_terms():
    meeting, other = MeetingFactory(), MeetingFactory()
    give_access(UserFactory(), other, starts_at=at(1), accepted_at=at(1))
    give_access(UserFactory(), meeting, accepted=False, starts_at=at(1))
    assert press_reads_since(meeting) is None
    give_access(UserFactory(), meeting, starts_at=at(2), accepted_at=at(5))
    assert press_reads_since(meeting) == at(5)
    give_access(UserFactory(), meeting, starts_at=at(4), accepted_at=at(3))
    assert press_reads_since(meeting) == at(4)


def test_what_was_read_counts_too_but_not_by_staff():
    abstract = AbstractFactory(embargoed=True)
    embargoed_read(abstract, at=at(1), role="staff")
    assert press_reads_since(abstract.meeting) is None
    embargoed_read(abstract, at=at(3))
    embargoed_read(abstract, at=at(2))
    assert press_reads_since(abstract.meeting) == at(2)
    give_access(UserFactory(), abstract.meeting, starts_at=at(1), accepted_at=at(1))
    assert press_reads_since(abstract.meeting) == at(1)
