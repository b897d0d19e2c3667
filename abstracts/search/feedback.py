"""Terms that are typical of some abstracts: they help to order the answers of a long question, or to find related ones.

Only documents that the viewer may see are looked at.
"""

import math
from collections import Counter
from collections.abc import Mapping

from tantivy import DocAddress, Query

from .analysis import WEAK_TERMS
from .searching import LawfulSearcher

BEST_RESULTS, MAX_TERMS, WEIGHT, CANDIDATES = 5, 15, 0.5, 80
MIN_LETTERS = 3


def typical_terms(searcher: LawfulSearcher, query: Query) -> list[tuple[str, float]]:
    """Terms that are typical of the best results of `query`, with their weights; at most MAX_TERMS."""
    hits = searcher.hits(query, BEST_RESULTS)
    shares = Counter[str]()
    total = sum(score for score, _ in hits) or 1.0
    for score, address in hits:
        terms = terms_at(searcher, address)
        for term, count in Counter(terms).items():
            shares[term] += score / total * count / len(terms)
    rarest = rare_terms(searcher, dict(shares.most_common(CANDIDATES)), MAX_TERMS)
    return [(term, WEIGHT * weight) for term, weight in rarest]


def terms_at(searcher: LawfulSearcher, address: DocAddress) -> list[str]:
    """All terms of the document at `address`."""
    return (searcher.doc(address).get_first("everything") or "").split()


def rare_terms(searcher: LawfulSearcher, shares: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
    """The terms with the greatest share × rarity in the index, with that product divided by the greatest one."""
    rated = {
        term: share * math.log(1 + searcher.unfiltered.num_docs / frequency)
        for term, share in shares.items()
        if len(term) >= MIN_LETTERS
        and term not in WEAK_TERMS
        and (frequency := searcher.unfiltered.doc_freq("everything", term)) > 1
    }
    best = sorted(rated, key=lambda term: (-rated[term], term))[:limit]
    return [(term, rated[term] / rated[best[0]]) for term in best]
