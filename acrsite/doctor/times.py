"""The clock, which is part of the embargo."""

import ctypes
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning

from abstracts import clock

UNSYNCHRONIZED = 5  # TIME_ERROR of adjtimex(2)


def check_clock() -> Iterator[CheckMessage]:
    if _kernel_clock_state() == UNSYNCHRONIZED:
        yield Warning(
            "Nothing keeps the machine's clock right. The embargo goes by it where the database is here.",
            "Run chrony or systemd-timesyncd. (A container goes by its host's clock: look there.)",
        )
    try:
        clock.measure()
    except clock.DatabaseIsReplica as error:
        yield Error(str(error), "Let DATABASE_URL lead to the primary, whose clock the embargo goes by.")
        return
    if problem := clock.problem():
        cure = "Run chrony or systemd-timesyncd on both. Until then /readyz answers 503, and no proxy keeps pages."
        yield Error(f"{problem[0].upper()}{problem[1:]}.", cure)


def _kernel_clock_state() -> int:
    """What adjtimex(2) returns: 0 to 4 where something disciplines the clock. 0 where the system has no such call."""
    call = getattr(ctypes.CDLL(None), "adjtimex", None)
    return call(ctypes.create_string_buffer(512)) if call else 0  # zeros: change nothing
