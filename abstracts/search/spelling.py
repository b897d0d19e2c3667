"""Corrects words that no visible document has.

A word may be right and simply occur in no abstract yet ("vision"). So only very similar words are taken: with one edit
(a letter inserted, dropped, changed, or two swapped); in long words two, but not at the beginning. Words of the list of
synonyms and of the Spanish list count as right; in Spanish those of the Spanish list are also what may be meant.

A correction is clear if no other word is nearly as likely: it is searched at once. Others are only offered.
"""

import functools
import itertools
import math
import re
from dataclasses import dataclass
from string import ascii_lowercase

from tantivy import Query

from .analysis import term_of, words
from .matching import any_of, anywhere, in_order, term
from .query import SearchQuery
from .searching import LawfulSearcher
from .synonyms import shipped
from .translating import is_spanish, spanish_words, stem

MIN_LETTERS, MIN_LETTERS_IF_CLEAR = 4, 5
# Words of so many letters may differ in two letters, if their first letters are the same.
LONG, SAME_START = 9, 2
# A clear correction is so many times as common as any other, and in so many documents: in a small archive in fewer, but
# never in one alone.
CLEARLY, RARE, FEWEST = 10, 5, 2
# Words of fewer letters are similar to many: what they clearly are must be three times as common.
SHORT = 7
MIN_PART = 3
MAX_WALKED = 50_000
# With another of these, a word means something else.
_AFFIXES = re.compile(
    "^(?:hyper|hypo|inter|intra|macro|micro|pre|peri|post|ante|anti|endo|exo|ad|ab)|(?:osis|itis|oma)$"
)


@dataclass(frozen=True)
class Correction:
    """The text of the search box before and after, and the `words` of it that were misspelled."""

    original: str
    text: str
    words: tuple[str, ...]


def clear_correction(query: SearchQuery, searcher: LawfulSearcher) -> Correction | None:
    """The text of `query` with those of its plain words corrected whose correction is clear; None if there are none.

    Only what the viewer may see counts: a word that occurs in hidden text alone does not exist.
    """
    corrected = _Speller(searcher, query).corrected(only_clear=True)
    return corrected if corrected.words else None


def correction(query: SearchQuery, searcher: LawfulSearcher) -> str:
    """The same with all corrections, to be offered; "" if there are none."""
    corrected = _Speller(searcher, query).corrected(only_clear=False)
    return corrected.text if corrected.words else ""


