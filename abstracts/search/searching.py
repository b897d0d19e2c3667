"""The only way to ask the index.

The public is answered from an index of exactly what it may see, so that nothing of an answer, not even its order,
depends on anything else. Whoever may see more asks the index of all documents; there every question is joined with what
the viewer may see.
"""

import datetime as dt
from typing import Any

from tantivy import DocAddress, Document, Occur, Query

from ..visibility import Role, Unreadable, Viewer
from .documents import microseconds
from .schema import INTEGER, schema
from .snapshots import Snapshot, pks_at
from .writing import public_at


class Visible:
    """The clause of the law: it matches what `viewer` may see at `at`. The law set each document's window.

    `conditions` are for the index of all documents; `is_public`: the public's index answers `viewer`.
    """

    def __init__(self, viewer: Viewer, at: dt.datetime):
        self.at, now = at, microseconds(at)
        self.is_public = viewer.role is not Role.STAFF and not (viewer.role is Role.PRESS and viewer.meetings)
        if self.is_public:
            query = public_at(now)
        elif viewer.role is Role.STAFF:
            query = Query.term_query(schema(), "staff", 1)
        else:
            query = _press(viewer.meetings, now)
        # A mere condition: it adds nothing to the score.
        self.conditions = [(Occur.Must, Query.const_score_query(query, 0.0))]


def _press(meetings: frozenset[int], now: int) -> Query:
    """In `meetings` (primary keys), what is open to the press `now` (µs); all else that the public finds."""
    inside = Query.term_set_query(schema(), "meeting", sorted(meetings))
    is_open = Query.range_query(schema(), "press_from", INTEGER, None, now)
    of_press = Query.term_query(schema(), "press", 1)
    reads_ahead = Query.boolean_query([(Occur.Must, inside), (Occur.Must, is_open)])
    ahead = Query.boolean_query([(Occur.Must, reads_ahead), (Occur.Must, of_press)])
    others = Query.boolean_query([(Occur.Must, public_at(now)), (Occur.MustNot, reads_ahead)])
    return Query.boolean_query([(Occur.Should, ahead), (Occur.Should, others)])


class LawfulSearcher:
    """A view of the index through the law. Its answers are the same whatever the index's history.

    `unfiltered` is the index that answers: it is for statistics that order results, and for what is asked for again.
    """

    def __init__(self, snapshot: Snapshot, visible: Visible):
        if not isinstance(visible, Visible):
            raise Unreadable("the index answers only with the clause of the law: Visible(viewer, at)")
        public = snapshot.public_at(visible.at) if visible.is_public else None
        if visible.is_public and public is None:
            raise Unreadable("the snapshot has no index of what the public may see then")
        self.unfiltered = public or snapshot.unfiltered
        self._conditions = [] if public else visible.conditions

    def _joined(self, query: Query) -> Query:
        return Query.boolean_query([(Occur.Must, query), *self._conditions]) if self._conditions else query

    def count(self, query: Query) -> int:
        """How many documents match `query`. As an aggregation, which spares their scores, it takes half as long."""
        answer = self.aggregate(query, {"documents": {"value_count": {"field": "pk"}}})
        return int(answer["documents"]["value"])

    def hits(self, query: Query, limit: int, offset: int = 0, **options: Any) -> list[tuple[Any, DocAddress]]:
        """(score, address) of the `limit` best documents after `offset`; `options` are those of `Searcher.search`.

        Of equal scores the newer abstract is first. (Tantivy has them in the order of their segments.)
        """
        return self._hits_and_count(query, limit, offset, count=False, **options)[0]

    def _hits_and_count(
        self, query: Query, limit: int, offset: int, count: bool, **options: Any
    ) -> tuple[list[tuple[Any, DocAddress]], int]:
        joined = self._joined(query)
        if "order_by_field" in options:
            result = self.unfiltered.search(joined, limit, count=count, offset=offset, **options)
            return result.hits, result.count or 0  # type: ignore[attr-defined]  # missing in its types
        end = take = offset + limit
        total = 0
        while True:
            take += 1
            result = self.unfiltered.search(joined, take, count=count, **options)
            total, count = total or result.count or 0, False  # type: ignore[attr-defined]
            hits = result.hits
            if len(hits) < take or hits[-1][0] < hits[end - 1][0]:
                break
            take *= 16  # what follows is as good as the last one: all that are must be known
        pks = pks_at(self.unfiltered, [address for _, address in hits])
        ranked = sorted(zip(hits, pks, strict=True), key=lambda hit: (-hit[0][0], -hit[1]))
        return [hit for hit, _ in ranked[offset:end]], total

    def top_pks(self, query: Query, limit: int, **options: Any) -> list[int]:
        """Primary keys of the abstracts of the `limit` best documents."""
        return pks_at(self.unfiltered, [address for _, address in self.hits(query, limit, **options)])

    def top_pks_and_count(self, query: Query, limit: int, **options: Any) -> tuple[list[int], int]:
        """The same as `top_pks` and `count`, in the time of one of them."""
        hits, count = self._hits_and_count(query, limit, 0, count=True, **options)
        return pks_at(self.unfiltered, [address for _, address in hits]), count

    def doc(self, address: DocAddress) -> Document:
        """The document at an address that `hits` gave."""
        return self.unfiltered.doc(address)

    def aggregate(self, query: Query, request: dict[str, Any]) -> dict[str, Any]:
        return self.unfiltered.aggregate(self._joined(query), request)

    def terms_with_prefix(
        self, field: str, prefix: str, limit: int, condition: Query | None = None
    ) -> list[tuple[str, int]]:
        """Up to `limit` (term, count) of the documents that match `condition`."""
        query = Query.all_query() if condition is None else condition
        return self.unfiltered.terms_with_prefix(field, prefix, self._joined(query), limit)
