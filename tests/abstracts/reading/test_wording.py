"""Wording needs no database."""

import datetime as dt

import pytest
from django.utils import translation

from abstracts.models import Abstract, Meeting, Session
from abstracts.reading import Slot, wording

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


def test_release_time_is_in_the_meetings_zone():
    abstract = Abstract(meeting=CHICAGO, released_from=dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC))
    assert wording.pending_line(abstract) == "Details will be released on October 25, 2025, 10:00 AM CDT"
    assert wording.embargo_line(abstract) == "EMBARGOED UNTIL October 25, 2025, 10:00 AM CDT"


def test_unknown_release_time():
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


@pytest.fixture
def spanish():
    with translation.override("es"):
        yield


@pytest.mark.usefixtures("spanish")
def test_times_in_spanish():
    abstract = Abstract(meeting=CHICAGO, released_from=dt.datetime(2025, 10, 25, 15, tzinfo=dt.UTC))
    assert wording.day(dt.date(2025, 10, 26)) == "domingo, 26 de octubre de 2025"
    assert wording.session_time(session()) == "10:30–12:30 CDT"
    assert wording.short_day(session()) == "dom 26 oct, 10:30"
    assert wording.embargo_line(abstract) == "BAJO EMBARGO HASTA EL 25 de octubre de 2025, 10:00 CDT"
    assert wording.pending_line(abstract) == "Los detalles se publicarán el 25 de octubre de 2025, 10:00 CDT"


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ((2025, 10, 24), (2025, 10, 29), "24–29 de octubre de 2025"),
        ((2025, 10, 30), (2025, 11, 2), "30 de octubre – 2 de noviembre de 2025"),
        ((2025, 12, 30), (2026, 1, 2), "30 de diciembre de 2025 – 2 de enero de 2026"),
        ((2025, 10, 24), (2025, 10, 24), "24 de octubre de 2025"),
        (None, None, "2025"),
    ],
)
def test_meeting_dates_in_spanish(first, last, text):
    meeting = Meeting(year=2025, starts_on=first and dt.date(*first), ends_on=last and dt.date(*last))
    assert wording.meeting_dates(meeting) == text


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 0, "0 abstracts"),
        ("en", 1, "1 abstract"),
        ("en", 2670, "2,670 abstracts"),
        ("es", 0, "0 resúmenes"),
        ("es", 1, "1 resumen"),
        ("es", 2670, "2\xa0670 resúmenes"),
    ],
)
def test_counts(language, count, text):
    with translation.override(language):
        assert wording.abstracts(count) == text


def test_numbered():
    assert wording.numbered(Abstract(number="L17")) == "Abstract L17"
    assert wording.numbered(Abstract(number=None)) == "Abstract"


def test_status_line():
    assert wording.status_line(Abstract(status="retracted")) == "This abstract has been retracted."
    assert wording.status_line(Abstract(status="published")) == ""
