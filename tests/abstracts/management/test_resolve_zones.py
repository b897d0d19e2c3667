"""New zone data: later instants apply at once, earlier ones wait for an embargo officer."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, ArchiveState, EmbargoRecord, HeldChange, Meeting, Session, gate, groups
from acrsite.zone_data import ZoneData
from tests import factories
from tests.abstracts.admin.posting import answer, edit
from tests.zone_folders import RULES_2025B, write_zones, zones_from

pytestmark = pytest.mark.django_db
State = HeldChange.State
OLD, NEW = "2025b", "2026f"


@pytest.fixture(autouse=True)
def _gate_is_closed():
    with gate.deciding(None):
        yield


@pytest.fixture
def old_zones(tmp_path, settings):
    """The zone data of 2025b, until `upgrade`."""
    before, settings.ZONE_DATA = settings.ZONE_DATA, ZoneData(OLD, "the system")
    with zones_from(write_zones(tmp_path / "zones", OLD, RULES_2025B)):
        yield
    settings.ZONE_DATA = before


@pytest.fixture
def upgrade(old_zones, settings):
    """Calling it puts 2026f in place of 2025b."""

    def to_new():
        settings.ZONE_DATA = ZoneData(NEW, "the package tzdata")
        stack.enter_context(zones_from())

    import contextlib

    with contextlib.ExitStack() as stack:
        yield to_new


def resolve_zones(*options, **more) -> str:
    out = io.StringIO()
    call_command("resolve_zones", *options, stdout=out, **more)
    return out.getvalue()


def in_city(zone: str, date: dt.date, number: str, published=True, rule="fixed", **fields) -> Abstract:
    """An abstract that is released at 10:00 in `zone`."""
    with gate.bypassing("a test", records=False):
        meeting = factories.MeetingFactory(timezone=zone, year=date.year, is_published=published)
        tier = factories.TierFactory(meeting=meeting, release_rule=rule, release_date=date, release_time=dt.time(10))
        session = factories.SessionFactory(meeting=meeting, date=date, start_time=dt.time(10), end_time=None)
        abstract = factories.AbstractFactory(meeting=meeting, tier=tier, number=number, **fields)
        factories.PresentationFactory(abstract=abstract, session=session)
    return abstract


def released(abstract: Abstract) -> str:
    return Abstract.unfiltered.values_list("released_from", flat=True).get(pk=abstract.pk).strftime("%H:%M")


def starts(abstract: Abstract) -> str:
    return Session.objects.get(meeting=abstract.meeting_id).starts_at.strftime("%H:%M")


@pytest.fixture
def casablanca(old_zones):
    """Comes an hour later by 2026f."""
    return in_city("Africa/Casablanca", dt.date(2031, 7, 10), "C1")


@pytest.fixture
def vancouver(old_zones):
    """Comes an hour earlier by 2026f."""
    return in_city("America/Vancouver", dt.date(2031, 11, 15), "V1")


def officer() -> Client:
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=groups.OFFICERS))
    client = Client()
    client.force_login(user)
    return client


def test_later_applies_at_once_and_earlier_waits_for_an_officer(casablanca, vancouver, upgrade):
    assert (released(casablanca), released(vancouver)) == ("09:00", "18:00")
    assert ArchiveState.objects.get().zone_data == OLD
    upgrade()
    out = resolve_zones()
    assert (released(casablanca), released(vancouver)) == ("10:00", "18:00")
    assert (starts(casablanca), starts(vancouver)) == ("10:00", "17:00")
    assert ArchiveState.objects.get().zone_data == NEW
    (entry,) = EmbargoRecord.objects.all()
    assert (entry.abstracts, entry.door) == (1, "Resolve all local times with zone data 2026f")
    (held,) = HeldChange.unfiltered.all()
    assert (held.state, held.by, held.by_command, held.needs_officer) == (State.PROPOSED, None, True, True)
    assert f"Proposal {held.pk} waits" in out
    assert "PUBLIC EARLIER THAN SO FAR: 1 of" in out

    client = officer()
    assert "1 proposal waits" in " ".join(client.get(reverse("admin:index")).content.decode().split())
    page = client.get(reverse("admin:abstracts_heldchange_decide", args=[held.pk]))
    assert "manage.py" in page.content.decode()
    answer(client, page, reason="The province has changed its clocks")
    held.refresh_from_db()
    assert (held.state, released(vancouver), released(casablanca)) == (State.CONFIRMED, "17:00", "10:00")
    entry = EmbargoRecord.objects.latest("number")
    assert (entry.number, entry.reason, held.entry) == (2, "The province has changed its clocks", 2)
    assert entry.proposed_by_id is None
    assert "Other instants than before: 0 sessions, 0 abstracts" in resolve_zones("--check")


@pytest.mark.parametrize(
    ("zone", "date", "old", "new", "waits"),
    [
        ("Africa/Casablanca", dt.date(2031, 7, 10), "09:00", "10:00", False),
        ("America/Vancouver", dt.date(2027, 11, 15), "18:00", "17:00", True),
        ("America/Edmonton", dt.date(2027, 11, 15), "17:00", "16:00", True),
        ("America/Winnipeg", dt.date(2027, 11, 15), "16:00", "15:00", True),
        ("America/Vancouver", dt.date(2027, 7, 15), "17:00", "17:00", False),
    ],
)
@pytest.mark.parametrize("rule", ["fixed", "session_start", "session_day"])
def test_four_cities(upgrade, zone, date, old, new, waits, rule):
    abstract = in_city(zone, date, "A1", rule=rule)
    assert (released(abstract), starts(abstract)) == (old, old)
    upgrade()
    resolve_zones()
    assert (released(abstract), starts(abstract)) == (old if waits else new, new)
    assert HeldChange.unfiltered.count() == waits


def test_of_what_waits_the_instants_that_come_later_apply_at_once(upgrade):
    with gate.bypassing("a test", records=False):
        title = {"shows": "title", "rule": "fixed", "date": dt.date(2031, 7, 10), "timezone": "Africa/Casablanca"}
        text = {"shows": "everything", "rule": "fixed", "date": dt.date(2031, 11, 15), "timezone": "America/Vancouver"}
        tier = factories.TierFactory(steps=[{**step, "time": dt.time(10)} for step in (title, text)])
        abstract = factories.AbstractFactory(meeting=tier.meeting, tier=tier)
    upgrade()
    resolve_zones()
    abstract.refresh_from_db()
    assert (abstract.titled_from.hour, abstract.released_from.hour) == (10, 18)
    assert HeldChange.unfiltered.get().state == State.PROPOSED


def test_a_second_run_changes_nothing_and_proposes_nothing_new(casablanca, vancouver, upgrade):
    upgrade()
    resolve_zones()
    before = list(HeldChange.unfiltered.values()), list(EmbargoRecord.objects.values()), history()
    resolve_zones()
    assert (list(HeldChange.unfiltered.values()), list(EmbargoRecord.objects.values()), history()) == before


def history() -> tuple[int, int]:
    return Abstract.history.unfiltered.count(), Session.history.count()


def test_with_nothing_to_do_nothing_is_written(casablanca):
    token = ArchiveState.objects.get().token
    assert "0 sessions, 0 abstracts" in resolve_zones()
    assert ArchiveState.objects.get().token == token
    assert not HeldChange.unfiltered.exists()
    assert not EmbargoRecord.objects.exists()


def test_a_check_says_what_is_to_be_done_and_writes_nothing(casablanca, vancouver, upgrade):
    assert "0 sessions, 0 abstracts" in resolve_zones("--check")
    upgrade()
    before = ArchiveState.objects.values().get()
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"Run manage\.py resolve_zones"):
        call_command("resolve_zones", "--check", stdout=out)
    assert "The archive was resolved with 2025b." in out.getvalue()
    assert "2 sessions, 2 abstracts; for 1 of them the gate asks" in out.getvalue()
    assert ArchiveState.objects.values().get() == before
    assert (released(casablanca), released(vancouver)) == ("09:00", "18:00")
    resolve_zones()
    assert "keep their instants until an embargo officer confirms" in resolve_zones("--check")


def test_the_command_line_confirms_with_reason_and_number(casablanca, vancouver, upgrade):
    upgrade()
    resolve_zones()
    with pytest.raises(CommandError, match="--expect 1"):
        resolve_zones("--reason", "Meant so")
    with pytest.raises(CommandError, match="--expect 1"):
        resolve_zones("--reason", "Meant so", "--expect", "2")
    assert released(vancouver) == "18:00"
    resolve_zones("--reason", "Meant so", "--expect", "1")
    assert released(vancouver) == "17:00"
    assert EmbargoRecord.objects.latest("number").reason == "Meant so"
    assert HeldChange.unfiltered.get().state == State.DECLINED


def test_what_officers_decline_is_not_proposed_again(vancouver, upgrade):
    upgrade()
    resolve_zones()
    held = HeldChange.unfiltered.get()
    client = officer()
    page = client.get(reverse("admin:abstracts_heldchange_decide", args=[held.pk]))
    answer(client, page, "decline", "Not before the press conference")
    out = resolve_zones()
    assert "have declined that" in out
    assert HeldChange.unfiltered.count() == 1
    assert released(vancouver) == "18:00"


def test_a_proposal_follows_what_has_changed_since(vancouver, upgrade):
    upgrade()
    resolve_zones()
    first = HeldChange.unfiltered.get()
    with zones_from(), gate.bypassing("a test", records=False):
        Meeting.objects.filter(pk=vancouver.meeting_id).update(is_published=False)
    resolve_zones()
    first.refresh_from_db()
    assert (first.state, first.answer) == (State.DECLINED, "Nothing is left to do.")


def test_an_unrelated_save_of_what_waits_asks_and_lifts_nothing(vancouver, upgrade):
    upgrade()
    resolve_zones()
    row = Abstract.unfiltered.get(pk=vancouver.pk)
    row.title = "A word corrected"
    with pytest.raises(gate.Refused), gate.deciding(gate.Decision(door="Edit")):
        row.save()
    assert released(vancouver) == "18:00"
    row = Session.objects.get(meeting=vancouver.meeting_id)
    row.place = "Hall 9"
    with pytest.raises(gate.Refused), gate.deciding(gate.Decision(door="Edit")):
        row.save()
    assert released(vancouver) == "18:00"


def test_unpublished_meetings_and_drafts_move_without_a_question(upgrade):
    date = dt.date(2031, 11, 15)
    unpublished = in_city("America/Vancouver", date, "U1", published=False)
    draft = in_city("America/Vancouver", date, "D1", draft=True)
    upgrade()
    resolve_zones()
    assert starts(unpublished) == "17:00"
    assert (released(draft), starts(draft)) == ("17:00", "17:00")
    assert not HeldChange.unfiltered.exists()


def test_what_is_public_already_is_not_hidden_by_new_data(casablanca, upgrade, monkeypatch):
    """By old data it was released at 9:00 UTC; the new data says 10:00."""
    from abstracts import clock

    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2031, 7, 10, 9, 30, tzinfo=dt.UTC))
    upgrade()
    resolve_zones()
    assert released(casablanca) == "09:00"
    assert HeldChange.unfiltered.get().effects["groups"][0]["kind"] == "hides"
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2031, 7, 10, 10, 30, tzinfo=dt.UTC))
    resolve_zones()
    assert released(casablanca) == "10:00"
    assert HeldChange.unfiltered.get().state == State.DECLINED


def test_older_data_than_the_archives_is_refused(casablanca, settings):
    ArchiveState.objects.update(zone_data="2999a")
    with pytest.raises(CommandError, match="2999a, which is newer"):
        resolve_zones()
    assert ArchiveState.objects.get().zone_data == "2999a"


def test_an_archive_that_does_not_know_its_data_learns_it(casablanca):
    ArchiveState.objects.update(zone_data="")
    with pytest.raises(CommandError):
        resolve_zones("--check")
    assert "data of an unknown release" in resolve_zones()
    assert ArchiveState.objects.get().zone_data == OLD


def test_an_empty_archive():
    ArchiveState.objects.all().delete()
    assert "The archive is empty." in resolve_zones()
    assert "The archive is empty." in resolve_zones("--check")
    assert not ArchiveState.objects.exists()


def test_overrides_and_news_embargoes_do_not_move_and_are_counted(casablanca):
    far = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    with gate.bypassing("a test", records=False):
        Abstract.unfiltered.update(override_released_from=far)
        Meeting.objects.update(news_embargo_at=far)
    assert "1 overrides of abstracts and 1 news embargoes of meetings" in resolve_zones()


def test_staff_who_change_meetings_resolve_in_the_admin_and_are_asked(casablanca, vancouver, upgrade):
    upgrade()
    client, address = officer(), reverse("admin:resolve_time_zones")
    index = " ".join(client.get(reverse("admin:index")).content.decode().split())
    assert "resolved with zone data 2025b, and this site runs with 2026f" in index
    assert f'<a href="{address}">Resolve them again</a>' in index
    page = client.get(address).content.decode()
    assert "resolved with zone data 2025b. This site runs with 2026f" in page
    response = client.post(address, follow=True)
    assert released(casablanca) == "09:00"
    answer(client, response, reason="New rules")
    assert (released(casablanca), released(vancouver)) == ("10:00", "17:00")
    assert "which this site runs with" in client.get(address).content.decode()
    assert "zone data" not in client.get(reverse("admin:index")).content.decode()
    viewer = Client()
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=groups.VIEWERS))
    viewer.force_login(user)
    assert viewer.get(address).status_code == viewer.post(address).status_code == 403


def test_the_form_of_a_session_saved_under_new_data_asks_for_what_comes_earlier(vancouver, upgrade):
    upgrade()
    session = Session.objects.get(meeting=vancouver.meeting_id)
    url = reverse("admin:abstracts_session_change", args=[session.pk])
    response = edit(officer(), url, "session_form", place="Hall 9")
    assert response.request["PATH_INFO"].endswith("/decide/")
    assert released(vancouver) == "18:00"
