"""Warnings about tiers and steps that may not do what was meant."""

import datetime as dt

import pytest
from django.urls import reverse

from tests import factories

from .looking import AT, a_meeting, a_tier, fixed, texts, the_warning

pytestmark = pytest.mark.django_db

OCTOBER_25 = fixed("everything", 10, 25)
SESSION_START = {"shows": "everything", "rule": "session_start"}


def an_abstract(tier, **fields):
    return factories.AbstractFactory(meeting=tier.meeting, tier=tier, **fields)


def presented(tier, count: int = 1, **session):
    """`count` abstracts of `tier` in one session."""
    session = factories.SessionFactory(meeting=tier.meeting, **session)
    rows = [an_abstract(tier) for _ in range(count)]
    for row in rows:
        factories.PresentationFactory(abstract=row, session=session)
    return rows


# Tiers that never release


def test_a_tier_without_steps_is_named_with_or_without_abstracts():
    tier = a_tier(a_meeting())
    assert texts(tier.meeting, "steps") == [
        "The tier “Regular” has no steps: nothing of its abstracts ever shows. It has no abstracts yet."
    ]
    an_abstract(tier, number="0007")
    warning = the_warning(tier.meeting, "steps")
    assert warning.text.endswith("It has 1 abstract.")
    assert warning.fix.url == reverse("admin:abstracts_embargotier_change", args=[tier.pk])
    assert [example.text for example in warning.examples] == ["0007"]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"shows": "everything", "rule": "held"}], ["is held: the text of its abstracts shows only once"]),
        ([fixed("number", 9, 1)], ["has no step for everything: the text of its abstracts never shows."]),
        ([OCTOBER_25], []),
        ([fixed("number", 9, 1), OCTOBER_25], []),
    ],
)
def test_a_tier_that_is_held_or_has_no_step_for_everything_is_named(steps, said):
    tier = a_tier(a_meeting(), *steps)
    an_abstract(tier)
    found = texts(tier.meeting, "steps")
    assert len(found) == len(said)
    assert all(part in text for part, text in zip(said, found, strict=True))


def test_abstracts_without_a_tier_and_an_override_are_named():
    meeting = a_meeting()
    row = factories.AbstractFactory(meeting=meeting, tier=None)
    assert texts(meeting, "steps") == ["Never released, as they have no embargo tier and no override: 1 abstract."]
    row.override_released_from = dt.datetime(2030, 10, 25, tzinfo=dt.UTC)
    row.save()
    assert texts(meeting, "steps") == []


def test_drafts_and_what_is_released_are_left_alone():
    meeting = a_meeting()
    factories.AbstractFactory(meeting=meeting, tier=None, draft=True)
    factories.AbstractFactory(meeting=meeting, tier=None, override_released_from=factories.LONG_AGO)
    assert texts(meeting, "steps") == []


def test_an_unpublished_meeting_is_looked_at_as_if_it_were_published():
    meeting = a_meeting(is_published=False)
    tier = a_tier(meeting, SESSION_START)
    an_abstract(tier)
    assert len(texts(meeting, "data")) == 1
    other = a_tier(a_meeting(is_published=False), OCTOBER_25)
    an_abstract(other)
    assert texts(other.meeting, "data") == texts(other.meeting, "steps") == []


# Data that rules need


@pytest.mark.parametrize(
    ("rule", "without", "reason"),
    [
        ("session_start", {"start_time": None, "end_time": None}, "they have no session with a start"),
        ("session_end", {"end_time": None}, "they have no session with an end"),
        ("session_day", {"date": None, "start_time": None, "end_time": None}, "they have no session with a date"),
    ],
)
def test_a_session_without_the_time_of_the_rule_is_counted(rule, without, reason):
    time = {"time": dt.time(9)} if rule == "session_day" else {}
    tier = a_tier(a_meeting(), {"shows": "everything", "rule": rule, **time}, decides="first")
    presented(tier)
    assert texts(tier.meeting, "data") == []
    presented(tier, 2, **without)
    warning = the_warning(tier.meeting, "data")
    assert f"of the tier “Regular” gives no instant for 2 abstracts, because {reason}." in warning.text
    assert len(warning.examples) == 2
    assert f"meeting__id__exact={tier.meeting_id}" in warning.fix.url


@pytest.mark.parametrize(("rule", "edge"), [("talk_start", "start"), ("talk_end", "end")])
def test_a_talk_without_times_of_its_own_is_counted(rule, edge):
    tier = a_tier(a_meeting(), {"shows": "everything", "rule": rule})
    (row,) = presented(tier)
    assert f"because they have no {edge} of their own talk (all of" in texts(tier.meeting, "data")[0]
    presentation = factories.PresentationFactory._meta.model.unfiltered.get(abstract=row)
    presentation.start_time, presentation.end_time = dt.time(11), dt.time(11, 15)
    presentation.save()
    assert texts(tier.meeting, "data") == []


