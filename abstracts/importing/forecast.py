"""What the public will see after an import, known before it is written.

The embargo of the abstracts that change is resolved in memory, with the sessions as they will be; the database decides
the levels, by the law's rule.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .. import clock
from ..models import Abstract, EmbargoTier, Presentation, Session
from ..models.chunks import in_chunks
from ..models.effects import ABSENT, Effect, Standing
from ..models.embargo import resolve
from ..models.judging import Named, compare, outlooks
from ..models.slots import Slot, slot_of
from ..visibility import ANONYMOUS, Level
from ..words.text import plain_text
from .fields import PRESENTATION
from .plan import Plan
from .targets import Target

INPUTS = ("status", "hides_title", "override_listing_level", "override_listed_from", "override_released_from")
# A presentation: the primary key of the session, and the own times of the talk.
Talk = tuple[int, dt.time | None, dt.time | None]
_DECIDING = {"status", "tier", "override", "sessions"}


class Future(NamedTuple):
    """What decides how one abstract will stand, and how it stands now.

    `pk` is None for a new one, `line` for one that is not in the file. `talks` is None where they stay.
    """

    line: int | None
    pk: int | None
    number: str
    title: str
    old: Standing
    tier: EmbargoTier | None
    talks: tuple[Talk, ...] | None
    status: str
    hides_title: bool
    override_listing_level: int | None
    override_listed_from: dt.datetime | None
    override_released_from: dt.datetime | None

    def named(self, meeting: str) -> Named:
        """As the gate names it."""
        key = str(self.pk) if self.pk else f"new {meeting} {self.number or self.title}"
        return Named(key, meeting, self.number, self.title, self.pk)


class Shown(NamedTuple):
    """What the public will see in full of a meeting: stored abstracts, how many new ones; how many it will not."""

    stored: set[int]
    new: int
    hidden: int


class Forecast:
    """What the plans of one run do to what the public sees."""

    def __init__(self) -> None:
        self.at = clock.now()
        self.futures: dict[Target, list[Future]] = defaultdict(list)

    def add(self, target: Target, plans: Iterable[Plan]) -> None:
        """Take in the plans for `target` that are to be written."""
        self.futures[target] += [
            _future(plan) for plan in plans if plan.abstract is None or plan.changes.keys() & _DECIDING
        ]

    def conclude(self, targets: Iterable[Target]) -> list[Effect]:
        """What the gate will say about it, after the last plan."""
        changes = {}
        for target in targets:
            self.futures[target] += _moved_with_sessions(target, {future.pk for future in self.futures[target]})
            for future, standing in self._standings(target, self.futures[target]).items():
                changes[future.named(target.meeting.slug)] = (future.old, standing)
        return compare(changes, self.at)

    def lines_shown(self, target: Target, plans: Iterable[Plan]) -> set[int]:
        """The lines of those of `plans` whose text the public would see."""
        full = self._full(target, [_future(plan) for plan in plans])
        return {future.line for future in full if future.line is not None}

    def shown(self, target: Target) -> Shown:
        """How much of the meeting the public will see in full."""
        futures = self.futures[target]
        full = self._full(target, futures)
        stored = Abstract.unfiltered.filter(meeting=target.meeting).order_by()
        now = Abstract.objects.visible_to(ANONYMOUS, self.at, least=Level.FULL).filter(meeting=target.meeting)
        shown = set(now.order_by().values_list("pk", flat=True)) - {future.pk for future in futures}
        shown |= {future.pk for future in full if future.pk}
        total = stored.count() + sum(future.pk is None for future in futures)
        new = sum(future.pk is None for future in full)
        return Shown(shown, new, total - len(shown) - new)

    def empty_sessions(self, target: Target) -> list[Session]:
        """The sessions of the meeting in which nothing will be presented."""
        presented = {session for future in self.futures[target] for session, *_ in future.talks or ()}
        replaced = {future.pk for future in self.futures[target] if future.talks is not None}
        rows = Presentation.unfiltered.filter(session__meeting=target.meeting).order_by()
        presented |= {session for session, pk in rows.values_list("session", "abstract") if pk not in replaced}
        return [session for session in target.sessions.sessions.values() if session.pk not in presented]

    def _standings(self, target: Target, futures: list[Future]) -> dict[Future, Standing]:
        slots, rules = _slots(target, futures), target.rules()
        standings = {}
        for future in futures:
            tier = rules[future.tier.pk] if future.tier else None
            resolved = resolve(future, tier, target.meeting, slots[future])._asdict()
            instants = (resolved[name] for name in Standing._fields[2:])
            standings[future] = Standing(future.status, future.hides_title, *instants)
        return standings

    def _full(self, target: Target, futures: list[Future]) -> list[Future]:
        """Those of `futures` whose text the public will see."""
        standings = self._standings(target, futures)
        seen = outlooks(standings.values(), self.at)
        return [future for future, standing in standings.items() if seen[standing].level == Level.FULL]


def _future(plan: Plan) -> Future:
    talks = tuple(_talks(plan)) if "sessions" in plan.changes or plan.abstract is None else None
    stored = plan.abstract
    return Future(
        plan.incoming.line,
        stored.pk if stored else None,
        plan.row.number or "",
        plain_text(plan.row.title),
        Standing(*(getattr(stored, name) for name in Standing._fields)) if stored else ABSENT,
        plan.row.tier,
        talks,
        *(getattr(plan.row, name) for name in INPUTS),
    )


def _moved_with_sessions(target: Target, planned: set[int | None]) -> list[Future]:
    """The abstracts that the file does not change itself, but whose sessions it changes."""
    changed = [changed.session.pk for changed in target.sessions.changed.values()]
    rows = Abstract.unfiltered.filter(presentation__session__in=changed).exclude(tier=None).order_by().distinct()
    tiers = {tier.pk: tier for tier in target.tiers.values()}
    width = len(Standing._fields)
    columns = rows.values_list("pk", "number", "title_text", "tier", *Standing._fields, *INPUTS)
    return [
        Future(None, pk, number or "", title, Standing(*values[:width]), tiers.get(tier), None, *values[width:])
        for pk, number, title, tier, *values in columns
        if pk not in planned
    ]


def _talks(plan: Plan) -> Iterator[Talk]:
    """Each session counts once, as it is stored."""
    seen = set()
    for session, value in zip(plan.sessions, plan.changes.get("sessions", []), strict=True):
        if session.pk not in seen:
            seen.add(session.pk)
            row = Presentation(session_id=session.pk)
            for presented in PRESENTATION:
                presented.load(row, value[presented.name])
            yield session.pk, row.start_time, row.end_time


def _slots(target: Target, futures: list[Future]) -> dict[Future, list[Slot]]:
    sessions = {session.pk: session for session in target.sessions.sessions.values()}
    stored: dict[int | None, list[Talk]] = defaultdict(list)
    for chunk in in_chunks(future.pk for future in futures if future.pk and future.talks is None):
        rows = Presentation.unfiltered.filter(abstract__in=chunk).order_by()
        for abstract, session, start, end in rows.values_list("abstract", "session", "start_time", "end_time"):
            stored[abstract].append((session, start, end))
    return {
        future: [
            slot_of(sessions[session], start, end, target.meeting)
            for session, start, end in (stored[future.pk] if future.talks is None else future.talks)
        ]
        for future in futures
    }
