"""What the best abstracts of a first look have in common: words that help to order a long question's answers.

Only what the viewer may see is looked at, as the first look is at nothing else.
"""

import math
from collections import Counter

from tantivy import Query, Searcher

from .analysis import WEAK_TERMS

BEST, MOST, WEIGHT, CANDIDATES = 5, 15, 0.5, 80
SHORTEST = 3


def terms_from(searcher: Searcher, query: Query, known: set[str]) -> list[tuple[str, float]]:
    """Terms typical of what `query` finds first, with the weights to search them with; at most MOST."""
    hits = searcher.search(query, BEST, count=False).hits
    mass = Counter[str]()
    whole = sum(score for score, _ in hits) or 1.0
    for score, address in hits:
        found = (searcher.doc(address).get_first("everything") or "").split()
        for term, count in Counter(found).items():
            mass[term] += score / whole * count / len(found)
    rated = {
        term: share * math.log(1 + searcher.num_docs / frequency)
        for term, share in mass.most_common(CANDIDATES)
        if len(term) >= SHORTEST and term not in WEAK_TERMS and (frequency := searcher.doc_freq("everything", term)) > 1
    }
    best = sorted(rated, key=lambda term: (-rated[term], term))[:MOST]
    return [(term, WEIGHT * rated[term] / rated[best[0]]) for term in best]
