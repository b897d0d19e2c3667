"""The clock, which is part of the embargo."""

import ctypes
import datetime as dt
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning
from django.db import connection
from django.utils import timezone

UNSYNCHRONIZED = 5  # TIME_ERROR of adjtimex(2)
MOST_APART = dt.timedelta(seconds=2)


def check_clock() -> Iterator[CheckMessage]:
    if _kernel_clock_state() == UNSYNCHRONIZED:
        yield Warning(
            "Nothing keeps the machine's clock right; the embargo goes by it.",
            "Run chrony or systemd-timesyncd. (A container goes by its host's clock: look there.)",
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(timezone.now() - cursor.fetchone()[0])
        if apart > MOST_APART:
            yield Error(
                f"The clocks of this machine and of the database are {apart.total_seconds():.0f} seconds apart.",
                "Run chrony or systemd-timesyncd on both.",
            )


def _kernel_clock_state() -> int:
    """What adjtimex(2) returns: 0 to 4 where something disciplines the clock. 0 where the system has no such call."""
    call = getattr(ctypes.CDLL(None), "adjtimex", None)
    return call(ctypes.create_string_buffer(512)) if call else 0  # zeros: change nothing
