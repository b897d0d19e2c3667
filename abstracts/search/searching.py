"""The only way to ask the index: every question is joined with what the viewer may see."""

import datetime as dt
from typing import Any

from tantivy import DocAddress, Document, Occur, Query

from ..visibility import Role, Unreadable, Viewer
from .documents import microseconds
from .replica import Snapshot, pks_at
from .schema import INTEGER, schema


class Visible:
    """The clause of the law: it matches what `viewer` may see at `at`. The law set each document's window."""

    def __init__(self, viewer: Viewer, at: dt.datetime):
        now = microseconds(at)
        queries = [
            Query.range_query(schema(), "valid_from", INTEGER, None, now),
            Query.range_query(schema(), "valid_until", INTEGER, now, None, include_lower=False),
        ]
        if viewer.role is Role.STAFF:
            queries = [Query.term_query(schema(), "staff", 1)]
        elif viewer.role is Role.PRESS and viewer.meetings:
            queries = [_press(viewer.meetings, queries, now)]
        # Mere conditions: they add nothing to the score.
        self.conditions = [(Occur.Must, Query.const_score_query(query, 0.0)) for query in queries]


def _press(meetings: frozenset[int], public: list[Query], now: int) -> Query:
    """In `meetings` (primary keys), what is open to the press `now`; all else that matches all of `public`."""
    inside = Query.term_set_query(schema(), "meeting", sorted(meetings))
    is_open = Query.range_query(schema(), "press_from", INTEGER, None, now)
    of_press = Query.term_query(schema(), "press", 1)
    reads_ahead = Query.boolean_query([(Occur.Must, inside), (Occur.Must, is_open)])
    ahead = Query.boolean_query([(Occur.Must, reads_ahead), (Occur.Must, of_press)])
    others = Query.boolean_query([*((Occur.Must, query) for query in public), (Occur.MustNot, reads_ahead)])
    return Query.boolean_query([(Occur.Should, ahead), (Occur.Should, others)])


class LawfulSearcher:
    """A view of the index through the clause of the law.

    `unfiltered` knows nothing of visibility. It is for statistics that order results, and for what is asked for again.
    """

    def __init__(self, snapshot: Snapshot, visible: Visible):
        if not isinstance(visible, Visible):
            raise Unreadable("the index answers only with the clause of the law: Visible(viewer, at)")
        self.unfiltered = snapshot.unfiltered
        self._conditions = visible.conditions

    def _joined(self, query: Query) -> Query:
        return Query.boolean_query([(Occur.Must, query), *self._conditions])

    def count(self, query: Query) -> int:
        """How many documents match `query`. As an aggregation, which spares their scores, it takes half as long."""
        answer = self.aggregate(query, {"documents": {"value_count": {"field": "pk"}}})
        return int(answer["documents"]["value"])

    def hits(self, query: Query, limit: int, **options: Any) -> list[tuple[Any, DocAddress]]:
        """(score, address) of the `limit` best documents; `options` are those of `Searcher.search`."""
        return self.unfiltered.search(self._joined(query), limit, count=False, **options).hits

    def top_pks(self, query: Query, limit: int, **options: Any) -> list[int]:
        """Primary keys of the abstracts of the `limit` best documents."""
        return pks_at(self.unfiltered, [address for _, address in self.hits(query, limit, **options)])

    def top_pks_and_count(self, query: Query, limit: int, **options: Any) -> tuple[list[int], int]:
        """The same as `top_pks` and `count`, in the time of one of them."""
        result = self.unfiltered.search(self._joined(query), limit, **options)
        count = result.count  # type: ignore[attr-defined]  # missing in its types
        return pks_at(self.unfiltered, [address for _, address in result.hits]), count

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
