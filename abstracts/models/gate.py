"""The gate: no write changes what the public sees, or will see, unless somebody decided so.

Every write of the archive's tables happens inside `passing()`. Before a write, the code of `base`, `abstract` and
`embargo` notes how the abstracts that it affects stand. When the outermost block ends, still in its transaction,
`judging` compares that with how they stand then. A change that

- raises the public's level of an abstract,
- brings an instant at which it will rise forward, or
- hides something that is public

is refused (`Refused`, and everything rolls back) unless the policy confirms exactly this change. The policy is what
`deciding` or `bypassing` set around the write. Without one nothing is confirmed, so a door that nobody thought of
is closed. All changes, asked about or not, are recorded in `EmbargoRecord` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from .effects import ABSENT, Effect, Standing
from .history import recording


class Refused(Exception):
    """The change was rolled back, because nobody confirmed its `effects`.

    `needs_officer`: who asks may not raise levels or bring instants forward.
    """

    def __init__(self, effects: list[Effect], needs_officer: bool = False):
        self.effects, self.needs_officer = effects, needs_officer
        asking = sum(effect.asks for effect in effects)
        why = "needs an embargo officer" if needs_officer else "needs a confirmation"
        super().__init__(f"A change of what the public sees of {asking} abstracts {why}; nothing was written.")


def may_lift(user: Any) -> bool:
    """Whether `user` is an embargo officer. This is the only place that asks for the permission."""
    return user.has_perm("abstracts.lift_embargo")


@dataclass(frozen=True)
class Decision:
    """Who changes something, by which door, and what they confirmed.

    - `by`: the user who answers for the change; None for the command line, which may do everything.
    - `door`: what is done, in words: “Change session “Plenary I””.
    - `reason`: why. No change that asks is written without one.
    - `confirmed`: the digest of the effects (`effects.digest_of`) that were shown; "" for none.
    - `expected`: instead of a digest, the number of abstracts about which the change asks.
    - `proposed_by`: the user who made the change, if somebody else confirms it.
    - `on_written`: called with the effects and their entry in the record (None without effects) before the transaction
      ends.
    """

    by: Any = None
    door: str = ""
    reason: str = ""
    confirmed: str = ""
    expected: int | None = None
    proposed_by: Any = None
    on_written: Callable[[list[Effect], Any], None] | None = None

    @property
    def may_lift(self) -> bool:
        """Whether `by` may raise levels and bring instants forward; the command line may."""
        return self.by is None or may_lift(self.by)


@dataclass(frozen=True)
class Bypass:
    """Nothing is asked: for sample data, tests and migrations. `records`: whether the changes are recorded."""

    why: str
    records: bool = True


@dataclass
class Passage:
    """How the abstracts stood, by primary key, that the writes of one outermost `passing` affect.

    `names` has the meeting's slug and the number of those that were deleted. `undo` is called if it rolls back.
    """

    policy: Decision | Bypass | None
    before: dict[int, Standing] = field(default_factory=dict)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    undo: list[Callable[[], None]] = field(default_factory=list)
    has_queued: bool = False

    @property
    def is_watching(self) -> bool:
        """Whether anybody will look at the notes."""
        return not (isinstance(self.policy, Bypass) and not self.policy.records)


_policy: ContextVar[Decision | Bypass | None] = ContextVar("policy of the gate", default=None)
_open: ContextVar[Passage | None] = ContextVar("open passage", default=None)

# Called with a passage when it closes; `judging` puts its function here, because it imports the models.
judges: list[Callable[[Passage], None]] = []


@contextmanager
def deciding(decision: Decision | None) -> Iterator[None]:
    """Let `decision` be the policy of the passages that open inside."""
    with _set(_policy, decision), _set(_open, None):
        yield


@contextmanager
def bypassing(why: str, records: bool = True) -> Iterator[None]:
    """Ask nothing inside. Only for sample data, tests and migrations: `tests/test_architecture.py` knows who."""
    with _set(_policy, Bypass(why, records)), _set(_open, None):
        yield


@contextmanager
def passing() -> Iterator[Passage]:
    """One transaction, whose changes are judged as a whole, and written to history, when the outermost block ends."""
    if (passage := _open.get()) is not None:
        with transaction.atomic(), recording():
            yield passage
        return
    policy = _policy.get()
    why = (policy.reason, policy.by) if isinstance(policy, Decision) else ()
    passage = Passage(policy)
    try:
        # The transaction is the outermost: what runs when it commits (`on_commit`) is no part of a judged passage.
        with transaction.atomic(), _set(_open, passage), recording(*why):
            transaction.on_commit(passage.undo.clear)
            yield passage
            if not transaction.get_rollback():
                for judge in judges:
                    judge(passage)
    except BaseException:
        for undo in passage.undo:
            undo()
        raise


def policy() -> Decision | Bypass | None:
    """The policy that holds here."""
    return _policy.get()


def is_watching() -> bool:
    """Whether notes are wanted. Raises RuntimeError outside of `passing`."""
    passage = _open.get()
    if passage is None:
        raise RuntimeError("Tables of the archive are written inside abstracts.models.gate.passing().")
    return passage.is_watching


def note(standings: Mapping[int, Standing], names: Mapping[int, tuple[str, str]] | None = None) -> None:
    """Note how abstracts stand before they are written. What was noted first counts."""
    passage = _open.get()
    if passage is not None and passage.is_watching:
        for pk, standing in standings.items():
            passage.before.setdefault(pk, standing)
        passage.names.update(names or {})


def on_rollback(undo: Callable[[], None]) -> None:
    """Call `undo` if the open passage rolls back: for files, which no transaction removes."""
    if (passage := _open.get()) is not None:
        passage.undo.append(undo)


def note_new(pks: Iterable[int]) -> None:
    """Note that the abstracts `pks` were not stored before, unless they have been noted already."""
    note(dict.fromkeys(pks, ABSENT))


@contextmanager
def _set(variable: ContextVar, value: Any) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
