"""Words that mean the same, and classes with their members (JAK inhibitors: tofacitinib …).

They stand in the shipped list `synonyms.txt`; staff maintain synonyms of keywords. Variants are looked up by their
terms (see `analysis`), or, if the list says that capitals matter, as written.
"""

import datetime as dt
import functools
import re
from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from ..models import KeywordSynonym
from ..visibility import Viewer
from .analysis import terms
from .names import names_and_slugs

LIST = Path(__file__).with_name("synonyms.txt")
MAX_WORDS = 6  # words of a variant that is looked for in a query
# Variants of a class that are searched. Each takes the engine some 15 µs on 1,400 abstracts; only DMARDs have more.
MAX_VARIANTS = 100

Terms = tuple[str, ...]
_CAPITALS = re.compile(r"\b[^\W\d_]*[A-Z][^\W\d_]*\b")


@dataclass(frozen=True)
class Variant:
    """A word or phrase of a group. `case_sensitive`: only as written. `is_member`: the group is a class that has it."""

    text: str
    case_sensitive: bool = False
    is_member: bool = False

    @functools.cached_property
    def terms(self) -> Terms:
        return tuple(terms(self.text))


# Variants that mean the same; of a class also its members.
Group = tuple[Variant, ...]


@dataclass
class Thesaurus:
    """Groups by the terms of their variants, and by their case-sensitive variants."""

    by_terms: dict[Terms, tuple[Group, ...]] = field(default_factory=dict)
    by_capitals: dict[str, tuple[Group, ...]] = field(default_factory=dict)
    _whole: dict[Group, tuple[Variant, ...]] = field(default_factory=dict)

    def having(self, groups: Iterable[Group]) -> "Thesaurus":
        """This one with more `groups`."""
        by_terms, by_capitals = dict(self.by_terms), dict(self.by_capitals)
        for group in groups:
            for variant in group:
                if variant.is_member:
                    continue
                if variant.case_sensitive:
                    by_capitals[variant.text] = (*by_capitals.get(variant.text, ()), group)
                elif variant.terms:
                    by_terms[variant.terms] = (*by_terms.get(variant.terms, ()), group)
        return Thesaurus(by_terms, by_capitals)

    def synonyms(self, text: str) -> list[Variant]:
        """The other variants of the groups that contain `text` (one or more words); [] if it is not known.

        If `text` is a class, all forms of its members and of their members come after its own.
        """
        key = tuple(terms(text))
        groups = self.by_capitals.get(_without_plural(text)) or self.by_terms.get(key) or ()
        if not groups and key and text.islower() and text.upper() != text:
            # An abbreviation in lower case may be any of those that differ only in capitals.
            alike = (some for typed, some in self.by_capitals.items() if typed.lower() == text)
            groups = tuple(chain.from_iterable(alike))
        variants = {_key(variant): variant for group in groups for variant in self._with_members(group)}
        return [v for v in variants.values() if v.text != text and (v.case_sensitive or v.terms != key)]

    def _with_members(self, group: Group) -> tuple[Variant, ...]:
        """`group` and the groups of its members, the nearest first. They are looked up once."""
        if group not in self._whole:
            variants: dict[str | Terms, Variant] = {}
            queue = deque(group)
            while queue and len(variants) < MAX_VARIANTS:
                variant = queue.popleft()
                if variants.setdefault(_key(variant), variant) is variant and variant.is_member:
                    queue.extend(self._forms_of_member(variant))
            self._whole[group] = tuple(variants.values())
        return self._whole[group]

    def _forms_of_member(self, member: Variant) -> Iterator[Variant]:
        for group in self.by_capitals.get(member.text) or self.by_terms.get(member.terms) or ():
            for form in group:
                # An abbreviation like "DM" often means something else, and stands beside its long form.
                if form.is_member or not form.case_sensitive:
                    yield replace(form, is_member=True)


def _key(variant: Variant) -> str | Terms:
    return variant.text if variant.case_sensitive else variant.terms


def parse(lines: Iterable[str]) -> Iterator[Group]:
    """The groups of a list in the format that `synonyms.txt` explains."""
    for line in map(str.strip, lines):
        if line and not line.startswith("#"):
            forms, _, members = line.partition(" > ")
            yield (*_variants(forms, is_member=False), *_variants(members, is_member=True))


def _variants(texts: str, is_member: bool) -> Iterator[Variant]:
    for text in filter(None, map(str.strip, texts.split(" | "))):
        yield Variant(text.removeprefix("="), text.startswith("="), is_member)


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
    return (words | set(map(_without_plural, words))) & case_sensitive_words()


def _without_plural(word: str) -> str:
    """ "AE" for "AEs", but "PsA" for "PsA"."""
    return word[:-1] if word.endswith("s") and word[:-1].isupper() else word


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
