"""Resolves embargo rules into instants.

The steps of a tier, the presentations of an abstract and its own override become stored columns (UTC; NULL means
never), which are all that the visibility law reads: `numbered_from`, `titled_from`, `listed_from`, `released_from`, and
for the press `press_from`. `news_embargo_at` hides nothing.

- An override wins over the tier. An abstract with neither is never released.
- What shows from a higher level on shows no later at a lower one: with the text comes the title.
- Of several presentations the one that the tier names decides: the first (to start, to end, the first day), the last,
  or the first in a session of a type. If the time of one of them is not known, the last is not known.
- A rule without the data that it needs (a session without a time) gives NULL: embargoed until somebody adds them.
- Without a tier the press read at any time, but not where any tier of the meeting is closed to them until some instant.
- In an unpublished meeting nothing shows.
- If local clocks skip or repeat a time, the later instant counts (`to_instant`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from django.db import connection
from django.db.models import Model, Q
from django.db.models.query import QuerySet
from django.dispatch import receiver

from ..visibility import Level, Status
from .abstract import Abstract, Presentation
from .base import ArchiveModel, ArchiveState, DocumentChange, embargo_inputs_changed, in_chunks
from .effects import Standing
from .gate import note
from .history import record_changes
from .meeting import EmbargoTier, Meeting
from .session import Session
from .slots import Moments, Slot, deciding_moments, slot_of
from .step import EmbargoStep

# Where no step closes a tier to the press, they may read from before all meetings on.
OPEN_TO_PRESS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Resolved(NamedTuple):
    """The columns of one abstract that the law reads, and the end of its tier's news embargo."""

    numbered_from: dt.datetime | None = None
    titled_from: dt.datetime | None = None
    listed_from: dt.datetime | None = None
    released_from: dt.datetime | None = None
    press_from: dt.datetime | None = None
    news_embargo_at: dt.datetime | None = None


# From the lowest level to the highest: the columns of `Resolved` in their order.
LEVELS = (Level.SHELL, Level.TITLED, Level.LISTED, Level.FULL)


class Rules(NamedTuple):
    """A tier with its steps."""

    tier: EmbargoTier
    steps: tuple[EmbargoStep, ...]

    @property
    def is_held(self) -> bool:
        """Whether no step says when everything shows."""
        shows, held = EmbargoStep.Shows.EVERYTHING, EmbargoStep.Rule.HELD
        return all(step.rule == held for step in self.steps if step.shows == shows)


def rules_of(tiers: Iterable[EmbargoTier]) -> dict[int, Rules]:
    """The rules of stored `tiers`, by primary key. One query."""
    tiers = list(tiers)
    steps = defaultdict(list)
    for step in EmbargoStep.objects.filter(tier__in=[tier.pk for tier in tiers]).order_by("pk"):
        steps[step.tier_id].append(step)
    return {tier.pk: Rules(tier, tuple(steps[tier.pk])) for tier in tiers}


def instant_of(step: EmbargoStep, moments: Moments, meeting: Meeting) -> dt.datetime | None:
    """The instant of `step` for an abstract that is presented at `moments`; None if unknown."""
    rule = EmbargoStep.Rule
    match step.rule:
        case rule.FIXED:
            return step.instant_on(step.date, meeting)
        case rule.SESSION_DAY:
            return step.instant_on(moments.date, meeting)
        case rule.FIRST_DAY:
            return step.instant_on(meeting.starts_on, meeting)
        case rule.LAST_DAY:
            return step.instant_on(meeting.ends_on, meeting)
        case rule.SESSION_START:
            start = moments.starts_at
        case rule.SESSION_END:
            start = moments.ends_at
        case rule.TALK_START:
            start = moments.talk_starts_at
        case rule.TALK_END:
            start = moments.talk_ends_at
        case _:
            return None
    return start + step.offset if start else None


class EmbargoInputs(Protocol):
    """What `resolve` needs of an abstract."""

    @property
    def override_listing_level(self) -> int | None: ...
    @property
    def override_listed_from(self) -> dt.datetime | None: ...
    @property
    def override_released_from(self) -> dt.datetime | None: ...


