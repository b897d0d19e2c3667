"""Search: a form becomes one typed query, an engine answers it.

`filters` declares and validates the form, `query.SearchQuery` is what it says, `search` answers. Whoever searches
goes through `search`: which engine stands behind it is nobody else's business.

    text     analysis → schema, documents → replica, following     (the index follows the database)
    question parser, synonyms → matching, building, narrowing → engine → results
"""

import datetime as dt

from ..visibility import Viewer
from .database import matching_pks
from .engine import Found
from .following import ensure_current_snapshot
from .query import Order, SearchQuery
from .results import IndexResults, Results

__all__ = ["Order", "Results", "SearchQuery", "search"]


def search(query: SearchQuery, viewer: Viewer, at: dt.datetime) -> Results:
    """What `viewer` may find at `at`; nothing for an empty query.

    While the index is built anew, the database answers: the same law, but no ranking, facets or synonyms.
    """
    if query.is_empty:
        return Results([], viewer, at)
    if snapshot := ensure_current_snapshot():
        return IndexResults(Found(snapshot, query, viewer, at), viewer, at)
    return Results(matching_pks(query, viewer, at), viewer, at)
