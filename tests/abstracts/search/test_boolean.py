"""Boolean searches: random expressions over a corpus find what Python's sets say.

Their words are invented, so that no stemming, synonym or correction plays a part. AND and NOT bind tighter than OR; a
blank between words means AND, and binds tightest.
"""

import random
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.utils import timezone

from abstracts.models import Abstract
from abstracts.search import SearchQuery, search
from abstracts.search.analysis import terms
from abstracts.search.database import MAX_WORDS, matching_pks
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory, MeetingFactory, SectionFactory

WORDS = ("zqalfa", "zqbrovo", "zqkilo", "zqlimo", "zqmuko", "zqnopo", "zqpapa", "zqromo", "zqtango", "zquvo")
HIDDEN = "zqwhisko"  # occurs only in abstracts that nobody may see
YEARS = (2019, 2020, 2021)
ABSTRACTS = 60
DEPTH, LEAVES = 5, MAX_WORDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_index_for_module")]


@dataclass(frozen=True)
class Document:
    year: int
    title: frozenset[str]
    text: frozenset[str]


# Expressions: each says how it is written, in which ways, and whether a document meets it.
# ADJACENT, JOINED, EITHER: how tightly what was written binds; what binds less than asked for comes into brackets.
EITHER, JOINED, ADJACENT, ATOM = range(4)


@dataclass(frozen=True)
class Leaf:
    word: str
    field: str = ""

    def is_met_by(self, document: Document) -> bool:
        if self.field == "year":
            return document.year == int(self.word)
        return self.word in (document.title if self.field else document.title | document.text)

    def write(self, pick: random.Random) -> tuple[str, int]:
        return (f"{self.field}:{self.word}" if self.field else self.word), ATOM


@dataclass(frozen=True)
class Titled:
    """What is below it has to be in the title."""

    of: "Expression"

    def is_met_by(self, document: Document) -> bool:
        return self.of.is_met_by(Document(document.year, document.title, frozenset()))

    def write(self, pick: random.Random) -> tuple[str, int]:
        return f"title:({self.of.write(pick)[0]})", ATOM


@dataclass(frozen=True)
class Not:
    of: "Expression"

    def is_met_by(self, document: Document) -> bool:
        return not self.of.is_met_by(document)

    def write(self, pick: random.Random) -> tuple[str, int]:
        if isinstance(self.of, Leaf) and pick.random() < 0.3:
            return f"-{self.of.write(pick)[0]}", ATOM
        return f"NOT {written(self.of, ADJACENT, pick)}", JOINED


@dataclass(frozen=True)
class All:
    of: tuple["Expression", ...]

    def is_met_by(self, document: Document) -> bool:
        return all(part.is_met_by(document) for part in self.of)

    def write(self, pick: random.Random) -> tuple[str, int]:
        if pick.random() < 0.3:
            return " ".join(written(part, ATOM, pick) for part in self.of), ADJACENT
        text = " AND ".join(written(part, JOINED, pick) for part in self.of)
        return (text.replace(" AND NOT ", " NOT ") if pick.random() < 0.5 else text), JOINED


@dataclass(frozen=True)
class Either:
    of: tuple["Expression", ...]

    def is_met_by(self, document: Document) -> bool:
        return any(part.is_met_by(document) for part in self.of)

    def write(self, pick: random.Random) -> tuple[str, int]:
        return " OR ".join(written(part, EITHER, pick) for part in self.of), EITHER


Expression = Leaf | Titled | Not | All | Either


def written(expression: Expression, tightness: int, pick: random.Random) -> str:
    """`expression` as part of one that binds with `tightness`; sometimes in brackets that it does not need."""
    text, own = expression.write(pick)
    return f"({text})" if own < tightness or pick.random() < 0.1 else text


def any_expression(pick: random.Random, plain: bool = False) -> Expression:
    """A random expression of at most LEAVES words. `plain`: without fields."""

    def grow(depth: int, leaves: int, in_title: bool) -> Expression:
        if depth == 0 or leaves == 1 or pick.random() < 0.2:
            return any_leaf(pick, plain or in_title)
        kind = pick.choice((All, Either, Not) if plain or in_title else (All, Either, Not, All, Either, Titled))
        if kind in (Not, Titled):
            return kind(grow(depth - 1, leaves, in_title or kind is Titled))
        count = pick.choice((2, 2, 3)) if leaves > 2 else 2
        return kind(tuple(grow(depth - 1, leaves // count, in_title) for _ in range(count)))

    return grow(DEPTH, LEAVES, False)


def any_leaf(pick: random.Random, plain: bool) -> Leaf:
    word = pick.choice((*WORDS, HIDDEN))
    if plain or pick.random() < 0.7:
        return Leaf(word)
    return Leaf(str(pick.choice(YEARS)), "year") if pick.random() < 0.4 else Leaf(word, "title")


@pytest.fixture(scope="module")
def corpus(django_db_setup, django_db_blocker):
    """Primary key -> document, for what everybody may see. Created once, then rolled back."""
    pick = random.Random(5)
    with django_db_blocker.unblock(), transaction.atomic():
        meetings = {year: MeetingFactory(year=year) for year in YEARS}
        documents = {}
        for _ in range(ABSTRACTS):
            document = Document(pick.choice(YEARS), any_words(pick, 3), any_words(pick, 5))
            documents[planted(document, meetings).pk] = document
        planted(Document(YEARS[0], frozenset({HIDDEN, *WORDS}), frozenset(WORDS)), meetings, embargoed=True)
        yield documents
        transaction.set_rollback(True)


def any_words(pick: random.Random, most: int) -> frozenset[str]:
    return frozenset(pick.sample(WORDS, pick.randint(1, most)))


def planted(document: Document, meetings, **state) -> Abstract:
    abstract = AbstractFactory(meeting=meetings[document.year], title=" ".join(sorted(document.title)), **state)
    SectionFactory(abstract=abstract, html=f"<p>{' '.join(sorted(document.text))}</p>")
    return abstract


def differences(corpus, pks_of, seeds, plain=False) -> dict[str, tuple[list[int], list[int]]]:
    """For each random expression with another answer: what is missing, and what is too much."""
    wrong = {}
    for seed in seeds:
        pick = random.Random(seed)
        expression = any_expression(pick, plain)
        text, _ = expression.write(pick)
        expected = {pk for pk, document in corpus.items() if expression.is_met_by(document)}
        found = pks_of(text)
        assert len(found) == len(set(found))
        if set(found) != expected:
            wrong[text] = sorted(expected.difference(found)), sorted(set(found) - expected)
    return wrong


def in_index(text: str) -> list[int]:
    results = search(SearchQuery(text=text), ANONYMOUS, timezone.now())
    assert results.matches is not None, "the index answered"
    return results.pks_with_all()


def in_database(text: str) -> list[int]:
    return matching_pks(SearchQuery(text=text), ANONYMOUS, timezone.now())


def test_words_are_left_as_they_are():
    assert terms(" ".join((*WORDS, HIDDEN))) == [*WORDS, HIDDEN]


def test_expressions_are_as_various_as_they_should_be():
    pick = random.Random(1)
    texts = " ".join(any_expression(pick).write(pick)[0] for _ in range(300))
    for sign in ("AND NOT (", "OR NOT ", " -zq", "title:(", "year:2019", "((", "title:zq"):
        assert texts.count(sign) > 5, sign


def test_index_finds_what_sets_say(corpus):
    assert differences(corpus, in_index, range(300)) == {}


def test_database_finds_what_sets_say(corpus):
    assert differences(corpus, in_database, range(100), plain=True) == {}
