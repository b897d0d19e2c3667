"""What is in use of a folder of indexes, as written and as opened."""

import datetime as dt
import json
from typing import NamedTuple

from tantivy import DocAddress, Searcher

from ..models import Mark
from .documents import microseconds


class Part(NamedTuple):
    """An index of what the public finds from `start` until before `end` (µs since 1970).

    `deleted_at`: when the first document was deleted that its statistics still count (seconds since 1970); 0 for never.
    `generation` tells those that were made anew from each other.
    """

    name: str
    start: int
    end: int
    deleted_at: float
    generation: str


class State(NamedTuple):
    """The content of `current`. `all`: name of the index of all documents. `seconds`: what making a part anew takes."""

    mark: Mark
    all: str
    public: tuple[Part, ...]
    seconds: float = 0.0

    @property
    def names(self) -> set[str]:
        return {self.all, *(part.name for part in self.public)}

    def dumps(self) -> str:
        return json.dumps(self)

    @classmethod
    def loads(cls, text: str) -> "State":
        """Raises ValueError or TypeError for anything that `dumps` did not write."""
        mark, everything, public, seconds = json.loads(text)
        return cls(Mark(*mark), str(everything), tuple(Part(*part) for part in public), float(seconds))


class Snapshot:
    """An immutable view of the indexes, and the mark of the archive that it shows.

    `unfiltered` has all documents and knows nothing of visibility: searches go through `searching.LawfulSearcher`.
    """

    def __init__(self, state: State, searchers: dict[str, Searcher]):
        self.state, self.mark = state, state.mark
        self.unfiltered = searchers[state.all]
        self._searchers = searchers

    @property
    def revision(self) -> int:
        return self.mark.revision

    def as_at(self, mark: Mark) -> "Snapshot":
        """The same at another mark of the archive, between which nothing differs."""
        return Snapshot(self.state._replace(mark=mark), self._searchers)

    def part_at(self, at: dt.datetime) -> Part | None:
        instant = microseconds(at)
        return next((part for part in self.state.public if part.start <= instant < part.end), None)

    def public_at(self, at: dt.datetime) -> Searcher | None:
        """The index of exactly what the public finds at `at`; None if there is none for that time."""
        part = self.part_at(at)
        return self._searchers[part.name] if part else None


def pks_at(searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
    """Primary keys of the abstracts whose documents are at `addresses`, in the same order."""
    return [int(pk or 0) for pk in searcher.fast_field_values("pk", addresses)]
