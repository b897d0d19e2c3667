"""Words that mean the same: the list shipped as `synonyms.txt`, and the keywords' synonyms that staff keep.

A form is looked up by its terms (see `analysis`), or, where the list says that capitals decide, as it is written.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..models import KeywordSynonym, Mark
from .analysis import terms

LIST = Path(__file__).with_name("synonyms.txt")
LONGEST = 6  # words of a form that is looked for in a query

Terms = tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One way to write it. `cased`: only with these capitals. `keyword`: the key of the keyword that is the source."""

    text: str
    cased: bool = False
    keyword: int | None = field(default=None, compare=False)

    @property
    def terms(self) -> Terms:
        return tuple(terms(self.text))


@dataclass
class Thesaurus:
    """Forms by their terms, and by their capitals."""

    by_terms: dict[Terms, list[tuple[Form, ...]]] = field(default_factory=dict)
    by_capitals: dict[str, list[tuple[Form, ...]]] = field(default_factory=dict)

    def add(self, entry: Iterable[Form]) -> None:
        """Take in an entry: forms of one meaning."""
        forms = tuple(entry)
        for form in forms:
            if form.cased:
                self.by_capitals.setdefault(form.text, []).append(forms)
            elif form.terms:
                self.by_terms.setdefault(form.terms, []).append(forms)

    def others(self, text: str) -> list[Form]:
        """The other forms of what `text` (a word or several) means; [] where it means nothing known."""
        key = tuple(terms(text))
        entries = self.by_capitals.get(text) or self.by_terms.get(key) or []
        if not entries and text.islower() and text.upper() != text:
            # Written small, an abbreviation does not say which it is.
            entries = [e for form, es in self._capitals_of(text) for e in es]
        # The shipped list comes first: what it says, it says whatever keywords there are.
        found: dict[str, Form] = {}
        for entry in entries:
            for form in entry:
                found.setdefault(form.text, form)
        return [form for form in found.values() if form.text != text and (form.cased or form.terms != key)]

    def _capitals_of(self, text: str) -> Iterator[tuple[str, list[tuple[Form, ...]]]]:
        if terms(text):
            for form, entries in self.by_capitals.items():
                if form.lower() == text:
                    yield form, entries


def parse(lines: Iterable[str]) -> Iterator[tuple[Form, ...]]:
    """The entries of a list in the format that `synonyms.txt` explains."""
    for line in lines:
        line = line.strip()
        if line and not line.startswith("#"):
            forms = [form.strip() for form in line.split(" | ")]
            yield tuple(Form(form.removeprefix("="), form.startswith("=")) for form in forms)


@functools.cache
def shipped() -> tuple[tuple[Form, ...], ...]:
    """The entries of the shipped list."""
    return tuple(parse(LIST.read_text(encoding="utf-8").splitlines()))


@functools.cache
def cased_forms() -> frozenset[str]:
    """The forms of the shipped list that count only as written."""
    return frozenset(form.text for entry in shipped() for form in entry if form.cased)


_CAPITALS = re.compile(r"\b[^\W\d_]*[A-Z][^\W\d_]*\b")


def cased_words(texts: Iterable[str]) -> set[str]:
    """The words of `texts`, as written, whose capitals matter; a text in capitals throughout has none."""
    cased = cased_forms()
    return {word for text in texts if not text.isupper() for word in _CAPITALS.findall(text) if word in cased}


@functools.lru_cache(maxsize=2)
def thesaurus(mark: Mark) -> Thesaurus:
    """The shipped list and the keywords' synonyms; `mark` is the archive's, which is at it."""
    found = Thesaurus()
    for entry in shipped():
        found.add(entry)
    keywords: dict[int, list[Form]] = {}
    for pk, name, synonym in KeywordSynonym.objects.values_list("keyword", "keyword__name", "name"):
        keywords.setdefault(pk, [Form(name, keyword=pk)]).append(Form(synonym, keyword=pk))
    for forms in keywords.values():
        found.add(forms)
    return found
