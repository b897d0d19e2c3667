"""The clock and the zones: both are part of the embargo."""

import ctypes
import datetime as dt
import zoneinfo
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import tzdata
from django.core.checks import CheckMessage, Error, Warning
from django.db import connection
from django.utils import timezone

from abstracts.models import Meeting
from abstracts.visibility import Role, Viewer

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


def check_zones() -> Iterator[CheckMessage]:
    system = _system_release()
    ours = tzdata.IANA_VERSION
    if system is None or system == ours:
        return
    wrong = sorted({meeting.timezone for meeting in _meetings() if _differs(meeting)})
    cure = "Update the system's package tzdata; or set PYTHONTZPATH= (empty) in units, archive-manage and shells."
    if wrong:
        yield Error(f"The system's time zones ({system}) differ from {ours} for meetings in {', '.join(wrong)}.", cure)
    elif system < ours:
        yield Warning(f"The system's time zones ({system}) are older than {ours}; no meeting here is concerned.", cure)


def _system_release() -> str | None:
    """Release of the system's zone data, such as "2026f"; None where Python has none, and takes the package's."""
    for folder in zoneinfo.TZPATH:
        file = Path(folder) / "tzdata.zi"
        if file.exists():
            with file.open() as lines:
                return next(lines).removeprefix("# version ").strip()
    return None


def _meetings() -> list[Meeting]:
    return list(Meeting.objects.visible_to(Viewer(Role.STAFF)).exclude(starts_on=None))


def _differs(meeting: Meeting) -> bool:
    """Whether the system's zone and the package's disagree at some noon from a year before the meeting to its end."""
    package = resources.files("tzdata.zoneinfo").joinpath(*meeting.timezone.split("/"))
    with package.open("rb") as file:
        ours = zoneinfo.ZoneInfo.from_file(file)
    system = zoneinfo.ZoneInfo(meeting.timezone)
    assert meeting.starts_on
    first, last = meeting.starts_on - dt.timedelta(days=366), meeting.ends_on or meeting.starts_on
    noon = dt.datetime.combine(first, dt.time(12))
    times = [noon + dt.timedelta(days=day) for day in range((last - first).days + 2)]
    return any(time.replace(tzinfo=system).utcoffset() != time.replace(tzinfo=ours).utcoffset() for time in times)
