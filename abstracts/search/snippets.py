"""Snippets: a piece of the text of each result with the searched words highlighted. Text comes through the law.

The piece is the sentence that answers: one with most of what was searched; among such sentences one of the conclusion
before one of the results, and these before the rest.
"""

import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, pairwise, takewhile

from django.utils.safestring import SafeString, mark_safe

from ..models import Abstract, Section
from ..words.text import INVISIBLE
from .analysis import terms
from .building import IndexQuery
from .documents import plain
from .searching import LawfulSearcher
from .synonyms import Variant, case_sensitive_words

MAX_LENGTH = 260
MAX_WORDS = 200_000
# What a sentence gains by its place, where all that was searched is 1; LATE by the end of a text without labels.
CONCLUSION, RESULTS, LATE = 0.3, 0.2, 0.15

_LEXEME = re.compile(rf"[^\W_]+(?:[-'’‑–{INVISIBLE}][^\W_]+)*")
# Sentences end with a period: a pattern that begins with one character is found eight times as fast as one of three.
# Its blank may be missing ("was high.The"), or come after the number of a reference ("was high.1,2 The").
_SENTENCE = re.compile(
    r"\.(?<!\bvs\.)(?<!\bal\.)(?<![Ff]ig\.)(?<!\s\d\.)"
    r"(?:\s+(?=[^\W_a-z])|(?<=[a-z)]\.)(?=[A-Z][a-z])|(?<=[^\W\d_]\.)\d[\d,–-]*\.?\s+(?=[^\W\d_a-z]))"
)
# "1. Doe J, Poe EA, et al.": what follows are references.
_REFERENCE = re.compile(r"[\W\d]*[^\W\d_][\w'’-]* [A-Z]{1,3}, [^.]*\bet al\b")
# In labels, and at the beginning of sentences without a label; English and Spanish.
_CONCLUDES = re.compile(
    r"conclu|take-?away|interpret|implica|in summary|en resumen|(?:our|these) (?:results|findings|data)", re.I
)
_REPORTS = re.compile(r"result|finding|hallazgo", re.I)
_PIECES = re.compile(r"[^\W_]+")
# Parts of a search in other fields are not looked for in texts.
_FIELDS_OF_TEXT = ("", "title", "keyword")
# Put around marked words until the text is escaped; no text contains them.
_START, _END = "\x02", "\x03"


class _Terms(dict[str, tuple[str, ...]]):
    """The terms of words, each with all that is typed to it: "(well-known)," has "well", "known", "wellknown".

    Words of which only the capitals tell what they mean (PsA, AS) are terms as written, too. (An `lru_cache` also
    keeps the order of its use, in which all snippets of a page take a tenth longer.)
    """

    def __missing__(self, word: str) -> tuple[str, ...]:
        found = case_sensitive_words().intersection(_PIECES.findall(word))
        for part in _LEXEME.findall(word):
            pieces = terms(part)
            found = found.union(pieces, ["".join(pieces)] if len(pieces) > 1 else ())
        if len(self) >= MAX_WORDS:
            self.clear()
        self[word] = answer = tuple(found)
        return answer


_terms = _Terms().__getitem__


_texts_of = Section.objects.prepared(
    lambda sections: sections.order_by("position", "pk").values_list("abstract_id", "label", "html")
)


@dataclass(frozen=True)
class Wanted:
    """Something searched: its terms, each with its share (1/2 for each of two words), and its weight beside others."""

    shares: Mapping[str, float]
    weight: float = 1.0


class Marks:
    """What to highlight, and how much of it a sentence has."""

    def __init__(self, wanted: Sequence[Wanted]):
        self._wanted, self._whole = wanted, sum(one.weight for one in wanted)
        self._terms = frozenset(term for one in wanted for term in one.shares)
        self._amounts = {frozenset[str](): 0.0}

    def are_in(self, word: str) -> bool:
        return not self._terms.isdisjoint(_terms(word))

    def amount_in(self, sentence: str) -> float:
        """How much of what was searched is in `sentence`: 1 is all."""
        found = self._terms.intersection(chain.from_iterable(map(_terms, sentence.split())))
        if found not in self._amounts:
            shares = ((one.weight, sum(one.shares.get(term, 0) for term in found)) for one in self._wanted)
            self._amounts[found] = sum(weight * min(share, 1) for weight, share in shares) / self._whole
        return self._amounts[found]


