"""Steps of embargo tiers: what a form may say, and which presentation decides."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from abstracts.models import Abstract, EmbargoStep
from tests.factories import (
    AbstractFactory,
    MeetingFactory,
    PresentationFactory,
    SessionFactory,
    TierFactory,
    change_step,
)

pytestmark = pytest.mark.django_db

DAY = dt.date(2031, 10, 24)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rule": "fixed", "time": dt.time(9)}, "date"),
        ({"rule": "fixed", "date": DAY}, "time"),
        ({"rule": "session_day"}, "time"),
        ({"rule": "first_day"}, "time"),
        ({"rule": "last_day"}, "time"),
        ({"rule": "session_start", "date": DAY}, "date"),
        ({"rule": "talk_end", "time": dt.time(9)}, "time"),
        ({"rule": "fixed", "date": DAY, "time": dt.time(9), "minutes": 5}, "minutes"),
        ({"rule": "held", "minutes": -5}, "minutes"),
        ({"rule": "session_start", "minutes": 60 * 24 * 400}, "minutes"),
        ({"rule": "held", "timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_clean_says_what_is_missing_and_what_is_not_used(fields, field):
    step = EmbargoStep(tier=TierFactory(steps=[]), shows="everything", **fields)
    with pytest.raises(ValidationError) as error:
        step.full_clean()
    assert field in error.value.message_dict


def test_a_tier_that_names_a_type_of_session_says_which():
    tier = TierFactory(decides="first_of_type")
    with pytest.raises(ValidationError, match="which type"):
        tier.clean()
    tier.decides, tier.decides_type = "last", "Oral"
    with pytest.raises(ValidationError, match="not used"):
        tier.clean()


def release(abstract: Abstract) -> str:
    instant = Abstract.unfiltered.get(pk=abstract.pk).released_from
    return f"{instant:%d %H:%M}" if instant else ""


@pytest.fixture
def twice():
    """A poster on the 24th at 10:30, an oral on the 26th at 14:00 with a talk at 14:45; at its session's start."""
    meeting = MeetingFactory(year=2031, timezone="UTC")
    abstract = AbstractFactory(meeting=meeting, tier=TierFactory(meeting=meeting, release_rule="session_start"))
    poster = SessionFactory(meeting=meeting, type="Poster Session", date=DAY)
    oral = SessionFactory(
        meeting=meeting, type="Oral", date=dt.date(2031, 10, 26), start_time=dt.time(14), end_time=None
    )
    PresentationFactory(abstract=abstract, session=poster)
    PresentationFactory(abstract=abstract, session=oral, start_time=dt.time(14, 45))
    return abstract


@pytest.mark.parametrize(
    ("decides", "type", "expected"),
    [
        ("first", "", "24 10:30"),
        ("last", "", "26 14:00"),
        ("first_of_type", "oral", "26 14:00"),
        ("first_of_type", "Plenary", ""),
    ],
)
def test_the_presentation_that_the_tier_names_decides(twice, decides, type, expected):
    twice.tier.decides, twice.tier.decides_type = decides, type
    twice.tier.save()
    assert release(twice) == expected


def test_a_new_tier_takes_the_last_presentation():
    assert MeetingFactory().tiers.create(name="New").decides == "last"


@pytest.mark.parametrize(("decides", "expected"), [("first", "26 14:00"), ("last", "")])
def test_where_a_time_is_unknown_the_last_is_unknown(twice, decides, expected):
    twice.tier.decides = decides
    twice.tier.save()
    session = SessionFactory.create(meeting=twice.meeting, date=DAY, start_time=None, end_time=None)
    type(session).objects.filter(type="Poster Session").update(start_time=None, end_time=None)
    assert release(twice) == expected


def test_the_talk_decides_and_not_its_session(twice):
    change_step(twice.tier, rule="talk_start")
    assert release(twice) == "26 14:45"
    change_step(twice.tier, minutes=-15)
    assert release(twice) == "26 14:30"
    change_step(twice.tier, rule="talk_end", minutes=0)
    assert release(twice) == ""


@pytest.mark.parametrize(
    ("start", "end", "rule", "expected"),
    [
        (dt.time(23, 30), dt.time(23, 45), "talk_end", "24 23:45"),
        (dt.time(23, 50), dt.time(0, 5), "talk_end", "25 00:05"),
        (dt.time(0, 20), dt.time(0, 35), "talk_start", "25 00:20"),
        (dt.time(0, 20), dt.time(0, 35), "talk_end", "25 00:35"),
        (None, None, "session_end", "25 01:00"),
        # Too long after midnight to belong to the night: it is a slip, and the day is that of the session.
        (dt.time(9), None, "talk_start", "24 09:00"),
    ],
)
def test_talks_after_midnight_are_on_the_next_day(start, end, rule, expected):
    meeting = MeetingFactory(year=2031, timezone="UTC")
    abstract = AbstractFactory(meeting=meeting, tier=TierFactory(meeting=meeting, release_rule=rule))
    late = SessionFactory(meeting=meeting, date=DAY, start_time=dt.time(22, 30), end_time=dt.time(1))
    PresentationFactory(abstract=abstract, session=late, start_time=start, end_time=end)
    assert release(abstract) == expected


def test_the_last_day_of_a_meeting_that_has_none_is_unknown():
    meeting = MeetingFactory(year=2031, timezone="UTC", ends_on=None)
    tier = TierFactory(meeting=meeting, release_rule="last_day")
    assert release(AbstractFactory(meeting=meeting, tier=tier)) == ""
    meeting.ends_on = dt.date(2031, 10, 29)
    meeting.save()
    assert release(Abstract.unfiltered.get()) == "29 09:00"