def resolve(abstract: EmbargoInputs, rules: Rules | None, meeting: Meeting, slots: Sequence[Slot]) -> Resolved:
    """The embargo of `abstract`, computed from its override, the rules of its tier and its presentations."""
    if not meeting.is_published:
        return Resolved()
    instants = _instants_of_steps(rules, meeting, slots) if rules else {}
    shows = EmbargoStep.Shows
    opens = {level: instants.get(show) for show, level in EmbargoStep.LEVELS.items()}
    if abstract.override_listing_level is not None:
        for level in LEVELS[:-1]:
            is_shown = level <= abstract.override_listing_level
            opens[level] = abstract.override_listed_from if is_shown else None
    opens[Level.FULL] = abstract.override_released_from or opens[Level.FULL]
    press_from, news_embargo_at = instants.get(shows.PRESS, OPEN_TO_PRESS), instants.get(shows.NEWS)
    return Resolved(*[*_no_level_after_a_higher_one(opens), press_from, news_embargo_at])


def opens_of(rules: Rules, meeting: Meeting) -> dict[Level, dt.datetime | None]:
    """From when each of LEVELS shows of an abstract without presentations and override; None if unknown."""
    instants = _instants_of_steps(rules, meeting, ())
    opens = {level: instants.get(show) for show, level in EmbargoStep.LEVELS.items()}
    return dict(zip(LEVELS, _no_level_after_a_higher_one(opens), strict=True))


def _instants_of_steps(rules: Rules, meeting: Meeting, slots: Sequence[Slot]) -> dict[str, dt.datetime | None]:
    moments = deciding_moments(rules.tier, slots)
    return {step.shows: instant_of(step, moments, meeting) for step in rules.steps}


def _no_level_after_a_higher_one(opens: dict[Level, dt.datetime | None]) -> list[dt.datetime | None]:
    return [
        min((opens[higher] for higher in LEVELS if higher >= level and opens[higher]), default=None)  # type: ignore[type-var]
        for level in LEVELS
    ]


_NEEDED = (
    "pk", "status", "hides_title", "meeting_id", "tier_id",
    "override_listing_level", "override_listed_from", "override_released_from", *Resolved._fields,
)  # fmt: skip


# Chooses between the former and the new columns of an abstract.
Choose = Callable[[Resolved, Resolved], Resolved]


def resolve_abstracts(pks: Iterable[int], cause: str, choose: Choose | None = None) -> None:
    """Resolve and store the embargo of the abstracts `pks`, writing only what changed; history names the `cause`.

    With `choose`, what it returns is stored.
    """
    for chunk in in_chunks(pks):
        _resolve_chunk(chunk, cause, choose)


def _resolve_chunk(pks: list[int], cause: str, choose: Choose | None) -> None:
    abstracts = Abstract.unfiltered.filter(pk__in=pks).only(*_NEEDED).order_by()
    presented = _presentations(pks)
    meetings = Meeting.objects.in_bulk(
        {row.session.meeting_id for row in presented} | {a.meeting_id for a in abstracts}
    )
    rules = rules_of(EmbargoTier.objects.filter(pk__in={a.tier_id for a in abstracts if a.tier_id}).order_by())
    closing = _meetings_that_close({a.meeting_id for a in abstracts if not a.tier_id})
    slots = defaultdict(list)
    for row in presented:
        meeting = meetings[row.session.meeting_id]
        slots[row.abstract_id].append(slot_of(row.session, row.start_time, row.end_time, meeting))

    changed = defaultdict(list)
    for abstract in abstracts:
        meeting = meetings[abstract.meeting_id]
        resolved = resolve(abstract, rules.get(abstract.tier_id or 0), meeting, slots[abstract.pk])
        if not abstract.tier_id and abstract.meeting_id in closing:
            resolved = resolved._replace(press_from=None)
        former = Resolved(*(getattr(abstract, name) for name in Resolved._fields))
        resolved = choose(former, resolved) if choose else resolved
        if resolved != former:
            note({abstract.pk: Standing(*(getattr(abstract, name) for name in Standing._fields))})
            changed[resolved].append(abstract.pk)
    for resolved, pks_to_update in changed.items():
        # A plain queryset: this write must not resolve again.
        QuerySet(Abstract).filter(pk__in=pks_to_update).update(**resolved._asdict())
    # Once for all: where talks decide, each abstract has instants of its own.
    updated = [pk for some in changed.values() for pk in some]
    record_changes(Abstract, updated, f"embargo resolved again: {cause}")
    DocumentChange.record(updated)


def _meetings_that_close(meetings: set[int]) -> set[int]:
    """Those of `meetings` of which a step closes a tier to the press."""
    if not meetings:
        return set()
    steps = EmbargoStep.objects.filter(tier__meeting__in=meetings, shows=EmbargoStep.Shows.PRESS).order_by()
    return set(steps.values_list("tier__meeting", flat=True))


