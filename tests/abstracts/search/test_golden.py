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
    SectionFactory,
    TierFactory,
)

GOLDEN = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))
PAIRS = GOLDEN["pairs"]

pytestmark = pytest.mark.django_db


def plant(row, meeting, tiers):
    abstract = AbstractFactory(
        meeting=meeting,
        tier=tiers[bool(row.get("hidden"))],
        title=row["title"],
        number=row.get("number"),
        trial_ids=row.get("trials", ""),
        doi=row.get("doi", ""),
    )
    SectionFactory(abstract=abstract, html=f"<p>{row['text']}</p>")
    for position, name in enumerate(row.get("authors", ())):
        given, _, family = name.partition(" ")
        person = PersonFactory(name=name, given=given, family=family)
        AuthorLineFactory(abstract=abstract, person=person, position=position)
    for position, name in enumerate(row.get("keywords", ())):
        AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name=name), position=position)
    if place := row.get("institution"):
        AffiliationFactory(abstract=abstract, text=place)
    return abstract


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Key -> abstract. Created once for all pairs, then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        meeting = MeetingFactory()
        tiers = {False: TierFactory(meeting=meeting), True: TierFactory(meeting=meeting, embargoed=True)}
        yield {key: plant(row, meeting, tiers) for key, row in GOLDEN["abstracts"].items()}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    return tmp_path_factory.mktemp("search")


@pytest.fixture(autouse=True)
def _one_index_for_all(settings, shared_root):
    settings.SEARCH_INDEX_ROOT = shared_root


def name_of(pair) -> str:
    return f"{pair['q'][:40]}{' exactly' if pair.get('exact') else ''}"


def test_there_are_enough_pairs():
    assert len(PAIRS) >= 60


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_pair(world, pair):
    keys = {abstract.pk: key for key, abstract in world.items()}
    if straight := pair.get("straight"):
        response = Client().get("/search/", {"q": pair["q"]})
        assert (response.status_code, response.get("Location")) == (302, world[straight].get_absolute_url())
        return
    results = search(SearchQuery(text=squeeze(pair["q"]), exact=pair.get("exact", False)), ANONYMOUS, timezone.now())
    found_keys = [keys[abstract.pk] for abstract in results[:]]
    assert len(found_keys) == len(set(found_keys)) == len(results)
    if "finds" in pair:
        assert sorted(found_keys[: results.with_all]) == sorted(pair["finds"])
    if "first" in pair:
        assert found_keys[0] == pair["first"]
    for key in pair.get("behind", ()):
        assert key in found_keys[results.with_all :]
    if "means" in pair:
        assert pair["means"] in {s.text for r in results.matches.index_query.expanded for s in r.synonyms}
    if "corrected" in pair:
        assert results.matches.correction == pair["corrected"]


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_no_pair_is_an_error_page(world, pair):
    response = Client().get("/search/", {"q": pair["q"], "exact": "1" if pair.get("exact") else ""})
    assert response.status_code in (200, 302)
    assert "quuxumab" not in response.content.decode().replace(pair["q"], "")
    assert Keyword.unfiltered.exists()
