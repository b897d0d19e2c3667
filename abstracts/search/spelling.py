""" "Did you mean": replaces words that no visible document has by similar words that some have.

A correct word may simply occur in no abstract yet ("vision"), so only very similar words are offered: with one letter
different; in long words two, but not at the beginning. Words of the list of synonyms count as correct.
"""

import functools
import itertools
from collections.abc import Iterable

from .analysis import words
from .matching import anywhere, term
from .searching import LawfulSearcher
from .synonyms import shipped

MIN_LETTERS = 4
# Words of so many letters may differ in two letters, if their first letters are the same.
LONG, SAME_START = 8, 2
MAX_TRIED = 200
MAX_LISTED = 50_000


def correction(text: str, plain_words: Iterable[str], searcher: LawfulSearcher) -> str:
    """`text` with the misspelled ones of its `plain_words` corrected; "" if there are none.

    Only what the viewer may see counts: a word that occurs in hidden text alone does not exist.
    """
    corrected = text
    for typed in plain_words:
        folded = words(typed)
        if len(folded) != 1:
            continue
        word = folded[0]
        if len(word) < MIN_LETTERS or word.isdigit() or word in _listed_words():
            continue
        if not _occurs(searcher, typed, word) and (better := _most_similar(searcher, word)):
            corrected = corrected.replace(typed, better)
    return corrected if corrected != text else ""


@functools.cache
def _listed_words() -> frozenset[str]:
    """The words of the shipped list of synonyms."""
    return frozenset(word for group in shipped() for variant in group for word in words(variant.text))


def _occurs(searcher: LawfulSearcher, typed: str, word: str) -> bool:
    """Whether any visible document has the word, in any inflection."""
    inflected = anywhere(typed)
    return bool(_count(searcher, word) or (inflected and searcher.count(inflected)))


def _most_similar(searcher: LawfulSearcher, word: str) -> str:
    """The word most similar to `word` that is visible; the most common one of several; "" if there is none."""
    similar = sorted(_similar(searcher, word))[:MAX_TRIED]
    for _, group in itertools.groupby(similar, key=lambda pair: pair[0]):
        count, other = min((-_count(searcher, other), other) for _, other in group)
        if count:
            return other
    return ""


def _similar(searcher: LawfulSearcher, word: str) -> Iterable[tuple[int, str]]:
    """(difference, other) for similar words of the index, visible or not."""
    limit = 1 if len(word) < LONG else 2
    for start in dict.fromkeys((word[0], word[1])):
        for other, _ in searcher.unfiltered.terms_with_prefix("words", start, None, MAX_LISTED):
            if abs(len(other) - len(word)) <= limit and len(other) >= MIN_LETTERS and other.isalpha():
                edits = distance(word, other, limit)
                if edits == 1 or (edits == 2 and limit == 2 and word[:SAME_START] == other[:SAME_START]):
                    yield edits + (word[0] != other[0]), other


def _count(searcher: LawfulSearcher, word: str) -> int:
    """How many visible documents have `word`."""
    return searcher.count(term("words", word))


def distance(one: str, other: str, limit: int) -> int:
    """How many letters to insert, drop, change or swap to make `one` into `other`; `limit` + 1 if more than `limit`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
