"""Words that mean the same: the shipped list `synonyms.txt` and the synonyms of keywords that staff maintain.

Variants are looked up by their terms (see `analysis`), or, if the list says that capitals matter, as written.
"""

import datetime as dt
import functools
import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from ..models import KeywordSynonym
from ..visibility import Viewer
from .analysis import terms
from .names import names_and_slugs

LIST = Path(__file__).with_name("synonyms.txt")
MAX_WORDS = 6  # words of a variant that is looked for in a query

Terms = tuple[str, ...]
_CAPITALS = re.compile(r"\b[^\W\d_]*[A-Z][^\W\d_]*\b")


@dataclass(frozen=True)
class Variant:
    """A word or phrase of a group. `case_sensitive`: only as written."""

    text: str
    case_sensitive: bool = False

    @property
    def terms(self) -> Terms:
        return tuple(terms(self.text))


# Variants that mean the same.
Group = tuple[Variant, ...]


@dataclass
class Thesaurus:
    """Groups by the terms of their variants, and by their case-sensitive variants."""

    by_terms: dict[Terms, tuple[Group, ...]] = field(default_factory=dict)
    by_capitals: dict[str, tuple[Group, ...]] = field(default_factory=dict)

    def having(self, groups: Iterable[Group]) -> "Thesaurus":
        """This one with more `groups`."""
        by_terms, by_capitals = dict(self.by_terms), dict(self.by_capitals)
        for group in groups:
            for variant in group:
                if variant.case_sensitive:
                    by_capitals[variant.text] = (*by_capitals.get(variant.text, ()), group)
                elif variant.terms:
                    by_terms[variant.terms] = (*by_terms.get(variant.terms, ()), group)
        return Thesaurus(by_terms, by_capitals)

    def synonyms(self, text: str) -> list[Variant]:
        """The other variants of the groups that contain `text` (one or more words); [] if it is not known."""
        key = tuple(terms(text))
        groups = self.by_capitals.get(text) or self.by_terms.get(key) or ()
        if not groups and key and text.islower() and text.upper() != text:
            # An abbreviation in lower case may be any of those that differ only in capitals.
            alike = (some for typed, some in self.by_capitals.items() if typed.lower() == text)
            groups = tuple(chain.from_iterable(alike))
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


_of_public: tuple[Hashable, Thesaurus] = ("", Thesaurus())


def thesaurus(public: Hashable, viewer: Viewer, at: dt.datetime) -> Thesaurus:
    """The shipped list and the synonyms of the keywords that `viewer` may see at `at`.

    `public`: any value that is another one as soon as the public may see anything else. No search asks about single
    keywords: how long it takes would tell whether hidden ones have the typed synonym.
    """
    global _of_public
    if viewer.sees_embargoed:
        return _read(viewer, at)
    known, groups = _of_public
    if known != public:
        groups = _read(viewer, at)
        _of_public = public, groups
    return groups


def _read(viewer: Viewer, at: dt.datetime) -> Thesaurus:
    keywords: dict[int, list[Variant]] = {}
    for pk, name in KeywordSynonym.objects.visible_to(viewer, at).order_by("key").values_list("keyword", "name"):
        keywords.setdefault(pk, []).append(Variant(name))
    names = names_and_slugs("keyword", list(keywords))
    groups = ((Variant(names[pk][0]), *others) for pk, others in keywords.items() if pk in names)
    return _shipped_thesaurus().having(groups)


@functools.cache
def _shipped_thesaurus() -> Thesaurus:
    return Thesaurus().having(shipped())
