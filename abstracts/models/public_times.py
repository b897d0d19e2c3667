"""When the public could see how much of an abstract: computed from the embargo record and from how it stands now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from .. import clock
from ..visibility import Level
from .chunks import in_chunks
from .effects import ABSENT, FUTURE_LEVELS, Standing
from .judging import outlooks, standings_of
from .record import RecordLine

BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)


class Period(NamedTuple):
    """A time during which the public could see a level; `until` is None if it still can, or has not begun."""

    start: dt.datetime
    until: dt.datetime | None = None


class _Stay(NamedTuple):
    """How an abstract stood from `start` to `end` (None for now)."""

    standing: Standing
    start: dt.datetime
    end: dt.datetime | None


def public_times(abstract: int, at: dt.datetime | None = None) -> dict[Level, list[Period]]:
    """For SHELL, LISTED and FULL, the periods in which the public could see at least that of `abstract` (primary key).

    The first period's start is the first public instant; each period's end is an instant at which it was hidden
    again. Periods that begin after `at` (now) are those that are planned. Also for abstracts that were deleted.
    """
    return public_times_of([abstract], at or clock.now())[abstract]


def public_times_of(abstracts: Iterable[int], at: dt.datetime) -> dict[int, dict[Level, list[Period]]]:
    """The same for several abstracts, in a few queries for each 500 of them."""
    stays: dict[int, list[_Stay]] = {}
    for chunk in in_chunks(abstracts):
        stays |= _stays(chunk)
    seen = outlooks({stay.standing for some in stays.values() for stay in some}, at)
    return {
        abstract: {
            level: _joined(
                Period(max(stay.start, opens), stay.end)
                for stay in some
                if (opens := seen[stay.standing].opens_at(level)) and (stay.end is None or opens < stay.end)
            )
            for level in FUTURE_LEVELS
        }
        for abstract, some in stays.items()
    }


def _stays(abstracts: list[int]) -> dict[int, list[_Stay]]:
    lines: dict[int, list[RecordLine]] = {abstract: [] for abstract in abstracts}
    rows = RecordLine.objects.filter(abstract_id__in=abstracts).select_related("entry")
    for line in rows.order_by("entry_id", "pk"):
        lines[line.abstract_id].append(line)
    now = standings_of(abstracts)
    return {abstract: _stays_of(some, now.get(abstract, ABSENT)) for abstract, some in lines.items()}


def _stays_of(lines: list[RecordLine], now: Standing) -> list[_Stay]:
    standings = [lines[0].old, *(line.new for line in lines[:-1]), now] if lines else [now]
    starts = [BEGINNING, *(line.entry.at for line in lines)]
    return [
        _Stay(standing, start, end) for standing, start, end in zip(standings, starts, [*starts[1:], None], strict=True)
    ]


def _joined(periods: Iterable[Period]) -> list[Period]:
    joined: list[Period] = []
    for period in periods:
        if joined and joined[-1].until == period.start:
            joined[-1] = Period(joined[-1].start, period.until)
        else:
            joined.append(period)
    return joined
