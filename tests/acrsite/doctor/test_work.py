import datetime as dt
import os
import time

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from abstracts.downloads import shelf
from abstracts.models import Abstract
from abstracts.search.following import update_index
from abstracts.search.replica import get_replica
from accounts.searches.alerts.noticing import notice
from acrsite.doctor import work
from tests.factories import AbstractFactory, MeetingFactory, SavedSearchFactory

pytestmark = pytest.mark.django_db


def test_an_empty_archive_needs_no_index(findings):
    assert findings(work.check_index) == []


def test_a_missing_index_is_found(findings):
    AbstractFactory()
    assert [level for level, _ in findings(work.check_index)] == ["Warning"]
    update_index()
    assert findings(work.check_index) == []


def test_an_index_of_another_history_is_found(findings, monkeypatch):
    AbstractFactory()
    update_index()
    monkeypatch.setattr("abstracts.models.ArchiveState.has_been_at", lambda mark: False)
    ((level, message),) = findings(work.check_index)
    assert (level, "another database's history" in message) == ("Warning", True)
    assert get_replica()


@pytest.fixture
def released_long_ago():
    SavedSearchFactory()
    abstract = AbstractFactory()
    Abstract.unfiltered.filter(pk=abstract.pk).update(created_at=timezone.now() - dt.timedelta(days=1))


def test_alerts_that_nobody_sends_are_found(findings, released_long_ago):
    ((level, message),) = findings(work.check_timers)
    assert (level, "not looked at for alerts" in message) == ("Error", True)


def test_alerts_that_are_sent_are_well(findings, released_long_ago):
    notice(timezone.now())
    assert findings(work.check_timers) == []


def test_what_came_just_now_waits_for_the_next_run(findings):
    SavedSearchFactory()
    AbstractFactory()
    assert findings(work.check_timers) == []


@pytest.mark.parametrize(("days", "count"), [(1, 0), (4, 1)])
def test_sessions_that_nobody_cleans_up_are_found(findings, days, count):
    Session.objects.create(session_key="x", expire_date=timezone.now() - dt.timedelta(days=days))
    assert [level for level, _ in findings(work.check_timers)] == ["Warning"] * count


@pytest.mark.parametrize(("minutes", "count"), [(5, 0), (120, 1)])
def test_books_that_nobody_makes_are_found(findings, minutes, count):
    meeting = MeetingFactory()
    shelf.mark_wanted(meeting)
    since = time.time() - 60 * minutes
    os.utime(shelf.folder_of(meeting) / "wanted", (since, since))
    assert [level for level, _ in findings(work.check_timers)] == ["Error"] * count
