""" "Did you mean": for words that nothing visible has, a word like it that something visible has.

A word may well be right and in no abstract yet ("vision"): whoever is offered another one has to believe it. So little
may differ: one letter, in long words two, and these not at the beginning; and words of the list of synonyms are right.
"""

import functools
import itertools
from collections.abc import Iterable

from tantivy import Query, Searcher

from .analysis import words
from .matching import all_of, anywhere, term
from .synonyms import shipped

SHORTEST = 4
# From so many letters on, two may differ, behind as many that do not.
LONG, SURE = 8, 2
MOST_TRIED = 200
MOST_LISTED = 50_000


def correction(text: str, plain: Iterable[str], searcher: Searcher, visible: list[Query]) -> str:
    """`text` with the misspelled of its words `plain` put right; "" where there is nothing to say.

    Counts only what `visible` lets through: a word that stands in hidden text alone is as good as none.
    """
    corrected = text
    for typed in plain:
        found = words(typed)
        if len(found) != 1 or len(found[0]) < SHORTEST or found[0].isdigit() or found[0] in _right_words():
            continue
        if not _occurs(searcher, visible, typed, found[0]) and (better := _better(searcher, visible, found[0])):
            corrected = corrected.replace(typed, better)
    return corrected if corrected != text else ""


@functools.cache
def _right_words() -> frozenset[str]:
    """Words that the shipped list holds, whatever the abstracts do."""
    return frozenset(word for entry in shipped() for form in entry for word in words(form.text))


def _occurs(searcher: Searcher, visible: list[Query], typed: str, word: str) -> bool:
    """Whether anything visible has the word, be it in another inflection."""
    way = anywhere(typed)
    return bool(_count(searcher, visible, word) or (way and searcher.search(all_of([way, *visible]), 1).count))


def _better(searcher: Searcher, visible: list[Query], word: str) -> str:
    """The word most like `word`; of several the commonest of what is visible."""
    near = sorted(_near(searcher, word))[:MOST_TRIED]
    for _, alike in itertools.groupby(near, key=lambda found: found[0]):
        counted = [(-_count(searcher, visible, other), other) for _, other in alike]
        count, other = min(counted)
        if count:
            return other
    return ""


def _near(searcher: Searcher, word: str) -> Iterable[tuple[int, str]]:
    """Words like `word` that the index has, visible or not, with how unlike they are."""
    far = 1 if len(word) < LONG else 2
    for start in dict.fromkeys((word[0], word[1])):
        for other, _ in searcher.terms_with_prefix("words", start, None, MOST_LISTED):
            if abs(len(other) - len(word)) <= far and len(other) >= SHORTEST and other.isalpha():
                apart = distance(word, other, far)
                if apart == 1 or (apart == 2 and far == 2 and word[:SURE] == other[:SURE]):
                    yield apart + (word[0] != other[0]), other


def _count(searcher: Searcher, visible: list[Query], word: str) -> int:
    """How many visible documents have `word`."""
    return searcher.search(all_of([term("words", word), *visible]), 1).count


def distance(one: str, other: str, most: int) -> int:
    """Letters to insert, drop, change or swap to make `one` into `other`; `most` + 1 where it takes more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