def _presentations(pks: list[int]) -> list[Presentation]:
    """The presentations of the abstracts `pks`. (A session may belong to another meeting, if nothing checked it.)"""
    return list(Presentation.unfiltered.filter(abstract__in=pks).order_by().select_related("session"))


@receiver(embargo_inputs_changed)
def resolve_dependent_abstracts(
    sender: type[ArchiveModel], pks: list[int], former_abstracts: Iterable[int], **kwargs
) -> None:
    """Resolve the abstracts that depend on the rows `pks` of `sender`, and those that did before."""
    for chunk in in_chunks(pks):
        if sender is Meeting:
            store_session_instants(Q(meeting__in=chunk))
        elif sender is Session:
            store_session_instants(Q(pk__in=chunk))
    abstracts = set(former_abstracts)
    for path in sender.EMBARGO_PATHS:
        abstracts |= sender.abstracts_along(path, pks)
    number = f" {pks[0]}" if len(pks) == 1 else ""
    resolve_abstracts(sorted(abstracts), f"{sender._meta.verbose_name}{number} changed")


def store_session_instants(condition: Q) -> int:
    """Compute and store the instants of the sessions that meet `condition` again, after an `update` too.

    Returns how many changed.
    """
    changed = 0
    for session in Session.objects.filter(condition).order_by().select_related("meeting"):
        before = session.starts_at, session.ends_at
        session.derive()
        if (session.starts_at, session.ends_at) != before:
            QuerySet(Session).filter(pk=session.pk).update(starts_at=session.starts_at, ends_at=session.ends_at)
            record_changes(Session, [session.pk], "times derived again")
            changed += 1
    return changed


class PublicState(NamedTuple):
    """What pages show now stays true until the archive's `token` changes (see `Mark`) or `next_instant` comes."""

    token: str
    next_instant: dt.datetime | None


class KnownState:
    """What this process knows: `state` was true at `at`. While the token is the same it is true until the next instant.

    Asking PostgreSQL for the token takes a tenth of the time of asking for all.
    """

    def __init__(self) -> None:
        self._known: tuple[dt.datetime, PublicState] | None = None

    def state_at(self, at: dt.datetime) -> PublicState | None:
        """The state at `at`, if the token is still the same."""
        if not self._known:
            return None
        since, state = self._known
        return state if since <= at and (state.next_instant is None or at < state.next_instant) else None

    def remember(self, at: dt.datetime, state: PublicState) -> None:
        self._known = (at, state) if state.token else None


_known_state = KnownState()


def public_state(at: dt.datetime) -> PublicState:
    """The archive's token and the first embargo instant after `at` (None if there is none), in one query.

    The news embargo counts too: it hides nothing, but pages mention it.
    """
    instant = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        if known := _known_state.state_at(at):
            cursor.execute(_TOKEN)
            if cursor.fetchone() == (known.token,):
                return known
        cursor.execute(_PUBLIC_STATE, [instant] * _PUBLIC_STATE.count("%s"))
        token, *instants = cursor.fetchone() or ("",)
    state = PublicState(token, min(map(_aware, filter(None, instants)), default=None))
    _known_state.remember(at, state)
    return state


def _first_after(model: type[Model], column: str, also: str = "") -> str:
    return f"(SELECT MIN({column}) FROM {model._meta.db_table} WHERE {column} > %s{also})"  # noqa: S608 (names of ours)


# Instants of drafts and of unpublished meetings do not count: the max-age of pages would disclose them.
_NO_DRAFT = f" AND status <> '{Status.DRAFT}'"
# Plain SQL, because every request runs it, and compiling it with the ORM took ten times as long as running it.
_INSTANTS = ("numbered_from", "titled_from", "listed_from", "released_from", "news_embargo_at")
_TOKEN = f"SELECT token FROM {ArchiveState._meta.db_table} WHERE id = 1"  # noqa: S608 (a name of ours)
_PUBLIC_STATE = "SELECT token, {}, {} FROM {} WHERE id = 1".format(  # noqa: S608 (names of ours)
    ", ".join(_first_after(Abstract, column, _NO_DRAFT) for column in _INSTANTS),
    _first_after(Meeting, "news_embargo_at", " AND is_published"),
    ArchiveState._meta.db_table,
)


def _aware(value: dt.datetime | str) -> dt.datetime:
    """The value of a column as an aware datetime: SQLite returns text in UTC."""
    instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
