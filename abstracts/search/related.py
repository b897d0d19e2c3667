"""Abstracts on the same matter: those that share most of the words that are rare elsewhere."""

import datetime as dt
import math
from collections import Counter

from tantivy import Occur, Query, Searcher

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Level, Viewer
from .analysis import WEAK_TERMS
from .following import ensure_current_snapshot
from .matching import boosted, silent, term
from .narrowing import at_least, visible
from .replica import pks_at

MOST_TERMS = 20
SHORTEST = 3


def related(abstract: Abstract, viewer: Viewer, at: dt.datetime, count: int = 5) -> list[Abstract]:
    """Up to `count` abstracts on the matter of `abstract`, of those that `viewer` may know; [] without an index.

    Compares what the viewer may read of `abstract` with what the viewer may read of the others.
    """
    snapshot = ensure_current_snapshot() if abstract.level >= Level.LISTED else None
    if not snapshot:
        return []
    searcher, may_see = snapshot.searcher, [at_least(Level.LISTED), *visible(viewer, at)]
    of_it = [(Occur.Must, query) for query in (silent(term("pk", abstract.pk)), *may_see)]
    hits = searcher.search(Query.boolean_query(of_it), 1, count=False).hits
    if not hits:
        return []
    typical = _typical(searcher, (searcher.doc(hits[0][1]).get_first("everything") or "").split())
    if not typical:
        return []
    like = Query.boolean_query([(Occur.Should, way) for way in typical])
    others = [(Occur.Must, query) for query in (like, *may_see)]
    query = Query.boolean_query([*others, (Occur.MustNot, term("pk", abstract.pk))])
    found = searcher.search(query, count, count=False).hits
    return in_order_of(pks_at(searcher, [address for _, address in found]), viewer, at, Level.LISTED)


def _typical(searcher: Searcher, found: list[str]) -> list[Query]:
    rated = {}
    for one, times in Counter(found).items():
        frequency = searcher.doc_freq("everything", one)
        if len(one) >= SHORTEST and one not in WEAK_TERMS and frequency > 1:
            rated[one] = (1 + math.log(times)) * math.log(1 + searcher.num_docs / frequency)
    best = sorted(rated, key=lambda one: (-rated[one], one))[:MOST_TERMS]
    top = rated[best[0]] if best else 1.0
    ways = [boosted(term("everything", one), rated[one] / top) for one in best]
    return ways + [boosted(term("title", one), 0.5 * rated[one] / top) for one in best]
