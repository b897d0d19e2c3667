"""Forms refuse what makes no sense, and say what may be a slip."""

import datetime as dt

import pytest
from django.urls import reverse

from abstracts.models import Abstract
from abstracts.visibility import Level
from tests import factories

from .posting import edit

pytestmark = pytest.mark.django_db


def send(client, row, **fields):
    """Edit the form of `row`; (the errors, the messages)."""
    url = reverse(f"admin:abstracts_{row._meta.model_name}_change", args=[row.pk])
    response = edit(client, url, f"{row._meta.model_name}_form", **fields)
    errors = " ".join(map(str, response.context.get("errors") or []))
    return errors, " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def meeting():
    return factories.MeetingFactory(
        timezone="America/Chicago", year=2030, starts_on=dt.date(2030, 10, 24), ends_on=dt.date(2030, 10, 29)
    )


# Refused


@pytest.mark.parametrize(("start", "end"), [("14:30", "10:00"), ("11:30", "01:30"), ("20:00", "02:01")])
def test_session_that_ends_before_it_starts_is_refused(boss, meeting, start, end):
    session = factories.SessionFactory(meeting=meeting)
    errors, _ = send(boss, session, start_time=start, end_time=end)
    assert f"The session ends at {end}, before it starts at {start} (over midnight it lasts six hours" in errors
    session.refresh_from_db()
    assert session.start_time == dt.time(10, 30)


def test_session_over_midnight_is_stored_and_said(boss, meeting):
    session = factories.SessionFactory(meeting=meeting)
    errors, said = send(boss, session, start_time="22:00", end_time="00:30")
    assert errors == ""
    assert "The session ends on the next day, 2030-10-25, at 00:30." in said
    session.refresh_from_db()
    assert session.ends_at - session.starts_at == dt.timedelta(hours=2.5)


def test_presentation_that_ends_before_it_starts_is_refused_in_both_forms(boss):
    row = factories.PresentationFactory()
    times = {"presentation-0-start_time": "11:30", "presentation-0-end_time": "11:15"}
    for form in (row.abstract, row.session):
        errors, _ = send(boss, form, **times)
        assert "It ends at 11:15, before it starts at 11:30" in errors
    errors, _ = send(boss, row.session, **times | {"presentation-0-end_time": "11:45"})
    assert errors == ""


def listing_of(tier, **fields) -> dict[str, str]:
    """The fields that add a step for the listing to the form of `tier`, which has one step."""
    step = {"shows": "listing", "rule": "fixed", "minutes": "0", **fields}
    return {"embargostep-TOTAL_FORMS": "2"} | {f"embargostep-1-{name}": value for name, value in step.items()}


def test_tier_that_lists_after_it_releases_is_refused(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, release_date=dt.date(2030, 10, 1), release_time=dt.time(9))
    errors, _ = send(boss, tier, **listing_of(tier, date="2030-10-01", time="09:00:01"))
    assert "It would show later than “Everything”, which contains it." in errors
    errors, _ = send(boss, tier, **listing_of(tier, date="2030-10-01", time="09:00"))
    assert errors == ""
    # The steps come in the order in which an abstract goes through them: everything is the second.
    errors, _ = send(boss, tier, **{"embargostep-1-time": "08:59"})
    assert "It would show later than “Everything”, which contains it." in errors


def test_steps_are_compared_in_their_own_zones_to_the_instant(boss, meeting):
    # Clocks in Chicago show 1:30 twice on this day; the later one counts for both.
    at = {"release_date": dt.date(2030, 11, 3), "release_time": dt.time(1, 30)}
    tier = factories.TierFactory(meeting=meeting, **at)
    listing = {"date": "2030-11-03", "time": "01:30"}
    errors, _ = send(boss, tier, **listing_of(tier, **listing))
    assert errors == ""
    errors, _ = send(boss, tier, **{"embargostep-0-timezone": "America/Los_Angeles"})
    assert "It would show later than" in errors
    errors, _ = send(boss, tier, **{"embargostep-0-timezone": "Nowhere/Else"})
    assert "is not a time zone" in errors


