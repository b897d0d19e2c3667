"""When an abstract is presented: the instants of its sessions and talks, and which of them decide."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .meeting import EmbargoTier, Meeting
from .session import Session, talk_instants


class Moments(NamedTuple):
    """The local day and the start and end (UTC) of a session, and of the abstract's own talk; None if unknown."""

    date: dt.date | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    talk_starts_at: dt.datetime | None = None
    talk_ends_at: dt.datetime | None = None


class Slot(NamedTuple):
    """One presentation: the type of its session, and its moments."""

    type: str
    moments: Moments


def slot_of(session: Session, start: dt.time | None, end: dt.time | None, meeting: Meeting) -> Slot:
    """The presentation in `session` of a talk with the local times `start` and `end` (None if it has none)."""
    talk = talk_instants(session, start, end, meeting)
    return Slot(session.type, Moments(session.date, session.starts_at, session.ends_at, *talk))


def deciding_moments(tier: EmbargoTier, slots: Sequence[Slot]) -> Moments:
    """The moments that decide for abstracts of `tier` among those of `slots`.

    Each moment for itself: the first to start, the first to end, the first day; or the last. Where a time is unknown,
    so is the last.
    """
    if tier.decides == tier.Decides.LAST:
        return _each(max, slots, needs_all=True)
    if tier.decides == tier.Decides.FIRST_OF_TYPE:
        slots = [slot for slot in slots if slot.type.casefold() == tier.decides_type.casefold()]
    return _each(min, slots, needs_all=False)


def _each(choose: Callable[..., Any], slots: Sequence[Slot], needs_all: bool) -> Moments:
    columns = zip(*(slot.moments for slot in slots), strict=True) if slots else [()] * len(Moments._fields)
    return Moments(*(_chosen(choose, column, needs_all) for column in columns))


def _chosen(choose: Callable[..., Any], values: Sequence[Any], needs_all: bool) -> Any:
    known = [value for value in values if value is not None]
    return choose(known) if known and (len(known) == len(values) or not needs_all) else None
