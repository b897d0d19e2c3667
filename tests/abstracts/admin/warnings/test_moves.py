"""Sessions that were moved after the press could read their abstracts."""

import datetime as dt

import pytest
from django.urls import reverse

from abstracts import clock
from abstracts.visibility import Role
from tests import factories

from .looking import a_meeting, a_tier, fixed, texts, the_warning

pytestmark = pytest.mark.django_db

START = {"shows": "everything", "rule": "session_start"}


@pytest.fixture
def session():
    """A session of an abstract that is released when it starts."""
    tier = a_tier(a_meeting(), START)
    row = factories.AbstractFactory(meeting=tier.meeting, tier=tier)
    session = factories.SessionFactory(meeting=tier.meeting, title="Plenary")
    factories.PresentationFactory(abstract=row, session=session)
    return session


def read_by(role: Role, meeting) -> None:
    """Somebody reads an abstract of `meeting` ahead of release, now."""
    row = factories.AbstractFactory(meeting=meeting, tier=None)
    factories.embargoed_read(row, at=clock.now(), role=role.value)


def move(session, **fields) -> None:
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()


def said(session) -> list[str]:
    return texts(session.meeting, "moves", clock.now())


def test_a_session_that_moves_after_the_press_has_read_is_named(session):
    read_by(Role.PRESS, session.meeting)
    assert said(session) == []
    move(session, date=dt.date(2030, 10, 25), start_time=dt.time(8), end_time=None)
    warning = the_warning(session.meeting, "moves", clock.now())
    assert warning.text.startswith("Moved after the press could read their abstracts, which are not released yet: 1")
    (example,) = warning.examples
    assert example.text == "Plenary: Oct 24, 10:30 AM–12:30 PM → Oct 25, 8:00 AM"
    assert example.url == reverse("admin:abstracts_session_change", args=[session.pk])


def test_a_move_before_the_press_could_read_is_in_order(session):
    move(session, start_time=dt.time(8))
    assert said(session) == []
    read_by(Role.STAFF, session.meeting)
    read_by(Role.PRESS, a_meeting())
    move(session, start_time=dt.time(9))
    assert said(session) == []
    read_by(Role.PRESS, session.meeting)
    assert said(session) == []


def test_other_changes_are_no_moves(session):
    read_by(Role.PRESS, session.meeting)
    move(session, title="Plenary I", place="Hall 7")
    assert said(session) == []


def test_a_session_of_released_abstracts_may_move(session):
    read_by(Role.PRESS, session.meeting)
    move(session, start_time=dt.time(8))
    assert len(said(session)) == 1
    tier = session.meeting.tiers.get()
    factories.change_step(tier, rule="fixed", date=dt.date(2020, 1, 1), time=dt.time(9))
    assert said(session) == []


def test_a_session_that_is_closed_to_the_press_may_move(session):
    read_by(Role.PRESS, session.meeting)
    move(session, start_time=dt.time(8))
    assert len(said(session)) == 1
    factories.change_step(session.meeting.tiers.get(), **fixed("press", 10, 1))
    assert said(session) == []
