"""Search: `form` validates the address and makes a `SearchQuery` of it, `search` answers it.

Other packages call only `search`; they do not depend on the engine behind it.

    text    analysis → schema, documents → replica, following     (the index follows the database)
    query   parser, synonyms → matching, building, narrowing → engine → results
"""

import datetime as dt

from ..visibility import Viewer
from .database import matching_pks
from .engine import Matches
from .following import ensure_current_snapshot
from .query import Order, SearchQuery
from .results import IndexResults, Results
from .searching import Visible

__all__ = ["Order", "Results", "SearchQuery", "search"]


def search(query: SearchQuery, viewer: Viewer, at: dt.datetime) -> Results:
    """The results of `query` that `viewer` may see at `at`; none for an empty query.

    While the index is being rebuilt, the database answers: the same law, but no ranking, facets or synonyms.
    """
    if query.is_empty:
        return Results([], viewer, at)
    if snapshot := ensure_current_snapshot(Visible(viewer, at)):
        return IndexResults(Matches(snapshot, query, viewer, at), viewer, at)
    return Results(matching_pks(query, viewer, at), viewer, at)