class _Speller:
    def __init__(self, searcher: LawfulSearcher, query: SearchQuery):
        self.searcher, self.query, self.in_spanish = searcher, query, query.language == "es"
        self.literal = {word for text in query.literal for word in words(text)}

    def corrected(self, only_clear: bool) -> Correction:
        text, plain_words, misspelled = self.query.text, self.query.plain_words, []
        for place, typed in enumerate(plain_words):
            neighbors = plain_words[max(place - 1, 0) : place + 2]
            for piece in re.split("[-/]", typed):
                if self._may_be_misspelled(piece, only_clear) and not self._is_right(piece, neighbors):
                    better, is_clear = self._best(words(piece)[0])
                    if better and (is_clear or not only_clear):
                        text = re.sub(rf"\b{re.escape(piece)}\b", _with_capitals_of(piece, better), text)
                        misspelled.append(piece)
        return Correction(self.query.text, text, tuple(misspelled))

    def _may_be_misspelled(self, typed: str, only_clear: bool) -> bool:
        """Whether `typed` is a word, no abbreviation or number, and not wanted as it is."""
        if not typed.isalpha() or len(typed) < (MIN_LETTERS_IF_CLEAR if only_clear else MIN_LETTERS):
            return False
        is_word = typed[1:].islower() or (typed.isupper() and len(typed) >= LONG)
        return is_word and len(words(typed)) == 1 and words(typed)[0] not in self.literal

    def _is_right(self, typed: str, neighbors: list[str]) -> bool:
        """Whether a list or any visible document has the word, in any inflection or as one with a neighbor."""
        [word] = words(typed)
        if term_of(word) in _listed_terms() or is_spanish(word) or self._count(word):
            return True
        places = term("places", term_of(word))
        if self.searcher.count(any_of([inflected, places]) if (inflected := anywhere(typed)) else places):
            return True
        return any(self._count("".join(words(one + other))) for one, other in itertools.pairwise(neighbors))

    def _best(self, word: str) -> tuple[str, bool]:
        """What is most likely meant by `word`, "" if nothing is, and whether it clearly is."""
        if self.in_spanish and (spanish := _spanish_near(word)):
            return spanish
        found = self._with_one_edit(word)
        if not found and word.endswith("s"):
            found = self._with_one_edit(word[:-1])  # "sjorgens": no document has the "s" of "Sjögren's"
        found = found or self._with_two_edits(word)
        if not found:
            return self._split(word)
        same_start = {other: count for other, count in found.items() if other[0] == word[0]}
        # Inflections of a word are no doubt about it.
        by_stem = {term_of(other): count for other, count in (same_start or found).items()}
        (stem, most), *others = sorted(by_stem.items(), key=lambda pair: (-pair[1], pair[0]))
        better = min((other for other in found if term_of(other) == stem), key=lambda o: (-self._count(o), o))
        if _differ_in_affixes(word, better):
            return "", False
        is_common = better in _listed_words() or (most > 0 and self._count(better) >= self._least(word))
        is_alone = all(most >= CLEARLY * count for _, count in others)
        return better, bool(same_start) and is_common and is_alone and len(better) >= MIN_LETTERS_IF_CLEAR

    def _with_one_edit(self, word: str) -> dict[str, int]:
        """Words that differ from `word` in one edit, and how many visible documents have them in text."""
        near = _edits(word)
        seen = {other for other in near if self._may_occur(other) and self._count(other)}
        return self._counted(word, seen | (near & _listed_words()))

    def _with_two_edits(self, word: str) -> dict[str, int]:
        if len(word) < LONG:
            return {}
        start, letters = word[:SAME_START], set(word)
        known = {other for other in _listed_words() if other.startswith(start)}
        known.update(other for other, _ in self.searcher.terms_with_prefix("words", start, MAX_WALKED))
        # Two edits change at most four of the letters that a word has: most words need no more than this look.
        alike = (other for other in known if len(letters ^ set(other)) <= 4)
        return self._counted(word, {other for other in alike if distance(word, other, 2) == 2})

    def _counted(self, word: str, others: set[str]) -> dict[str, int]:
        """`others`, and how many visible documents have them in text.

        Words of the list count as common enough. Names of authors, in no text, are not what short words mean.
        """
        counts = {other: self.searcher.count(term("everything", term_of(other))) for other in others}
        for other in others & _listed_words():
            counts[other] = max(counts[other], math.ceil(self._least(word)))
        return {other: count for other, count in counts.items() if count or len(word) >= SHORT}

    def _least(self, word: str) -> float:
        """How many visible documents must have what is clearly meant by `word`: a word of one of them hardly is."""
        return max(FEWEST, min(RARE, self._documents / 300) * (1 if len(word) >= SHORT else 3))

    @functools.cached_property
    def _documents(self) -> int:
        return self.searcher.count(Query.all_query())

    def _split(self, word: str) -> tuple[str, bool]:
        """The two words that `word` is without the blank between them, and whether it clearly is; as `_best`."""
        pairs = ((word[:place], word[place:]) for place in range(MIN_PART, len(word) - MIN_PART + 1))
        counts = {
            pair: self.searcher.count(in_order("words", pair)) for pair in pairs if all(map(self._may_occur, pair))
        }
        seen = [(-count, " ".join(pair)) for pair, count in counts.items() if count]
        minus_count, pair = min(seen, default=(0, ""))
        return pair, -minus_count >= self._least(word)

    def _may_occur(self, word: str) -> bool:
        """Whether any document has `word`, visible or not. It is fast, and most edits are no words."""
        return self.searcher.unfiltered.doc_freq("words", word) > 0

    def _count(self, word: str) -> int:
        """How many visible documents have `word`."""
        return self.searcher.count(term("words", word))


@functools.cache
def _listed_words() -> frozenset[str]:
    """The words of the shipped list of synonyms."""
    return frozenset(word for group in shipped() for variant in group for word in words(variant.text))


@functools.cache
def _listed_terms() -> frozenset[str]:
    return frozenset(map(term_of, _listed_words()))


def _spanish_near(word: str) -> tuple[str, bool] | None:
    """What the Spanish list has most similar to `word`, and whether nothing else in it is as similar."""
    near = {other for other in _edits(word) if is_spanish(other)}
    if not near and len(word) >= LONG:
        near = {
            other
            for other in spanish_words()
            if other[:SAME_START] == word[:SAME_START] and distance(word, other, 2) == 2
        }
    if not near:
        return None
    better = min(near, key=lambda other: (other not in spanish_words(), other))
    return spanish_words().get(better, better), len(set(map(stem, near))) == 1


def _differ_in_affixes(one: str, other: str) -> bool:
    """Whether nothing else differs: "hypotension" is no misspelled "hypertension", nor "arthrosis" "arthritis"."""
    return _AFFIXES.sub("", one) == _AFFIXES.sub("", other)


def _with_capitals_of(typed: str, word: str) -> str:
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[0].isupper() else word


def _edits(word: str) -> set[str]:
    """What differs from `word` in one letter inserted, dropped or changed, or in two neighbors swapped.

    The first letter is right, left out, or swapped with the second.
    """
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    edits = {start + end[1:] for start, end in halves if end}
    edits |= {start + end[1] + end[0] + end[2:] for start, end in halves if len(end) > 1}
    edits |= {start + letter + end[1:] for start, end in halves if end for letter in ascii_lowercase}
    edits |= {start + letter + end for start, end in halves for letter in ascii_lowercase}
    return {edit for edit in edits if len(edit) >= MIN_LETTERS and edit[0] in word[:2]} - {word}


def distance(one: str, other: str, limit: int) -> int:
    """How many letters to insert, drop, change or swap to make `one` into `other`; `limit` + 1 if more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
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
