"""The law's instant is that of the primary database's clock."""

import datetime as dt
import threading

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.utils import timezone
from structlog.testing import capture_logs

from abstracts import clock
from abstracts.clock import MEASURE_EVERY, TRUSTED_FOR, TRY_AGAIN_AFTER
from tests.clocks import MICROSECOND, SECOND

FAST_AND_SLOW = [120, -120]


@pytest.mark.parametrize("seconds", FAST_AND_SLOW)
def test_a_wrong_clock_of_the_machine_changes_nothing(clocks, seconds):
    clocks.machine = seconds * SECOND
    for _ in range(30):
        assert clock.now() == clocks.true
        clocks.wait(1)


@pytest.mark.parametrize("seconds", FAST_AND_SLOW)
def test_a_jump_of_the_machines_clock_changes_nothing(clocks, seconds):
    clock.now()
    for jump in (seconds, -seconds):
        clocks.wait(1)
        clocks.machine += jump * SECOND
        assert clock.now() == clocks.true
    assert clocks.times_asked == 1


@pytest.mark.parametrize("seconds", FAST_AND_SLOW)
def test_a_jump_of_the_databases_clock_is_followed_at_the_next_measurement(clocks, seconds):
    clock.now()
    for jump in (seconds, -seconds):
        clocks.database += jump * SECOND
        clocks.wait(MEASURE_EVERY)
        assert clock.now() == clocks.true + clocks.database


def test_one_request_in_many_asks_the_database(clocks):
    for _ in range(MEASURE_EVERY * 10):
        clock.now()
        clocks.wait(0.1)
    assert clocks.times_asked == 1
    clock.now()
    assert clocks.times_asked == 2


def test_after_a_pause_the_database_is_asked_first(clocks):
    clock.now()
    clocks.database = -120 * SECOND
    clocks.wait(3600)
    assert clock.now() == clocks.true - 120 * SECOND


@pytest.mark.parametrize("way", [MICROSECOND, SECOND / 1000, 30 * SECOND])
def test_an_answer_that_takes_long_makes_the_law_late_by_its_way_back_and_never_early(clocks, way):
    clocks.way = way
    now = clock.now()
    assert clocks.true - way == now
    assert clock.problem() == ""


def test_parts_of_a_microsecond_do_not_count(clocks, monkeypatch):
    now = clock.now()
    exact = clock.time.monotonic_ns()
    monkeypatch.setattr(clock.time, "monotonic_ns", lambda: exact + 999)
    assert clock.now() == now
    monkeypatch.setattr(clock.time, "monotonic_ns", lambda: exact + 1000)
    assert clock.now() == now + MICROSECOND


def test_the_clock_of_a_replica_is_not_used(clocks):
    clocks.is_replica, clocks.database = True, 120 * SECOND
    with pytest.raises(clock.DatabaseIsReplica):
        clock.now()
    clocks.is_replica, clocks.database = False, 0 * SECOND
    assert clock.now() == clocks.true
    clocks.is_replica, clocks.database = True, 120 * SECOND
    clocks.wait(MEASURE_EVERY)
    assert clock.now() == clocks.true
    assert clocks.times_asked == 3


def test_without_the_database_the_last_measurement_goes_on(clocks):
    clocks.machine = 1 * SECOND
    clock.now()
    clocks.is_away = True
    clocks.wait(3600)
    assert clock.now() == clocks.true


def test_without_any_measurement_there_is_no_instant(clocks):
    clocks.is_away = True
    with pytest.raises(OperationalError):
        clock.now()
    assert clock.problem() == "the clock of the primary database cannot be asked"


def test_a_database_that_was_away_is_asked_again_after_a_second(clocks):
    clock.now()
    clocks.is_away = True
    clocks.wait(MEASURE_EVERY)
    clock.now()
    clocks.is_away, clocks.database = False, 1 * SECOND
    assert clock.now() == clocks.true
    clocks.wait(TRY_AGAIN_AFTER)
    assert clock.now() == clocks.true + 1 * SECOND


@pytest.mark.parametrize(
    ("machine", "problem"),
    [
        (2, ""),
        (2.001, "the clock of this machine is 2 seconds ahead of the database's"),
        (120, "the clock of this machine is 120 seconds ahead of the database's"),
        (-2, ""),
        (-2.001, "the clock of this machine is 2 seconds behind the database's"),
        (-120, "the clock of this machine is 120 seconds behind the database's"),
    ],
)
def test_clocks_that_differ_by_more_than_the_setting_are_a_problem_at_once(clocks, machine, problem):
    clock.now()
    assert clock.problem() == ""
    clocks.machine = machine * SECOND
    assert clock.problem() == problem
    clocks.machine = 0 * SECOND
    assert clock.problem() == ""


