import datetime as dt

import pytest
from django.utils import timezone

from acrsite.doctor import times
from tests.clocks import SECOND

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("state", "count"), [(0, 0), (times.UNSYNCHRONIZED, 1)])
def test_a_clock_that_nothing_keeps_right_is_found(findings, monkeypatch, state, count):
    monkeypatch.setattr(times, "_kernel_clock_state", lambda: state)
    assert len(findings(times.check_clock)) == count


def test_the_kernel_is_asked_and_changes_nothing():
    before = timezone.now()
    assert times._kernel_clock_state() in range(6)
    assert timezone.now() - before < dt.timedelta(minutes=1)


@pytest.mark.parametrize(("seconds", "count"), [(1, 0), (3600, 1), (-3600, 1)])
def test_a_database_with_another_time_is_found(findings, clocks, monkeypatch, seconds, count):
    monkeypatch.setattr(times, "_kernel_clock_state", lambda: 0)
    clocks.database = seconds * SECOND
    assert [level for level, _ in findings(times.check_clock)] == ["Error"] * count


def test_a_replica_is_found(findings, clocks, monkeypatch):
    monkeypatch.setattr(times, "_kernel_clock_state", lambda: 0)
    clocks.is_replica = True
    assert findings(times.check_clock) == [("Error", "The database is a replica.")]
