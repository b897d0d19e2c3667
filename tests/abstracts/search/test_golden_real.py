"""Searches of the real half sheet with their expected results: golden_real.toml. None of its text is here."""

import itertools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from abstracts.importing import ImportOptions, run_import
from abstracts.models import Abstract, AuthorLine
from abstracts.search import Results, SearchQuery, search
from abstracts.visibility import ANONYMOUS
from abstracts.words.text import fold, squeeze
from tests.shared_data import REAL_SHEET, needs_shared_data

GOLDEN = tomllib.loads(Path(__file__).with_name("golden_real.toml").read_text(encoding="utf-8"))
GROWING = GOLDEN.pop("growing")
QUERIES = [query for group in GOLDEN.values() for query in group]
NINE_TENTHS = 0.9

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_index_for_module"), needs_shared_data]


@dataclass(frozen=True)
class Name:
    """The name of an author, in the forms in which people type it."""

    full: str
    given: str
    family: str

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in re.findall(r"\w+", self.given))

    @property
    def first_given(self) -> str:
        return re.findall(r"[\w-]+", self.given)[0]

    @property
    def pubmed(self) -> str:
        return f"{self.family} {self.initials}"

    @property
    def in_lower_case(self) -> str:
        return self.pubmed.lower()

    @property
    def short(self) -> str:
        return f"{self.first_given} {self.family}"

    @property
    def initials_first(self) -> str:
        return f"{'. '.join(self.initials)}. {self.family}"

    @property
    def spelled_out(self) -> str:
        return f"{self.family.translate(str.maketrans({'ä': 'ae', 'ö': 'oe', 'ü': 'ue'}))} {self.initials}"

    def is_one_person_with(self, other: "Name") -> bool:
        """Whether both may be of one person: the family and the first given name are the same."""
        return fold(self.family) == fold(other.family) and fold(self.first_given) == fold(other.first_given)


@dataclass(frozen=True)
class World:
    """The imported sheet: numbers by primary key, and the bylines by number."""

    numbers: dict[int, str]
    bylines: dict[str, list[Name]]

    def search(self, text: str, language: str = "en") -> Results:
        return search(SearchQuery(text=squeeze(text), language=language), ANONYMOUS, timezone.now())

    def found(self, text: str) -> set[str]:
        """Numbers of the abstracts with all words."""
        return {self.numbers[pk] for pk in self.search(text).pks_with_all()}

    def abstracts_by(self, name: Name) -> set[str]:
        return {number for number, byline in self.bylines.items() if any(map(name.is_one_person_with, byline))}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The real half sheet, released. Imported once, then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        options = ImportOptions(
            meeting="convergence", create="Convergence 2025", timezone="America/Chicago", release="now"
        )
        assert run_import(REAL_SHEET, options).applied
        numbers = dict(Abstract.unfiltered.values_list("pk", "number"))
        lines = AuthorLine.unfiltered.filter(is_group=False).order_by("abstract", "position")
        by_abstract = itertools.groupby(lines.values_list("abstract", "name", "given", "family"), lambda row: row[0])
        yield World(numbers, {numbers[pk]: [Name(*name) for _, *name in rows] for pk, rows in by_abstract})
        transaction.set_rollback(True)


def name_of(query) -> str:
    return " ".join([query["q"][:40], *(number for number, _ in query.get("authors", {}).values())])


def test_there_are_enough_queries():
    assert len(QUERIES) >= 80


@pytest.mark.parametrize("query", QUERIES, ids=name_of)
def test_query(world, query):
    names = {key: world.bylines[number][place] for key, (number, place) in query.get("authors", {}).items()}
    results = world.search(query["q"].format(**names), query.get("language", "en"))
    first_ten = [world.numbers[abstract.pk] for abstract in results[:10]]
    found = {world.numbers[pk] for pk in results.pks_with_all()}
    if "first" in query:
        assert first_ten[:1] == [query["first"]]
    assert set(query.get("top", ())) <= set(first_ten)
    assert len(set(query.get("of", ())) & set(first_ten)) >= query.get("at_least", 0), first_ten
    assert not set(query.get("not_top", ())) & set(first_ten)
    assert set(query.get("found", ())) <= found
    assert not set(query.get("not_found", ())) & found
    assert_size(found, query)
    assert_same_as_others(world, found, query)
    if names and "top" not in query and "of" not in query:
        assert_finds_all_by(world, names.values(), first_ten, found)
    if "corrected" in query:
        assert results.matches.corrected.text == query["corrected"]
    if "not_corrected" in query:
        assert results.matches.corrected is None
        assert results.matches.correction == ""


@pytest.mark.parametrize("texts", GROWING.values(), ids=GROWING)
def test_more_words_find_fewer_abstracts(world, texts):
    sizes = [results.with_all + results.with_most for results in map(world.search, texts)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0]


def assert_size(found, query):
    least, most = query.get("finds", (0, len(found)))
    assert least <= len(found) <= most


def assert_same_as_others(world, found, query):
    if "same_as" in query:
        assert found == world.found(query["same_as"])
    if "nearly_as" in query:
        other = world.found(query["nearly_as"])
        assert len(found & other) >= NINE_TENTHS * len(found | other)
    if "includes" in query:
        assert found >= world.found(query["includes"])
    if "equals" in query:
        assert found == set().union(*(all_of(world, texts) for texts in query["equals"]))


def all_of(world, texts) -> set[str]:
    """Numbers of the abstracts that the searches for all `texts` find; "-": without."""
    numbers = set(world.numbers.values()) - {"LB24"}  # has no text yet
    for text in texts:
        found = world.found(text.removeprefix("-"))
        numbers = numbers - found if text.startswith("-") else numbers & found
    return numbers


def assert_finds_all_by(world, names, first_ten, found):
    """Abstracts by all of `names` are found, and come before any others."""
    by_them = set.intersection(*(world.abstracts_by(name) for name in names))
    assert by_them <= found
    assert set(first_ten[: len(by_them)]) <= by_them
