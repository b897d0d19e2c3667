""" "Did you mean": for words that nothing visible has, a word like it that something visible has."""

from collections.abc import Iterable

from tantivy import Query, Searcher

from .analysis import words
from .matching import all_of, anywhere, term

SHORTEST = 4
MOST_TRIED = 30
MOST_LISTED = 20_000


def correction(text: str, plain: Iterable[str], searcher: Searcher, visible: list[Query]) -> str:
    """`text` with the misspelled of its words `plain` put right; "" where there is nothing to say.

    Counts only what `visible` lets through: a word that stands in hidden text alone is as good as none.
    """
    corrected = text
    for typed in plain:
        found = words(typed)
        if len(found) != 1 or len(found[0]) < SHORTEST or found[0].isdigit():
            continue
        if not _occurs(searcher, visible, typed, found[0]) and (better := _better(searcher, visible, found[0])):
            corrected = corrected.replace(typed, better)
    return corrected if corrected != text else ""


def _occurs(searcher: Searcher, visible: list[Query], typed: str, word: str) -> bool:
    """Whether anything visible has the word, be it in another inflection."""
    way = anywhere(typed)
    return _visible(searcher, visible, word) or bool(way and searcher.search(all_of([way, *visible]), 1).count)


def _better(searcher: Searcher, visible: list[Query], word: str) -> str:
    far = 1 if len(word) < 6 else 2
    near: list[tuple[int, int, str]] = []
    for start in dict.fromkeys((word[0], word[1])):
        for other, count in searcher.terms_with_prefix("words", start, None, MOST_LISTED):
            if abs(len(other) - len(word)) <= far and len(other) >= SHORTEST and other.isalpha():
                apart = distance(word, other, far)
                if apart <= far:
                    near.append((apart + (other[0] != word[0]), -count, other))
    for _, _, other in sorted(near)[:MOST_TRIED]:
        if _visible(searcher, visible, other):
            return other
    return ""


def _visible(searcher: Searcher, visible: list[Query], word: str) -> bool:
    query = all_of([term("words", word), *visible])
    return bool(searcher.search(query, 1, count=False).hits)


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
