"""Results as sequences, for paginators."""

import datetime as dt
from collections.abc import Sequence

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Viewer
from .engine import Matches


class Results(Sequence[Abstract]):
    """The abstracts of a search. A slice loads its abstracts through the law, in one query.

    `matches`: what the index matched; None if the database answered.
    """

    matches: Matches | None = None

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
        """Primary keys of all that `total` counts, in order."""
        return self._slice(slice(0, self.total))

    def pks_with_all(self) -> Sequence[int]:
        """Primary keys of the abstracts with all words, in order."""
        return self._slice(slice(0, self.with_all))

    @property
    def total(self) -> int:
        """How many abstracts have all words; if none has, how many have all but one; if none has, those with fewer."""
        return len(self)

    @property
    def with_all(self) -> int:
        """How many abstracts have all words. They come first."""
        return len(self)

    @property
    def with_most(self) -> int:
        """How many abstracts have all words but one. They come next."""
        return 0

    @property
    def with_fewer(self) -> int:
        """How many abstracts with fewer words follow."""
        return 0


class IndexResults(Results):
    """Results from the index."""

    matches: Matches

    def __init__(self, matches: Matches, viewer: Viewer, at: dt.datetime):
        super().__init__((), viewer, at)
        self.matches = matches

    def __len__(self) -> int:
        return self.with_all + self.with_most + self.with_fewer

    def _slice(self, key: slice) -> Sequence[int]:
        start, stop, _ = key.indices(len(self))
        return self.matches.pks(start, stop)

    @property
    def total(self) -> int:
        return self.matches.main.total

    @property
    def with_all(self) -> int:
        return self.matches.with_all.total

    @property
    def with_most(self) -> int:
        return self.matches.with_most.total

    @property
    def with_fewer(self) -> int:
        return self.matches.with_fewer.total
