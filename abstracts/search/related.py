"""Related abstracts: those that share the most words that are rare elsewhere."""

import datetime as dt
import math
from collections import Counter

from tantivy import Occur, Query

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Level, Viewer
from .feedback import rare_terms, terms_at
from .following import ensure_current_snapshot
from .matching import all_of, boosted, silent, term
from .narrowing import at_least
from .searching import LawfulSearcher, Visible

MAX_TERMS = 20


def related(abstract: Abstract, viewer: Viewer, at: dt.datetime, count: int = 5) -> list[Abstract]:
    """Up to `count` abstracts like `abstract` of which `viewer` may see the title; [] without an index.

    It compares what the viewer may read of `abstract` with what the viewer may read of the others.
    """
    snapshot = ensure_current_snapshot() if abstract.level >= Level.TITLED else None
    if not snapshot:
        return []
    searcher, is_titled = LawfulSearcher(snapshot, Visible(viewer, at)), at_least(Level.TITLED)
    hits = searcher.hits(all_of([silent(term("pk", abstract.pk)), is_titled]), 1)
    if not hits:
        return []
    shares = {word: 1 + math.log(times) for word, times in Counter(terms_at(searcher, hits[0][1])).items()}
    typical = rare_terms(searcher, shares, MAX_TERMS)
    if not typical:
        return []
    alike = [(Occur.Should, boosted(term("everything", word), weight)) for word, weight in typical]
    alike += [(Occur.Should, boosted(term("title", word), 0.5 * weight)) for word, weight in typical]
    required = [(Occur.Must, query) for query in (Query.boolean_query(alike), is_titled)]
    query = Query.boolean_query([*required, (Occur.MustNot, term("pk", abstract.pk))])
    return in_order_of(searcher.top_pks(query, count), viewer, at, Level.TITLED)
