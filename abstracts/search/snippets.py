"""Snippets: a piece of the text of each result with the searched words highlighted. Text comes through the law."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain

from django.utils.safestring import SafeString, mark_safe

from ..models import Abstract, Section
from ..words.text import INVISIBLE
from .analysis import term_of, terms, words
from .documents import plain

MAX_LENGTH = 260
_LEXEME = re.compile(rf"[^\W_]+(?:[-'’‑–{INVISIBLE}][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z]|\d)")
# Put around marked words until the text is escaped; no text contains them.
_START, _END = "\x02", "\x03"


_texts_of = Section.objects.prepared(
    lambda sections: sections.order_by("position", "pk").values_list("abstract_id", "html")
)


def snippets(abstracts: Sequence[Abstract], marks: set[str]) -> dict[int, SafeString]:
    """For each of the `abstracts` whose text the viewer may read, its best piece of text; one query.

    `marks`: the terms to highlight.
    """
    texts: dict[int, list[str]] = defaultdict(list)
    for pk, markup in _texts_of(abstracts):
        texts[pk].append(plain(markup))
    return {pk: marked(best_piece(parts, marks), marks) for pk, parts in texts.items()}


def best_piece(parts: Iterable[str], marks: set[str]) -> str:
    """The sentence with the most `marks`, and the next one if it is short; the first sentence if none has any."""
    sentences = [sentence for part in parts for sentence in _SENTENCE.split(part.strip()) if sentence]
    if not sentences:
        return ""
    best = _index_of_best(sentences, marks)
    piece = sentences[best]
    if len(piece) < MAX_LENGTH // 2 and best + 1 < len(sentences):
        piece = f"{piece} {sentences[best + 1]}"
    return _cut(piece, marks)


def _index_of_best(sentences: Sequence[str], marks: set[str]) -> int:
    best = most = 0
    for index, sentence in enumerate(sentences):
        count = len(marks.intersection(chain.from_iterable(map(_terms, sentence.split()))))
        if count > most:
            best, most = index, count
        if count == len(marks):
            break
    return best


def _cut(piece: str, marks: set[str]) -> str:
    if len(piece) <= MAX_LENGTH:
        return piece
    first = next((m.start() for m in _LEXEME.finditer(piece) if not marks.isdisjoint(_terms(m[0]))), 0)
    start = 0 if first < MAX_LENGTH * 2 // 3 else piece.rfind(" ", 0, first - MAX_LENGTH // 3) + 1
    end = piece.rfind(" ", start, start + MAX_LENGTH)
    end = end if end > start else start + MAX_LENGTH
    return f"{'… ' if start else ''}{piece[start:end]}{' …' if end < len(piece) else ''}"


def marked(text: str, marks: set[str]) -> SafeString:
    """`text` as HTML, with the words of `marks` in <mark>."""
    words = [word if marks.isdisjoint(_terms(word)) else _between(word, marks) for word in text.split(" ")]
    html = escape(" ".join(words)).replace(_START, "<mark>").replace(_END, "</mark>")
    return mark_safe(html)  # noqa: S308  (it was escaped)


def _between(word: str, marks: set[str]) -> str:
    """`word` with _START and _END around what has one of `marks`: not around a bracket, or a comma."""
    return _LEXEME.sub(lambda m: m[0] if marks.isdisjoint(_terms(m[0])) else f"{_START}{m[0]}{_END}", word)


@functools.lru_cache(maxsize=200_000)
def _terms(word: str) -> tuple[str, ...]:
    """The terms of `word`, with all that is typed to it: "(well-known)," has "well" and "known"."""
    return tuple({term for part in _LEXEME.findall(word) for term in (*terms(part), *map(term_of, words(part)))})
