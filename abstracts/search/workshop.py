"""Makes the indexes that follow those in use, each in a new folder."""

import datetime as dt
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tantivy import Searcher

from .. import clock
from ..models import Mark
from . import writing
from .documents import microseconds
from .folders import remove_indexes
from .snapshots import Part, State

# An index of the public is made so long before its time, and kept so long after it, for requests that began before.
AHEAD = dt.timedelta(minutes=10)
BEHIND = dt.timedelta(seconds=10)
# Of more embargo instants than so many within that time, the later ones are prepared later.
MOST_AHEAD = 8


def edges(at: dt.datetime) -> tuple[int, int, int]:
    """The first, the present and the last time (µs) at which the public is answered, if it is `at` now."""
    return microseconds(at - BEHIND), microseconds(at), microseconds(at + AHEAD)


class Workshop:
    """New indexes in `folder`. If the block fails, all that were made in it are removed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._made: list[str] = []

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error:
            remove_indexes(self.folder, self._made)

    def _new(self) -> str:
        self._made.append(f"index-{secrets.token_hex(4)}")
        return self._made[-1]

    def _clone(self, name: str) -> str:
        new = self._new()
        writing.clone(self.folder / name, self.folder / new)
        return new

    def _open(self, name: str) -> Searcher:
        return writing.open_searcher(self.folder / name)

    def first_state(self, mark: Mark, at: dt.datetime) -> tuple[State, int]:
        """Indexes of the whole archive, which is at `mark`, and of the public around `at`; the number of documents."""
        name = self._new()
        count = writing.write_all(self.folder / name)
        state = self.clean(State(mark, name, ()), at)
        return state._replace(public=self._parts(state.public, self._open(name), (), at)), count

    def clean(self, state: State, at: dt.datetime, pause: writing.Pause = writing.never_pause) -> State:
        """`state` with an index of the public at `at` that is made from nothing but the index of all documents."""
        begun, everything, name = time.monotonic(), self._open(state.all), self._new()
        writing.copy_public(self.folder / name, everything, microseconds(at), pause)
        part = Part(name, *_period(everything, microseconds(at)), deleted_at=0.0, generation=name)
        return state._replace(public=(part,), seconds=round(time.monotonic() - begun, 3))

    def next_state(self, state: State, mark: Mark, pks: Sequence[int], at: dt.datetime) -> tuple[State, int]:
        """What follows `state` in an archive that is at `mark`, where the documents of the abstracts `pks` changed.

        And the number of documents that were written to the index of all.
        """
        name, count = state.all, 0
        if pks:
            name = self._clone(name)
            count = writing.rewrite(self.folder / name, pks)
        return State(mark, name, self._parts(state.public, self._open(name), pks, at), state.seconds), count

    def _parts(
        self, former: Sequence[Part], everything: Searcher, pks: Sequence[int], at: dt.datetime
    ) -> tuple[Part, ...]:
        """The indexes of the public around the time `at`, each made from the nearest one that there is.

        `everything`: the index of all documents, in which those of the abstracts `pks` were written anew.
        """
        parts: list[Part] = []
        edge, now, last = edges(at)
        while True:
            start, end = _period(everything, edge)
            bases = [part for part in former if part.start <= start < part.end] or parts[-1:] or former
            base = min(bases, key=lambda part: abs(part.start - start))
            differing = self._differing(base, base not in parts, everything, pks, start)
            if base in former[1:] and any(one.is_present for one in differing):
                # It was made ahead. What is to be deleted from it may never have been public, and would count.
                base = parts[-1] if parts else former[0]
                differing = self._differing(base, not parts, everything, pks, start)
            parts.append(self._part(base, everything, differing, start)._replace(start=start, end=end))
            if end > last or (len(parts) >= MOST_AHEAD and end > now):
                return tuple(parts)
            edge = end

    def _differing(
        self, base: Part, is_former: bool, everything: Searcher, pks: Sequence[int], start: int
    ) -> list[writing.Difference]:
        """Where `base` has not what the public finds at `start`."""
        changed = {*writing.moving(everything, base.start, start), *(pks if is_former else ())}
        return writing.differences(self._open(base.name), everything, sorted(changed), start)

    def _part(self, base: Part, everything: Searcher, differing: Sequence[writing.Difference], start: int) -> Part:
        """What the public finds at `start`, made from `base`, which differs from it in `differing`."""
        if not differing:
            return base
        name = self._clone(base.name)
        writing.replace(self.folder / name, everything, differing, start)
        deleted_at = base.deleted_at or (clock.now().timestamp() if any(one.is_present for one in differing) else 0.0)
        return base._replace(name=name, deleted_at=deleted_at)


def _period(everything: Searcher, at: int) -> tuple[int, int]:
    """The times (µs) between which the public finds what it finds at `at`."""
    return writing.last_change(everything, at), writing.next_change(everything, at)