def test_override_that_lists_after_release_is_refused(boss, meeting):
    tier = factories.TierFactory(meeting=meeting, release_date=dt.date(2030, 10, 1))
    abstract = factories.AbstractFactory(meeting=meeting, tier=tier)
    level = {"override_listing_level": str(Level.LISTED.value)}
    late = {"override_listed_from_0": "2030-10-02", "override_listed_from_1": "09:00"}
    errors, _ = send(boss, abstract, **level, **late)
    assert "It would be listed after it is released." in errors
    released = {"override_released_from_0": "2030-10-02", "override_released_from_1": "08:00"}
    errors, _ = send(boss, abstract, **level, **late, **released)
    assert "It would be listed after it is released." in errors
    errors, _ = send(boss, abstract, **level, **late, **released | {"override_released_from_1": "10:00"})
    assert errors == ""


def test_override_with_an_instant_but_nothing_that_shows_is_refused(boss, meeting):
    abstract = factories.AbstractFactory(meeting=meeting)
    at = {"override_listed_from_0": "2019-01-01", "override_listed_from_1": "09:00"}
    errors, _ = send(boss, abstract, **at)
    assert "Say what shows from then on" in errors


def test_published_abstract_with_a_note_is_refused(boss):
    abstract = factories.AbstractFactory(status="corrected", status_note="A number was wrong.")
    errors, _ = send(boss, abstract, status="published")
    assert "A published abstract has no note: clear it, or choose Corrected" in errors
    assert Abstract.unfiltered.get().status == "corrected"
    errors, _ = send(boss, abstract, status="published", status_note="")
    assert errors == ""


# Said


def test_session_outside_the_meetings_days_is_said(boss, meeting):
    session = factories.SessionFactory(meeting=meeting)
    _, said = send(boss, session, date="2031-10-25")
    assert "The session is on 2031-10-25, outside the meeting's days (2030-10-24 to 2030-10-29)." in said
    _, said = send(boss, session, date="2030-10-29")
    assert "outside" not in said


def test_moved_meeting_says_how_many_sessions_it_leaves_behind(boss, meeting):
    factories.SessionFactory.create_batch(2, meeting=meeting)
    _, said = send(boss, meeting, starts_on="2030-11-24", ends_on="2030-11-29")
    assert "Sessions outside the meeting's days (2030-11-24 to 2030-11-29): 2." in said


def test_news_embargo_far_from_the_meeting_is_said(boss, meeting):
    until = {"news_embargo_at_0": "2031-10-26", "news_embargo_at_1": "09:00"}
    _, said = send(boss, meeting, **until)
    assert "The news embargo ends on 2031-10-26, far from the meeting's days" in said
    _, said = send(boss, meeting, **until | {"news_embargo_at_0": "2030-10-26"})
    assert "far from" not in said


@pytest.mark.parametrize(
    ("date", "words"),
    [("2031-10-20", "is on 2031-10-20, far from the meeting's days"), ("2030-10-19", "")],
)
def test_a_step_far_from_the_meeting_is_said(boss, meeting, date, words):
    tier = factories.TierFactory(meeting=meeting, release_date=dt.date(2030, 10, 20))
    _, said = send(boss, tier, **{"embargostep-0-date": date})
    assert words in said
    assert "far from" not in said or words


def test_number_of_another_tier_is_said(boss, meeting):
    late = factories.TierFactory(meeting=meeting, name="Late", number_prefixes="LB")
    tier = factories.TierFactory(meeting=meeting, name="Regular")
    abstract = factories.AbstractFactory(meeting=meeting, tier=tier, number="LB24")
    _, said = send(boss, abstract, doi="10.1002/x")
    assert "Numbers like LB24 belong to the embargo tier “Late”; it has “Regular”." in said
    _, said = send(boss, abstract, tier=str(late.pk))
    assert "belong to" not in said


def test_override_far_from_the_meeting_is_said(boss, meeting):
    abstract = factories.AbstractFactory(meeting=meeting, embargoed=True)
    at = {"override_released_from_0": "2105-01-01", "override_released_from_1": "09:00"}
    _, said = send(boss, abstract, **at)
    assert "It is released from 2105-01-01 on, far from the meeting's days" in said