def marks_of(index_query: IndexQuery, searcher: LawfulSearcher) -> Marks:
    """What to highlight of a search: each of its words and names, in any of the ways in which it was searched.

    Rare ones weigh more.
    """
    synonyms = dict(index_query.expanded)
    words_of_names = {word for text in synonyms for word in text.split()}
    strong = [one for one in index_query.requirements if not (one.is_weak or one.is_condition)]
    parts = [part for requirement in strong for part in requirement.parts]
    others = [part.text for part in parts if part.field in _FIELDS_OF_TEXT and part.text not in words_of_names]
    wanted = (
        (_shares(text, synonyms.get(text, ())), _rarity(text, searcher)) for text in dict.fromkeys([*synonyms, *others])
    )
    return Marks([Wanted(shares, rarity) for shares, rarity in wanted if shares])


def _shares(text: str, synonyms: Iterable[Variant]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for variant in (Variant(text, text in case_sensitive_words()), *synonyms):
        found = {variant.text} if variant.case_sensitive else set(_terms(variant.text))
        # The 6 of "IL-6" is nothing of its own.
        tokens = {term for term in found if not term.isdigit()} or found
        shares |= {term: max(shares.get(term, 0), 1 / len(tokens)) for term in tokens}
    return shares


def _rarity(text: str, searcher: LawfulSearcher) -> float:
    index = searcher.unfiltered
    rarest = min((index.doc_freq("everything", term) for term in terms(text)), default=0)
    return math.log(2 + index.num_docs / (1 + rarest))


def snippets(abstracts: Sequence[Abstract], marks: Marks) -> dict[int, SafeString]:
    """For each of the `abstracts` whose text the viewer may read, its best piece of text; one query."""
    texts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, label, markup in _texts_of(abstracts):
        texts[pk].append((label, plain(markup)))
    return {pk: marked(best_piece(parts, marks), marks) for pk, parts in texts.items()}


def best_piece(parts: Iterable[tuple[str, str]], marks: Marks) -> str:
    """The sentence that answers best, and the next one of its part if it is short. `parts`: labels with their texts."""
    worth, piece = -1.0, ""
    for label, text in sorted(parts, key=lambda part: -_gain(part[0])):
        most = _gain(label) if label else CONCLUSION
        if worth >= 1 + most:
            break
        sentences = _sentences(text)
        for index, sentence in enumerate(sentences):
            amount = marks.amount_in(sentence)
            if amount + most <= worth:
                continue
            gain = most if label else max(_gain(sentence[:40]), LATE * index / len(sentences))
            if amount + gain > worth:
                worth, piece = amount + gain, sentence
                if len(sentence) < MAX_LENGTH // 2:
                    piece = "".join(sentences[index : index + 2])
    return _cut(piece.strip(), marks)


def _sentences(text: str) -> list[str]:
    starts = [0, *(m.end() for m in _SENTENCE.finditer(text)), len(text)]
    sentences = (text[start:end] for start, end in pairwise(starts))
    return list(takewhile(lambda sentence: not _REFERENCE.match(sentence), sentences))


@functools.lru_cache(maxsize=10_000)
def _gain(text: str) -> float:
    """What a sentence gains by its label, or by its own beginning."""
    return CONCLUSION if _CONCLUDES.search(text) else RESULTS if _REPORTS.search(text) else 0


def _cut(piece: str, marks: Marks) -> str:
    """`piece`, or, if it is too long, MAX_LENGTH of it around its first mark, in whole words."""
    if len(piece) <= MAX_LENGTH:
        return piece
    first = next((m.start() for m in _LEXEME.finditer(piece) if marks.are_in(m[0])), 0)
    start, end = 0, len(piece)
    if first > MAX_LENGTH * 2 // 3:
        start = piece.find(" ", min(first - MAX_LENGTH // 3, end - MAX_LENGTH)) + 1
    if end - start > MAX_LENGTH:
        space = piece.rfind(" ", start, start + MAX_LENGTH)
        end = space if space > start else start + MAX_LENGTH
    return f"{'… ' if start else ''}{piece[start:end]}{' …' if end < len(piece) else ''}"


def marked(text: str, marks: Marks) -> SafeString:
    """`text` as HTML, with the words of `marks` in <mark>."""
    words = [_between(word, marks) if marks.are_in(word) else word for word in text.split(" ")]
    html = escape(" ".join(words)).replace(_START, "<mark>").replace(_END, "</mark>")
    return mark_safe(html)  # noqa: S308  (it was escaped)


def _between(word: str, marks: Marks) -> str:
    """`word` with _START and _END around what has one of `marks`: not around a bracket, or a comma."""
    return _LEXEME.sub(lambda m: f"{_START}{m[0]}{_END}" if marks.are_in(m[0]) else m[0], word)
