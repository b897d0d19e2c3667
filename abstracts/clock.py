"""The instant by which the law decides: what the clock of the primary database shows.

Each process asks for it every few seconds and counts on from there by its monotonic clock, which nobody sets. So a
machine whose clock is fast, slow or set anew releases at the same instant as the others. An answer was true at some
instant on its way; it counts as true at the last one, so that the law may be late by the length of that way, but not
early. SQLite has no clock but its machine's.
"""

import contextlib
import datetime as dt
import threading
import time
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.utils import timezone

log = structlog.get_logger(__name__)

# Seconds.
MEASURE_EVERY = 10
TRY_AGAIN_AFTER = 1
TRUSTED_FOR = 60


class DatabaseIsReplica(OperationalError):
    """The database follows another one, whose clock is the law's."""


class Reading(NamedTuple):
    """The database's clock stood between `instant` and `instant + doubt` at `monotonic` (nanoseconds)."""

    instant: dt.datetime
    monotonic: int
    doubt: dt.timedelta

    def now(self) -> dt.datetime:
        return self.instant + _since(self.monotonic)


_reading: Reading | None = None
_due_at = 0
_measuring = threading.Lock()
_problem = ""


def now() -> dt.datetime:
    """The law's instant (aware). Raises django.db.Error if this process could never ask for it."""
    return _current().now() if settings.DATABASE_CLOCK else timezone.now()


def problem() -> str:
    """Why the law's instant may be wrong, in words for operators; "" if it is not known to be. Asks nothing."""
    if not settings.DATABASE_CLOCK:
        return ""
    reading = _reading
    if reading is None or _since(reading.monotonic) > dt.timedelta(seconds=TRUSTED_FOR):
        return "the clock of the primary database cannot be asked"
    ahead = timezone.now() - reading.now()
    tolerance = dt.timedelta(seconds=settings.CLOCK_TOLERANCE_SECONDS)
    if -tolerance <= ahead <= tolerance + reading.doubt:
        return ""
    order = "ahead of" if ahead > dt.timedelta(0) else "behind"
    return f"the clock of this machine is {abs(ahead).total_seconds():.0f} seconds {order} the database's"


def measure() -> None:
    """Ask the database for its clock. Raises django.db.Error, for a replica DatabaseIsReplica."""
    global _reading, _due_at
    if not settings.DATABASE_CLOCK:
        return
    try:
        _reading = _ask()
    except Error:
        _due_at = time.monotonic_ns() + TRY_AGAIN_AFTER * 10**9
        raise
    _due_at = _reading.monotonic + MEASURE_EVERY * 10**9


def _ask() -> Reading:
    with connection.cursor() as cursor:  # connected: what follows is the way there and back
        asked_at = time.monotonic_ns()
        cursor.execute("SELECT clock_timestamp(), pg_is_in_recovery()")
        instant, is_replica = cursor.fetchone()
        answered_at = time.monotonic_ns()
    if is_replica:
        raise DatabaseIsReplica("The database is a replica.")
    return Reading(instant, answered_at, dt.timedelta(microseconds=(answered_at - asked_at) // 1000 + 1))


def _current() -> Reading:
    """The reading to count on from; measured again where it is due and the database answers."""
    reading = _reading
    if reading and time.monotonic_ns() < _due_at:
        return reading
    with _measuring:
        if _reading is None:
            measure()
        elif time.monotonic_ns() >= _due_at:
            # Where it is away, or a replica, or the transaction is broken, what was measured before goes on.
            with contextlib.suppress(Error):
                measure()
        _log_problem()
        assert _reading
        return _reading


def _log_problem() -> None:
    """When one begins, and when it ends."""
    global _problem
    former, _problem = _problem, problem()
    if _problem and not former:
        log.warning("clock_differs", problem=_problem)
    elif former and not _problem:
        log.warning("clock_is_right")


def _since(monotonic: int) -> dt.timedelta:
    """The time since `monotonic`, rounded down, so that nothing is early."""
    return dt.timedelta(microseconds=(time.monotonic_ns() - monotonic) // 1000)
