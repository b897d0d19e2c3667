"""Related abstracts: those that share the most words that are rare elsewhere.

What the public finds is stored for a while, so that pages neither search nor wait for the index.
"""

import datetime as dt
import math
from collections import Counter

from django.core.cache import caches
from tantivy import Occur, Query

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Level, Viewer
from .feedback import rare_terms, terms_at
from .following import newest_snapshot
from .matching import all_of, boosted, silent, term
from .narrowing import at_least
from .searching import LawfulSearcher, Visible

MAX_TERMS = 20
# More than are shown, because some may be hidden by then.
STORED, STORE_FOR = 10, 600


def related(abstract: Abstract, viewer: Viewer, at: dt.datetime, count: int = 5) -> list[Abstract] | None:
    """Up to `count` abstracts like `abstract` of which `viewer` may see the title; None while there is no index.

    It compares what the viewer may read of `abstract` with what the viewer may read of the others.
    """
    if abstract.level < Level.TITLED:
        return []
    pks = _pks(abstract, Visible(viewer, at))
    return None if pks is None else in_order_of(pks, viewer, at, Level.TITLED)[:count]


def _pks(abstract: Abstract, visible: Visible) -> list[int] | None:
    if not (snapshot := newest_snapshot(visible)):
        return None
    part = snapshot.part_at(visible.at)
    if not visible.is_public:
        return _find(abstract, LawfulSearcher(snapshot, visible)) or []
    if part is None:
        return None
    # Keys of the public's index alone; of its generation, so that nothing that was deleted counts for longer.
    key = f"{part.generation}:{abstract.pk}:{abstract.level:d}"
    pks = caches["related"].get(key)
    if pks is None:
        pks = _find(abstract, LawfulSearcher(snapshot, visible))
        if pks is not None:
            caches["related"].set(key, pks, STORE_FOR)
    return pks or []


def _find(abstract: Abstract, searcher: LawfulSearcher) -> list[int] | None:
    """Primary keys of those most like `abstract`; None if it is not in the index."""
    is_titled = at_least(Level.TITLED)
    hits = searcher.hits(all_of([silent(term("pk", abstract.pk)), is_titled]), 1)
    if not hits:
        return None
    shares = {word: 1 + math.log(times) for word, times in Counter(terms_at(searcher, hits[0][1])).items()}
    typical = rare_terms(searcher, shares, MAX_TERMS)
    if not typical:
        return []
    alike = [(Occur.Should, boosted(term("everything", word), weight)) for word, weight in typical]
    alike += [(Occur.Should, boosted(term("title", word), 0.5 * weight)) for word, weight in typical]
    required = [(Occur.Must, query) for query in (Query.boolean_query(alike), is_titled)]
    query = Query.boolean_query([*required, (Occur.MustNot, term("pk", abstract.pk))])
    return searcher.top_pks(query, STORED)
