"""Judges what a passage of the gate changes: compares how abstracts stood with how they stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .. import clock
from ..visibility import public_levels
from .abstract import Abstract
from .base import in_chunks
from .effects import ABSENT, FUTURE_LEVELS, Effect, Outlook, Standing, digest_of
from .gate import Bypass, Decision, Passage, Refused, judges, policy
from .record import EmbargoRecord


def outlooks(standings: Iterable[Standing], at: dt.datetime) -> dict[Standing, Outlook]:
    """The outlook of each of `standings` at `at`. Few queries, because many abstracts stand alike."""
    some = set(standings)
    levels = public_levels((s, instant) for s in some for instant in _instants(s, at))

    def outlook(standing: Standing) -> Outlook:
        later = {instant: levels[standing, instant] for instant in _instants(standing, at)[1:]}
        opens = [
            min((instant for instant, level in later.items() if level >= wanted), default=None)
            for wanted in FUTURE_LEVELS
        ]
        return Outlook(levels[standing, at], tuple(opens))

    return {standing: outlook(standing) for standing in some}


def _instants(standing: Standing, at: dt.datetime) -> list[dt.datetime]:
    return [at, *standing.instants]


class Named(NamedTuple):
    """What an effect says about its abstract."""

    key: str
    meeting: str
    number: str
    title: str
    pk: int | None = None


def compare(changes: Mapping[Named, tuple[Standing, Standing]], at: dt.datetime | None = None) -> list[Effect]:
    """The effects of `changes` (old and new standing) at `at` (now), in the order of meetings and numbers."""
    different = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    seen = outlooks((s for pair in different.values() for s in pair), at or clock.now())
    effects = [
        Effect(name.key, name.meeting, name.number, name.title, old, new, seen[old], seen[new], name.pk)
        for name, (old, new) in different.items()
    ]
    return sorted(effects, key=lambda effect: (effect.meeting, effect.number, effect.key))


def standings_of(pks: Iterable[int]) -> dict[int, Standing]:
    """How the stored ones of the abstracts `pks` stand."""
    rows = Abstract.unfiltered.order_by()
    return {
        pk: Standing(*columns)
        for chunk in in_chunks(pks)
        for pk, *columns in rows.filter(pk__in=chunk).values_list("pk", *Standing._fields)
    }


def effects_of(passage: Passage, at: dt.datetime | None = None) -> list[Effect]:
    """What `passage` has changed so far."""
    names: dict[int, tuple[str, str, str]] = {pk: (*name, "") for pk, name in passage.names.items()}
    after: dict[int, Standing] = {}
    rows = Abstract.unfiltered.order_by()
    for chunk in in_chunks(passage.before):
        for pk, meeting, number, title, *columns in rows.filter(pk__in=chunk).values_list(
            "pk", "meeting__slug", "number", "title_text", *Standing._fields
        ):
            names[pk], after[pk] = (meeting, number or "", title), Standing(*columns)
    changes = {}
    for pk, old in passage.before.items():
        meeting, number, title = names.get(pk, ("", "", ""))
        key = str(pk) if old != ABSENT else f"new {meeting} {number or title}"
        changes[Named(key, meeting, number, title, pk)] = (old, after.get(pk, ABSENT))
    return compare(changes, at)


def judge(passage: Passage) -> None:
    """Refuse what nobody confirmed, and record what is written. Raises Refused."""
    if not passage.is_watching:
        return
    effects = effects_of(passage)
    decision = passage.policy
    if not isinstance(decision, Bypass):
        _refuse_unconfirmed(effects, decision)
    entry = EmbargoRecord.write(effects, decision) if effects else None
    if isinstance(decision, Decision) and decision.on_written:
        decision.on_written(effects, entry)


def refuse_early(effects: list[Effect]) -> None:
    """Raise Refused if the gate would, once all that has `effects` was written. For writes that take long."""
    decision = policy()
    if not isinstance(decision, Bypass):
        _refuse_unconfirmed(effects, decision)


def _refuse_unconfirmed(effects: list[Effect], decision: Decision | None) -> None:
    asking = [effect for effect in effects if effect.asks]
    if not asking and not (decision and decision.confirmed):
        return
    needs_officer = any(effect.lifts for effect in asking) and not (decision and decision.may_lift)
    if needs_officer or not _is_confirmed(effects, decision):
        raise Refused(effects, needs_officer)


def _is_confirmed(effects: list[Effect], decision: Decision | None) -> bool:
    """Whether `decision` has a reason, and confirms exactly `effects`."""
    if decision is None or not decision.reason.strip():
        return False
    if decision.confirmed:
        return decision.confirmed == digest_of(effects)
    return decision.expected == sum(effect.asks for effect in effects)


judges.append(judge)
