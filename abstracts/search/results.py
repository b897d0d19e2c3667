"""Found abstracts, as a paginator takes them."""

import datetime as dt
from collections.abc import Sequence

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Viewer
from .engine import Found


class Results(Sequence[Abstract]):
    """A slice of it loads those abstracts through the law, in one query. This one is what the database found."""

    found: Found | None = None

    def __init__(self, pks: Sequence[int], viewer: Viewer, at: dt.datetime):
        self._pks, self._viewer, self._at = pks, viewer, at

    def __len__(self) -> int:
        return len(self._pks)

    def __getitem__(self, key):
        if isinstance(key, int):
            return self[key : key + 1 or None][0]
        return in_order_of(self._slice(key), self._viewer, self._at)

    def _slice(self, key: slice) -> Sequence[int]:
        return self._pks[key]

    def pks(self) -> Sequence[int]:
        """Primary keys of all that `total` speaks of, in order."""
        return self._slice(slice(0, self.total))

    def keys(self) -> Sequence[int]:
        """The primary keys of all that have all the words, of however many."""
        return self._slice(slice(0, self.with_all))

    @property
    def total(self) -> int:
        """How many have all the words; where none has, how many have most of them."""
        return len(self)

    @property
    def with_all(self) -> int:
        """How many have all the words: from there on come those with most of them."""
        return len(self)


class IndexResults(Results):
    """What the index found."""

    def __init__(self, found: Found, viewer: Viewer, at: dt.datetime):
        super().__init__((), viewer, at)
        self.found: Found = found

    def __len__(self) -> int:
        return self.found.with_all.total + self.found.with_most.total

    def _slice(self, key: slice) -> Sequence[int]:
        start, stop, _ = key.indices(len(self))
        return self.found.pks(start, stop)

    @property
    def total(self) -> int:
        return self.found.main.total

    @property
    def with_all(self) -> int:
        return self.found.with_all.total
