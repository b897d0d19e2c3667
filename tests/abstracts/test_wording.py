"""Wording is pure: no database is touched here."""

import datetime as dt

import pytest

from abstracts import wording
from abstracts.models import Abstract, Meeting, Session
from abstracts.reading import Slot

CHICAGO = Meeting(timezone="America/Chicago", year=2025, starts_on=dt.date(2025, 10, 24))


def session(**fields):
    base = {
        "meeting": CHICAGO,
        "date": dt.date(2025, 10, 26),
        "start_time": dt.time(10, 30),
        "end_time": dt.time(12, 30),
    }
    return Session(**(base | fields))


def test_day():
    assert wording.day(dt.date(2025, 10, 26)) == "Sunday, October 26, 2025"
    assert wording.day(None) == ""


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "10:30 AM–12:30 PM CDT"),
        ({"end_time": None}, "10:30 AM CDT"),
        ({"date": dt.date(2025, 12, 1)}, "10:30 AM–12:30 PM CST"),
        ({"start_time": None}, ""),
        ({"date": None}, ""),
        ({"meeting": Meeting(timezone="Asia/Dubai", year=2025)}, "10:30 AM–12:30 PM UTC+04"),
    ],
)
def test_session_time(fields, text):
    assert wording.session_time(session(**fields)) == text


def test_slot_time_prefers_the_presentations_own():
    assert wording.slot_time(Slot(session(), "", 0, dt.time(11, 45), dt.time(12))) == "11:45 AM–12:00 PM CDT"
    assert wording.slot_time(Slot(session(), "", 0, None, None)) == "10:30 AM–12:30 PM CDT"


def test_release_is_told_in_the_meetings_zone():
    abstract = Abstract(meeting=CHICAGO, released_from=dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC))
    assert wording.pending_line(abstract) == "Details will be released on October 25, 2025, 10:00 AM CDT"
    assert wording.embargo_line(abstract) == "EMBARGOED UNTIL October 25, 2025, 10:00 AM CDT"


def test_an_unknown_release_is_not_invented():
    abstract = Abstract(meeting=CHICAGO, released_from=None)
    assert wording.pending_line(abstract) == "Details will be released later"
    assert wording.embargo_line(abstract) == "EMBARGOED: no release time is set"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ((2025, 10, 24), (2025, 10, 29), "October 24–29, 2025"),
        ((2025, 10, 30), (2025, 11, 2), "October 30 – November 2, 2025"),
        ((2025, 12, 30), (2026, 1, 2), "December 30, 2025 – January 2, 2026"),
        ((2025, 10, 24), (2025, 10, 24), "October 24, 2025"),
        ((2025, 10, 24), None, "October 24, 2025"),
        (None, None, "2025"),
    ],
)
def test_meeting_dates(first, last, text):
    meeting = Meeting(year=2025, starts_on=first and dt.date(*first), ends_on=last and dt.date(*last))
    assert wording.meeting_dates(meeting) == text


@pytest.mark.parametrize(
    ("city", "virtual", "text"),
    [
        ("Springfield", False, "Springfield"),
        ("Springfield", True, "Springfield and virtual"),
        ("", True, "Virtual"),
        ("", False, ""),
    ],
)
def test_place(city, virtual, text):
    assert wording.place_of(Meeting(city=city, is_virtual=virtual)) == text
