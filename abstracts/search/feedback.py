"""Terms that are typical of some abstracts: they help to order the answers of a long question, or to find related ones.

Only documents that the viewer may see are looked at.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Set

from tantivy import DocAddress, Query

from .analysis import WEAK_TERMS
from .searching import LawfulSearcher

DOCUMENTS, MAX_TERMS, WEIGHT, CANDIDATES = 10, 15, 1.0, 80
# How much of a long question the best results have says whether they answer it, or only touch it.
LONG, BEST = 5, 3
MIN_LETTERS = 3


def typical_terms(searcher: LawfulSearcher, query: Query, typed: Set[str]) -> list[tuple[str, float]]:
    """Terms that are typical of the best results of `query`, with their weights; at most MAX_TERMS.

    `typed`: the terms of the question. The more of a long question the best results have, the less the others weigh.
    """
    results = [Counter(terms_at(searcher, address)) for _, address in searcher.hits(query, DOCUMENTS)]
    shares: dict[str, float] = defaultdict(float)
    for place, counts in enumerate(results, 1):
        for term, count in counts.items():
            shares[term] += math.log1p(count) / place
    occurrences = Counter(term for counts in results for term in counts)
    common = [term for term in shares if occurrences[term] > 1 or len(results) == 1]
    candidates = heapq.nlargest(CANDIDATES, common, key=lambda term: (shares[term], term))
    rarest = rare_terms(searcher, {term: shares[term] for term in candidates}, MAX_TERMS)
    weight = WEIGHT
    if len(typed) >= LONG:
        answered = [len(typed & counts.keys()) / len(typed) for counts in results[:BEST]]
        weight *= 1 - sum(answered) / max(len(answered), 1)
    return [(term, weight * rarity) for term, rarity in rarest]


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