def test_the_setting_says_how_much_clocks_may_differ(clocks, settings):
    clock.now()
    clocks.machine = 100 * SECOND
    settings.CLOCK_TOLERANCE_SECONDS = 100
    assert clock.problem() == ""
    settings.CLOCK_TOLERANCE_SECONDS = 99.5
    assert clock.problem()


def test_a_slow_answer_excuses_no_larger_difference_than_its_way(clocks):
    clocks.way = 3 * SECOND
    clock.now()
    clocks.machine = 6 * SECOND
    assert clock.problem()


def test_an_old_measurement_is_a_problem(clocks):
    clock.now()
    clocks.is_away = True
    clocks.wait(TRUSTED_FOR)
    clock.now()
    assert clock.problem() == ""
    clocks.wait(0.001)
    assert clock.problem() == "the clock of the primary database cannot be asked"


def test_the_log_says_when_a_problem_begins_and_ends(clocks):
    with capture_logs() as lines:
        for machine in (0, 120, 120, 0, 0):
            clocks.machine = machine * SECOND
            clocks.wait(MEASURE_EVERY)
            clock.now()
    assert [line["event"] for line in lines] == ["clock_differs", "clock_is_right"]
    assert lines[0]["problem"] == "the clock of this machine is 120 seconds ahead of the database's"


def test_of_many_threads_one_asks_and_the_others_wait(clocks, monkeypatch):
    clock.now()
    clocks.wait(3600)
    clocks.database = -120 * SECOND
    asking, answering = threading.Event(), threading.Event()
    execute = clocks.execute

    def slowly(sql):
        asking.set()
        assert answering.wait(10)
        execute(sql)

    monkeypatch.setattr(clocks, "execute", slowly)
    instants: list[dt.datetime] = []
    threads = [threading.Thread(target=lambda: instants.append(clock.now())) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert asking.wait(10)
    assert instants == []
    answering.set()
    for thread in threads:
        thread.join()
    assert clocks.times_asked == 2
    assert instants == [clocks.true - 120 * SECOND] * 5


def test_without_a_clock_of_the_database_the_machines_counts():
    """As in SQLite."""
    before = timezone.now()
    assert before <= clock.now() <= timezone.now()
    assert clock.problem() == ""


@pytest.fixture
def real_clocks(settings, monkeypatch):
    """The law goes by PostgreSQL's own clock; the machine's is ahead by as many seconds as the test says."""
    settings.DATABASE_CLOCK = True
    monkeypatch.setattr(clock, "_reading", None)
    now = timezone.now

    def set_ahead(seconds: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + seconds * SECOND)

    return set_ahead


@pytest.mark.several_connections
@pytest.mark.django_db
class TestPostgresql:
    @pytest.mark.parametrize("seconds", FAST_AND_SLOW)
    def test_a_wrong_clock_changes_nothing(self, real_clocks, seconds):
        real = timezone.now
        real_clocks(seconds)
        first, second = clock.now(), clock.now()
        assert first <= second
        assert abs(real() - second) < 2 * SECOND
        assert f"{abs(seconds)} seconds" in clock.problem()
        real_clocks(-seconds)
        assert first <= clock.now() < first + 60 * SECOND
        real_clocks(0)
        assert clock.problem() == ""

    def test_it_is_asked_once(self, real_clocks, django_assert_num_queries):
        with django_assert_num_queries(1):
            clock.now()
        with django_assert_num_queries(0):
            clock.now()
            clock.problem()

    def test_a_broken_transaction_is_left_alone(self, real_clocks, monkeypatch):
        clock.now()
        monkeypatch.setattr(clock, "_due_at", 0)
        with transaction.atomic():
            with pytest.raises(Error), connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
            before = clock._reading
            assert abs(clock.now() - timezone.now()) < 60 * SECOND
            assert clock._reading is before
            connection.set_rollback(True)

    def test_the_answer_of_a_transaction_is_the_present(self, real_clocks):
        """And not the time at which the transaction began."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.05), now()")
                began = cursor.fetchone()[1]
            assert clock.now() - began >= dt.timedelta(milliseconds=50)
