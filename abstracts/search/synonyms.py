"""Words that mean the same: the shipped list `synonyms.txt` and the synonyms of keywords that staff maintain.

Variants are looked up by their terms (see `analysis`), or, if the list says that capitals matter, as written.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..models import KeywordSynonym, Mark
from .analysis import terms

LIST = Path(__file__).with_name("synonyms.txt")
MAX_WORDS = 6  # words of a variant that is looked for in a query

Terms = tuple[str, ...]
_CAPITALS = re.compile(r"\b[^\W\d_]*[A-Z][^\W\d_]*\b")


@dataclass(frozen=True)
class Variant:
    """A word or phrase of a group. `case_sensitive`: only as written. `keyword`: primary key of its keyword, if any."""

    text: str
    case_sensitive: bool = False
    keyword: int | None = field(default=None, compare=False)

    @property
    def terms(self) -> Terms:
        return tuple(terms(self.text))


# Variants that mean the same.
Group = tuple[Variant, ...]


@dataclass
class Thesaurus:
    """Groups by the terms of their variants, and by their case-sensitive variants."""

    by_terms: dict[Terms, list[Group]] = field(default_factory=dict)
    by_capitals: dict[str, list[Group]] = field(default_factory=dict)

    def add(self, group: Iterable[Variant]) -> None:
        group = tuple(group)
        for variant in group:
            if variant.case_sensitive:
                self.by_capitals.setdefault(variant.text, []).append(group)
            elif variant.terms:
                self.by_terms.setdefault(variant.terms, []).append(group)

    def synonyms(self, text: str) -> list[Variant]:
        """The other variants of the groups that contain `text` (one or more words); [] if it is not known."""
        key = tuple(terms(text))
        groups = self.by_capitals.get(text) or self.by_terms.get(key) or []
        if not groups and key and text.islower() and text.upper() != text:
            # An abbreviation in lower case may be any of those that differ only in capitals.
            groups = [group for typed, some in self.by_capitals.items() if typed.lower() == text for group in some]
        # The shipped list is first, so that its variants never depend on a keyword.
        variants: dict[str, Variant] = {}
        for group in groups:
            for variant in group:
                variants.setdefault(variant.text, variant)
        return [v for v in variants.values() if v.text != text and (v.case_sensitive or v.terms != key)]


def parse(lines: Iterable[str]) -> Iterator[Group]:
    """The groups of a list in the format that `synonyms.txt` explains."""
    for line in map(str.strip, lines):
        if line and not line.startswith("#"):
            texts = [text.strip() for text in line.split(" | ")]
            yield tuple(Variant(text.removeprefix("="), text.startswith("=")) for text in texts)


@functools.cache
def shipped() -> tuple[Group, ...]:
    """The groups of the shipped list."""
    return tuple(parse(LIST.read_text(encoding="utf-8").splitlines()))


@functools.cache
def case_sensitive_words() -> frozenset[str]:
    """The variants of the shipped list that count only as written."""
    return frozenset(variant.text for group in shipped() for variant in group if variant.case_sensitive)


def case_sensitive_words_in(texts: Iterable[str]) -> set[str]:
    """Those of `case_sensitive_words` that occur in `texts`; texts that are all capitals do not count."""
    words = {word for text in texts if not text.isupper() for word in _CAPITALS.findall(text)}
    return words & case_sensitive_words()


@functools.lru_cache(maxsize=2)
def thesaurus(mark: Mark) -> Thesaurus:
    """The shipped list and the synonyms of keywords. `mark`: the current one, as the key of the cache."""
    groups = Thesaurus()
    for group in shipped():
        groups.add(group)
    keywords: dict[int, list[Variant]] = {}
    for pk, name, synonym in KeywordSynonym.unfiltered.values_list("keyword", "keyword__name", "name"):
        keywords.setdefault(pk, [Variant(name, keyword=pk)]).append(Variant(synonym, keyword=pk))
    for variants in keywords.values():
        groups.add(variants)
    return groups
