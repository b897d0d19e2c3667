"""The iCalendar file, read back by two readers: a strict one of our own (`rfc5545`), and the library's."""

import datetime as dt

import icalendar
import pytest

from abstracts import reading
from abstracts.models import Abstract, Presentation, Session
from abstracts.visibility import ANONYMOUS, Status
from accounts.favorites.calendars import calendar_of
from tests.accounts import rfc5545
from tests.accounts.favorites.test_program import DAY, october_meeting, saved, session
from tests.factories import LONG_AGO, AbstractFactory, PresentationFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return october_meeting()


def file(name="Invented: my program"):
    rows = Abstract.objects.visible_to(ANONYMOUS, dt.datetime.now(dt.UTC)).select_related("meeting").order_by("pk")
    added = dict.fromkeys(Abstract.unfiltered.values_list("pk", flat=True), LONG_AGO)
    return calendar_of(reading.rows(rows), added, name, "Invented, Inc.; Archive", "https://abstracts.example.org")


def events():
    content = file()
    found = rfc5545.events(rfc5545.read(content))
    theirs = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert [str(event["uid"]) for event in theirs] == [event["UID"] for event in found]
    return found


def event():
    (found,) = events()
    return found


def test_an_event_says_what_where_and_when(meeting):
    where = session(meeting, title="Vasculitis; ANCA, and more", place="Hall 4, Level 2", type="Oral")
    abstract = saved(where, "09:15", "09:30", number="2670", title="Is 5 > 3, or\\not; <i>in vivo</i>?")
    found = event()
    assert found.text("SUMMARY") == "2670 Is 5 > 3, or\\not; in vivo?"
    assert found.text("LOCATION") == "Hall 4, Level 2"
    address = f"https://abstracts.example.org{abstract.get_absolute_url()}"
    assert found["URL"] == address
    assert found.text("DESCRIPTION") == f"Vasculitis; ANCA, and more (Oral)\n{meeting.name}\n{address}"
    assert found.instant("DTSTART") == dt.datetime(2026, 10, 31, 14, 15, tzinfo=dt.UTC)
    assert found.instant("DTEND") == dt.datetime(2026, 10, 31, 14, 30, tzinfo=dt.UTC)
    assert found["STATUS"] == "CONFIRMED"
    assert found["UID"] == f"{abstract.key}-{where.slug}@abstracts.example.org"


def test_times_are_right_on_both_sides_of_a_change_of_clocks(meeting):
    """Clocks in Chicago went back on November 1, 2026, at 2:00."""
    for date in (DAY, DAY + dt.timedelta(1)):
        saved(session(meeting, "10:30", "12:30", date=date))
    starts = [found.instant("DTSTART") for found in events()]
    assert starts == [dt.datetime(2026, 10, 31, 15, 30, tzinfo=dt.UTC), dt.datetime(2026, 11, 1, 16, 30, tzinfo=dt.UTC)]


def test_a_session_over_the_change_of_clocks_is_an_hour_longer(meeting):
    saved(session(meeting, "23:00", "03:00"))
    found = event()
    assert found.instant("DTEND") - found.instant("DTSTART") == dt.timedelta(hours=5)


def test_a_moved_session_is_the_same_event_at_another_time_and_a_later_version(meeting):
    where = session(meeting)
    saved(where)
    before = event()
    where.refresh_from_db()
    where.start_time, where.end_time = dt.time(16), dt.time(17)
    where.save()
    after = event()
    assert after["UID"] == before["UID"]
    assert after.instant("DTSTART") == dt.datetime(2026, 10, 31, 21, tzinfo=dt.UTC)
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after.instant("DTSTAMP") >= before.instant("DTSTAMP")
    assert after["LAST-MODIFIED"] == after["DTSTAMP"]


def test_the_file_is_the_same_as_long_as_nothing_changed(meeting):
    saved(session(meeting))
    assert file() == file()


def test_a_withdrawn_abstract_is_cancelled_a_retracted_one_took_place(meeting):
    abstract = saved(session(meeting), status=Status.WITHDRAWN, status_note="Why.")
    assert event()["STATUS"] == "CANCELLED"
    Abstract.unfiltered.filter(pk=abstract.pk).update(status=Status.RETRACTED)
    assert event()["STATUS"] == "CONFIRMED"


def test_event_without_a_time_is_an_all_day_event_shown_as_free(meeting):
    saved(session(meeting, "", ""))
    found = event()
    assert found["DTSTART"] == "20261031"
    assert found["TRANSP"] == "TRANSPARENT"
    assert found.get("DTEND") is None


def test_a_start_without_an_end(meeting):
    saved(session(meeting, "09:00", ""))
    assert event().get("DTEND") is None


def test_undated_items_are_left_out_and_an_empty_calendar_is_valid(meeting):
    saved(session(meeting, "", "", date=None))
    assert events() == []


def test_an_abstract_in_two_sessions_is_two_events(meeting):
    abstract = saved(session(meeting))
    PresentationFactory(abstract=abstract, session=session(meeting, "15:00", "16:00"))
    assert len(events()) == 2


def test_calendar_holds_only_what_the_public_may_see(meeting):
    for state in ("embargoed", "draft", "shell", "listing"):
        abstract = AbstractFactory(**{state: True}, number=f"N-{state}", title=f"Title {state}")
        where = SessionFactory(meeting=abstract.meeting)
        Presentation.unfiltered.create(abstract=abstract, session=where, position=1)
    summaries = {found.text("SUMMARY") for found in events()}
    assert summaries == {"Abstract N-shell", "N-listing Title listing"}
    content = file().replace(b"\r\n ", b"").decode()
    assert "title-shell" not in content
    assert "Title shell" not in content
    assert "embargoed" not in content


def test_long_lines_of_any_alphabet_are_folded_between_characters(meeting):
    title = "Rheumatoide Arthritis: µ ≥ β — " + "リウマチ学会抄録" * 20
    saved(session(meeting, title="Ω" * 200), number="1", title=title)
    assert event().text("SUMMARY") == f"1 {title}"


def test_control_characters_do_not_break_the_file(meeting):
    where = session(meeting)
    saved(where, number="1")
    Session.objects.filter(pk=where.pk).update(title="One\r\nX-EVIL:1\x0bTwo", place="Hall\n4")
    found = event()
    assert found.get("X-EVIL") is None
    assert found.text("DESCRIPTION").startswith("One X-EVIL:1 Two (")
    assert found.text("LOCATION") == "Hall 4"
