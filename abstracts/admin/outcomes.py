"""What the rules of a meeting give for its abstracts, as if it were published: groups with the same instants."""

import copy
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Q

from ..models import Abstract, EmbargoStep, Meeting, Presentation, Session
from ..models.embargo import Resolved, Rules, instant_of, resolve
from ..models.slots import deciding_moments, slot_of
from ..visibility import Status


class Row(NamedTuple):
    """An abstract, with its plain title."""

    pk: int
    number: str | None
    title: str
    status: str


class Override(NamedTuple):
    override_listing_level: int | None
    override_listed_from: dt.datetime | None
    override_released_from: dt.datetime | None


NO_OVERRIDE = Override(None, None, None)


class Talk(NamedTuple):
    """A presentation: its session, and its own local times."""

    session: Session
    start: dt.time | None
    end: dt.time | None


class Group(NamedTuple):
    """Abstracts of one tier with the same presentations and the same override: the same instants for all of them."""

    rules: Rules | None
    override: Override
    talks: tuple[Talk, ...]
    # Of each step of the tier, by what it shows; None if a step gives none.
    instants: dict[str, dt.datetime | None]
    resolved: Resolved
    abstracts: list[Row]

    @property
    def steps(self) -> tuple[EmbargoStep, ...]:
        return self.rules.steps if self.rules else ()


def ahead_of(meeting: Meeting, at: dt.datetime) -> Q:
    """The abstracts of `meeting` that the public cannot read at `at`, without drafts."""
    scope = Q(meeting=meeting) & ~Q(status=Status.DRAFT)
    if meeting.is_published:
        scope &= Q(released_from=None) | Q(released_from__gt=at)
    return scope


def groups_of(meeting: Meeting, scope: Q, rules: Mapping[int, Rules]) -> list[Group]:
    """The abstracts of `scope`, all of `meeting`, in groups. `rules`: those of their tiers. Three queries."""
    published = copy.copy(meeting)
    published.is_published = True
    sessions = {session.pk: session for session in Session.objects.filter(meeting=meeting).order_by()}
    presented = _presented(scope)
    members: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row, tier, override in _rows(scope):
        members[tier, override, presented.get(row.pk, frozenset())].append(row)
    groups = []
    for (tier, override, talked), rows in members.items():
        talks = tuple(Talk(sessions[pk], *times) for pk, *times in talked if pk in sessions)
        groups.append(_group(rules.get(tier), override, talks, published, rows))
    return groups


def _rows(scope: Q) -> Iterator[tuple[Row, int | None, Override]]:
    abstracts = Abstract.unfiltered.filter(scope).order_by("number_key", "pk")
    values = abstracts.values_list("pk", "number", "title_text", "status", "tier_id", *Override._fields)
    for pk, number, title, status, tier, *override in values:
        yield Row(pk, number, title, status), tier, Override(*override)


def _presented(scope: Q) -> dict[int, frozenset]:
    """By abstract (primary key), the session (primary key) of each presentation and the local times of the talk."""
    abstracts = Abstract.unfiltered.filter(scope).order_by().values("pk")
    rows = Presentation.unfiltered.filter(abstract__in=abstracts).order_by()
    presented = defaultdict(set)
    for abstract, *talk in rows.values_list("abstract_id", "session_id", "start_time", "end_time"):
        presented[abstract].add(tuple(talk))
    return {abstract: frozenset(talks) for abstract, talks in presented.items()}


def _group(
    rules: Rules | None, override: Override, talks: tuple[Talk, ...], meeting: Meeting, rows: list[Row]
) -> Group:
    slots = [slot_of(*talk, meeting) for talk in talks]
    instants = {}
    if rules:
        moments = deciding_moments(rules.tier, slots)
        instants = {step.shows: instant_of(step, moments, meeting) for step in rules.steps}
    return Group(rules, override, talks, instants, resolve(override, rules, meeting, slots), rows)