def test_the_last_of_several_presentations_needs_all_of_them_and_a_type_one_of_it():
    tier = a_tier(a_meeting(), SESSION_START)
    (row,) = presented(tier)
    timeless = factories.SessionFactory(meeting=tier.meeting, start_time=None, end_time=None, type="Oral")
    factories.PresentationFactory(abstract=row, session=timeless)
    assert "(all of their presentations need one, as the last decides)" in texts(tier.meeting, "data")[0]
    tier.decides, tier.decides_type = "first_of_type", "Oral"
    tier.save()
    assert "no session with a start of the type “Oral”" in texts(tier.meeting, "data")[0]
    tier.decides_type = "Poster Session"
    tier.save()
    assert texts(tier.meeting, "data") == []


@pytest.mark.parametrize(("rule", "day"), [("first_day", "starts_on"), ("last_day", "ends_on")])
def test_a_rule_by_a_day_that_the_meeting_lacks_is_named_before_there_are_abstracts(rule, day):
    step = {"shows": "everything", "rule": rule, "time": dt.time(9)}
    tier = a_tier(a_meeting(starts_on=None, ends_on=None), step)
    name = rule.replace("_", " ")
    assert texts(tier.meeting, "data") == [
        f"“Everything: 9:00 AM on the {name} of the meeting” of the tier “Regular” never comes, "
        f"because the meeting has no {name}."
    ]
    tier = a_tier(a_meeting(), step)
    assert texts(tier.meeting, "data") == []


def test_an_override_that_releases_needs_no_data():
    tier = a_tier(a_meeting(), SESSION_START)
    row = an_abstract(tier)
    assert len(texts(tier.meeting, "data")) == 1
    row.override_released_from = dt.datetime(2030, 10, 25, tzinfo=dt.UTC)
    row.save()
    assert texts(tier.meeting, "data") == []


# Steps that change nothing


def test_a_step_after_a_higher_one_is_counted():
    tier = a_tier(a_meeting(), fixed("listing", 10, 24, 11), SESSION_START)
    presented(tier, 2)
    presented(tier, date=dt.date(2030, 10, 25))
    warning = the_warning(tier.meeting, "order")
    assert (
        "“Title, byline and keywords: Oct 24, 2030, 11:00 AM” of the tier “Regular” changes nothing for 2"
        in warning.text
    )
    factories.change_step(tier, "listing", time=dt.time(10, 30))
    assert texts(tier.meeting, "order") == []


def test_an_override_that_comes_first_is_meant():
    tier = a_tier(a_meeting(), fixed("listing", 10, 1), OCTOBER_25)
    an_abstract(tier, override_released_from=dt.datetime(2030, 9, 1, tzinfo=dt.UTC))
    assert texts(tier.meeting, "order") == []


# News


def test_news_before_the_text_is_named_with_who_says_so():
    meeting = a_meeting(news_embargo_at=dt.datetime(2030, 10, 25, 14, 59, tzinfo=dt.UTC))
    tier = a_tier(meeting, OCTOBER_25)
    an_abstract(tier)
    warning = the_warning(meeting, "news")
    assert warning.text == (
        "The meeting's news embargo ends at Oct 25, 2030, 9:59 AM CDT (Oct 25, 2030, 2:59 PM UTC), before the text of "
        "1 abstract is released."
    )
    assert warning.fix.url == reverse("admin:abstracts_meeting_change", args=[meeting.pk])
    factories.change_step(tier, "news", rule="fixed", date=dt.date(2030, 10, 25), time=dt.time(9))
    warning = the_warning(meeting, "news")
    assert warning.text.startswith("The news embargo of the tier “Regular” ends at Oct 25, 2030, 9:00 AM CDT")
    assert warning.fix.url == reverse("admin:abstracts_embargotier_change", args=[tier.pk])
    factories.change_step(tier, "news", time=dt.time(10))
    assert texts(meeting, "news") == []


def test_news_at_the_instant_of_the_text_are_in_order():
    meeting = a_meeting(news_embargo_at=dt.datetime(2030, 10, 25, 15, tzinfo=dt.UTC))
    an_abstract(a_tier(meeting, OCTOBER_25))
    assert texts(meeting, "news") == []


def test_news_of_withdrawn_abstracts_wait_for_no_text():
    meeting = a_meeting(news_embargo_at=AT)
    an_abstract(a_tier(meeting, OCTOBER_25), withdrawn=True)
    assert texts(meeting, "news") == []
