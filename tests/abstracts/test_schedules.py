"""Published embargo rules, typed into the admin's forms: at each instant, and the microsecond before, on every exit."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from abstracts.models import Abstract, groups
from abstracts.search.damage import without_index
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer
from tests import factories
from tests.abstracts.exits import COMMON, NUMBER, exits_of, max_age_of, searches, share
from tests.abstracts.schedules import SCHEDULES, Schedule, enter
from tests.canary.walking import Answer, ask

pytestmark = pytest.mark.django_db
MICROSECOND = dt.timedelta(microseconds=1)
NEWS = "is under embargo until"


@pytest.fixture(autouse=True)
def _connection_stays(monkeypatch):
    """`ask` closes each answer, and PostgreSQL's connection with it."""
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.fixture
def officer() -> Client:
    """Somebody who adds what curators add, and may confirm releases."""
    user = factories.UserFactory(is_staff=True)
    user.groups.set(Group.objects.filter(name__in=[groups.CURATORS, groups.OFFICERS]))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clock(monkeypatch):
    """Makes requests happen at an instant; what is kept stays kept."""
    return lambda instant: monkeypatch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: instant))


def level_at(schedule: Schedule, instant: dt.datetime) -> Level:
    return max((level for opens, level in schedule.expected if opens <= instant), default=Level.HIDDEN)


def levels(abstract: Abstract, viewer: Viewer, instant: dt.datetime) -> list[int]:
    rows = Abstract.objects.visible_to(viewer, instant).filter(pk=abstract.pk)
    return list(rows.values_list("level", flat=True))


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_published_rule_is_exact_to_the_microsecond_on_every_exit(officer, clock, name):
    schedule = SCHEDULES[name]
    factories.AbstractFactory(title=f"Another {COMMON}", meeting__year=2001)
    abstract = enter(officer, name, schedule)
    share(abstract)
    exits = exits_of(abstract)
    instants = [instant for instant, _ in schedule.expected]
    ends = sorted({*instants, schedule.news or instants[-1]})
    for end in ends:
        for instant in (end - MICROSECOND, end):
            clock(instant)
            level = level_at(schedule, instant)
            faults = []
            for way in exits:
                answer = ask(Client(), way.path)
                faults += way.faults(answer, level, bool(schedule.status))
                faults += outlives(answer, instant, ends)
            faults += faults_without_index(level)
            faults += faults_of_news(abstract, schedule, instant)
            assert not faults, (name, instant)
            assert sum(levels(abstract, ANONYMOUS, instant)) == level
    check_press(abstract, schedule)
    clock(ends[0] - dt.timedelta(seconds=7))
    for path in ("/", abstract.meeting.get_absolute_url()):
        assert max_age_of(ask(Client(), path)) == 7


def outlives(answer: Answer, instant: dt.datetime, ends: list[dt.datetime]) -> list[str]:
    """Whether a proxy may keep the answer past the next of `ends`. (Ages are whole seconds, rounded up.)"""
    age, later = max_age_of(answer), [end for end in ends if end > instant]
    is_kept = age is not None and later and instant + dt.timedelta(seconds=age - 1) >= later[0]
    return [f"{answer.path} may be kept for {age} seconds"] if is_kept else []


def faults_without_index(level: int) -> list[str]:
    """While the index is built the database answers."""
    client = Client()
    # Whoever has a session gets no page that was stored for everybody.
    client.cookies[settings.SESSION_COOKIE_NAME] = "none"
    with without_index():
        ways = searches(with_index=False)
        return [f"database: {fault}" for way in ways for fault in way.faults(ask(client, way.path), level, False)]


def faults_of_news(abstract: Abstract, schedule: Schedule, instant: dt.datetime) -> list[str]:
    page = Client().get(f"{abstract.meeting.get_absolute_url()}{NUMBER}/", follow=True)
    is_due = page.status_code == 200 and bool(schedule.news and instant < schedule.news)
    return [] if (NEWS in page.content.decode()) == is_due else [f"news: {is_due} at {instant}"]


def check_press(abstract: Abstract, schedule: Schedule) -> None:
    """The press of the meeting reads everything (but what is withdrawn), from their instant on if there is one."""
    viewer = Viewer(Role.PRESS, 1, frozenset({abstract.meeting_id}))
    most = Level.NOTED if schedule.status else Level.FULL
    if schedule.press is None:
        assert levels(abstract, viewer, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)) == [most]
        return
    before = schedule.press - MICROSECOND
    assert levels(abstract, viewer, before) == levels(abstract, ANONYMOUS, before)
    assert levels(abstract, viewer, schedule.press) == [most]
    others = Viewer(Role.PRESS, 1, frozenset({abstract.meeting_id + 1}))
    assert levels(abstract, others, schedule.press) == levels(abstract, ANONYMOUS, schedule.press) == []
