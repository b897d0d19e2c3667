"""Searches with their expected results: golden.toml."""

import tomllib
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from abstracts.models import Keyword
from abstracts.search import SearchQuery, search
from abstracts.visibility import ANONYMOUS
from abstracts.words.text import squeeze
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AffiliationFactory,
    AuthorLineFactory,
    KeywordFactory,
    MeetingFactory,
    PersonFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    TierFactory,
)

GOLDEN = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))
PAIRS = GOLDEN["pairs"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_index_for_module")]


def plant(row, meetings):
    meeting = meetings[row.get("year", 2025)]
    abstract = AbstractFactory(
        meeting=meeting,
        tier=TierFactory(meeting=meeting, embargoed=bool(row.get("hidden"))),
        title=row["title"],
        number=row.get("number"),
        trial_ids=row.get("trials", ""),
        doi=row.get("doi", ""),
    )
    SectionFactory(abstract=abstract, html=f"<p>{row['text']}</p>")
    for position, name in enumerate(row.get("authors", ())):
        given, family = given_and_family(name)
        person = PersonFactory(given=given, family=family)
        AuthorLineFactory(abstract=abstract, person=person, position=position)
    for position, name in enumerate(row.get("keywords", ())):
        AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name=name), position=position)
    for place in row.get("places", ()):
        AffiliationFactory(abstract=abstract, **place)
    if session := row.get("session"):
        PresentationFactory(abstract=abstract, session=SessionFactory(meeting=meeting, **session))
    return abstract


def given_and_family(name: str) -> tuple[str, str]:
    """Of "Anna Rossi Verdi" the family is "Rossi Verdi"; where more than one word is given: "Verdi, Anna Rossi"."""
    if ", " in name:
        family, _, given = name.partition(", ")
    else:
        given, _, family = name.partition(" ")
    return given, family


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Key -> abstract. Created once for all pairs, then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        meetings = {year: MeetingFactory(name=f"Invented Forum {year}", year=year) for year in (2019, 2025)}
        yield {key: plant(row, meetings) for key, row in GOLDEN["abstracts"].items()}
        transaction.set_rollback(True)


def name_of(pair) -> str:
    return f"{pair['q'][:40]}{' exactly' if pair.get('exact') or pair.get('words') else ''}"


def test_there_are_enough_pairs():
    assert len(PAIRS) >= 160


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_pair(world, pair):
    keys = {abstract.pk: key for key, abstract in world.items()}
    if straight := pair.get("straight"):
        assert leads_to(pair["q"]) == world[straight].get_absolute_url()
        return
    results = search(query_of(pair), ANONYMOUS, timezone.now())
    found_keys = [keys[abstract.pk] for abstract in results[:]]
    assert len(found_keys) == len(set(found_keys)) == len(results)
    if "finds" in pair:
        assert sorted(found_keys[: results.with_all]) == sorted(pair["finds"])
    assert not set(pair.get("lacks", ())) & set(found_keys[: results.with_all])
    if "first" in pair:
        assert found_keys[0] == pair["first"]
    if "last" in pair:
        assert found_keys[results.with_all - 1] == pair["last"]
    if "leads" in pair:
        assert found_keys[:1] == [pair["leads"]] or leads_to(pair["q"]) == world[pair["leads"]].get_absolute_url()
    for key in pair.get("behind", ()):
        assert key in found_keys[results.with_all :]
    if "means" in pair:
        assert pair["means"] in {s.text for r in results.matches.index_query.expanded for s in r.synonyms}
    if "corrected" in pair:
        assert results.matches.correction == pair["corrected"]
    if "ran" in pair:
        assert getattr(results.matches.corrected, "text", "") == pair["ran"]
    if "taken" in pair:
        assert {taken.kind for taken in results.matches.taken} == {pair["taken"]}
    if "words" in pair:
        assert results.matches.taken == []
    assert bool(results.matches.problems) == pair.get("problem", False) or "problem" not in pair
    assert bool(results.matches.reading) == pair.get("reading", False) or "reading" not in pair


def leads_to(text: str) -> str | None:
    """The address to which a search in the box leads straight."""
    return Client().get("/search/", {"q": text}).get("Location")


def query_of(pair) -> SearchQuery:
    return SearchQuery(
        text=squeeze(pair["q"]),
        exact=pair.get("exact", False),
        literal=tuple(pair.get("words", ())),
        language=pair.get("language", "en"),
    )


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_no_pair_is_an_error_page(world, pair):
    response = Client().get("/search/", {"q": pair["q"], "exact": "1" if pair.get("exact") else ""})
    assert response.status_code in (200, 302)
    assert "quuxumab" not in response.content.decode().replace(pair["q"], "")
    assert Keyword.unfiltered.exists()
