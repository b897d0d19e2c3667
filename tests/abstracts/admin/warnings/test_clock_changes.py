"""Releases in a night in which clocks change, stated as they will happen. Chicago: November 3 and March 10, 2030."""

import datetime as dt

import pytest

from tests import factories

from .looking import AT, a_meeting, a_tier, fixed, texts

pytestmark = pytest.mark.django_db

BEFORE_SPRING = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def utc(*args) -> dt.datetime:
    return dt.datetime(*args, tzinfo=dt.UTC)


def test_a_time_that_comes_twice_is_the_second():
    tier = a_tier(a_meeting(), fixed("everything", 11, 3, 1, 30))
    assert texts(tier.meeting, "clocks") == [
        "1:30 AM on Nov 3, 2030 occurs twice; “Everything” of the tier “Regular” comes at the second, Nov 3, 2030, "
        "1:30 AM CST (Nov 3, 2030, 7:30 AM UTC)."
    ]


def test_a_time_that_never_comes_is_later():
    tier = a_tier(a_meeting(), fixed("everything", 3, 10, 2, 30))
    assert texts(tier.meeting, "clocks", BEFORE_SPRING) == [
        "2:30 AM on Mar 10, 2030 never comes, because clocks jump over it; “Everything” of the tier “Regular” comes at "
        "Mar 10, 2030, 3:30 AM CDT (Mar 10, 2030, 8:30 AM UTC)."
    ]
    assert texts(tier.meeting, "clocks", AT) == [], "it is over"


@pytest.mark.parametrize(
    "step",
    [
        fixed("everything", 11, 3, 0, 59),
        fixed("everything", 11, 3, 2),
        fixed("everything", 11, 2, 1, 30),
        fixed("everything", 11, 3, 1, 30, timezone="Europe/Berlin"),
    ],
)
def test_other_times_are_in_order(step):
    assert texts(a_tier(a_meeting(), step).meeting, "clocks") == []


def test_the_zone_of_the_step_decides():
    step = fixed("everything", 10, 27, 2, 30, timezone="Europe/Berlin")
    (text,) = texts(a_tier(a_meeting(), step).meeting, "clocks")
    assert text.startswith("2:30 AM on Oct 27, 2030 occurs twice;")
    assert text.endswith("at the second, Oct 27, 2030, 2:30 AM CET (Oct 27, 2030, 1:30 AM UTC).")


@pytest.mark.parametrize("rule", ["first_day", "last_day"])
def test_a_time_on_a_day_of_the_meeting(rule):
    meeting = a_meeting(starts_on=dt.date(2030, 11, 3), ends_on=dt.date(2030, 11, 3))
    a_tier(meeting, {"shows": "everything", "rule": rule, "time": dt.time(1, 15)})
    assert len(texts(meeting, "clocks")) == 1


def in_session(tier, **session):
    row = factories.AbstractFactory(meeting=tier.meeting, tier=tier)
    session = factories.SessionFactory(meeting=tier.meeting, **session)
    factories.PresentationFactory(abstract=row, session=session)
    return row


def test_a_time_on_the_day_of_a_session():
    tier = a_tier(a_meeting(), {"shows": "everything", "rule": "session_day", "time": dt.time(1, 30)})
    in_session(tier, date=dt.date(2030, 11, 2))
    assert texts(tier.meeting, "clocks") == []
    in_session(tier, date=dt.date(2030, 11, 3))
    assert len(texts(tier.meeting, "clocks")) == 1


def test_minutes_after_a_session_may_be_at_the_first_of_two_times():
    tier = a_tier(a_meeting(), {"shows": "everything", "rule": "session_start", "minutes": 60})
    in_session(tier, date=dt.date(2030, 11, 3), start_time=dt.time(0, 30), end_time=dt.time(0, 45))
    (text,) = texts(tier.meeting, "clocks")
    assert text.endswith("comes at the first, Nov 3, 2030, 1:30 AM CDT (Nov 3, 2030, 6:30 AM UTC).")


def test_a_session_that_clocks_jump_over():
    tier = a_tier(a_meeting(), {"shows": "everything", "rule": "session_start"})
    in_session(tier, date=dt.date(2030, 3, 10), start_time=dt.time(2, 30), end_time=None, title="Night Owls")
    (text,) = texts(tier.meeting, "clocks", BEFORE_SPRING)
    assert "2:30 AM on Mar 10, 2030 never comes" in text
    assert "the session “Night Owls” starts at Mar 10, 2030, 3:30 AM CDT" in text
    factories.change_step(tier, rule="fixed", date=dt.date(2030, 10, 25), time=dt.time(9))
    assert texts(tier.meeting, "clocks", BEFORE_SPRING) == [], "it decides about no release"


def test_overrides_and_the_news_embargo():
    meeting = a_meeting(news_embargo_at=utc(2030, 11, 3, 6, 30))
    row = factories.AbstractFactory(meeting=meeting, tier=None, override_released_from=utc(2030, 11, 3, 7, 30))
    news, release = sorted(texts(meeting, "clocks"), key=lambda text: "override" in text)
    assert "the meeting's news embargo ends at the first, Nov 3, 2030, 1:30 AM CDT" in news
    assert "the override of 1 abstract releases it at the second, Nov 3, 2030, 1:30 AM CST" in release
    row.override_released_from = meeting.news_embargo_at = utc(2030, 11, 3, 8)
    row.save()
    meeting.save()
    assert texts(meeting, "clocks") == []
