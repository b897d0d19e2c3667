"""Search: a form becomes one typed query, an engine answers it.

`filters` declares and validates the form, `query.SearchQuery` is what it says, `search` answers. Whoever searches
goes through `search`: which engine stands behind it is nobody else's business.
"""

import datetime as dt

from ..visibility import Viewer
from .database import matching_pks
from .query import SearchQuery
from .results import Results

__all__ = ["Results", "SearchQuery", "search"]


def search(query: SearchQuery, viewer: Viewer, at: dt.datetime) -> Results:
    """What `viewer` may find at `at`; nothing for an empty query."""
    pks = [] if query.is_empty else matching_pks(query, viewer, at)
    return Results(pks, viewer, at)
