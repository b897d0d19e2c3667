"""The search's promises, pair by pair: golden.toml."""

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


def plant(told, meeting, tiers):
    abstract = AbstractFactory(
        meeting=meeting,
        tier=tiers[bool(told.get("hidden"))],
        title=told["title"],
        number=told.get("number"),
        trial_ids=told.get("trials", ""),
        doi=told.get("doi", ""),
    )
    SectionFactory(abstract=abstract, html=f"<p>{told['text']}</p>")
    for position, name in enumerate(told.get("authors", ())):
        given, _, family = name.partition(" ")
        person = PersonFactory(name=name, given=given, family=family)
        AuthorLineFactory(abstract=abstract, person=person, position=position)
    for position, name in enumerate(told.get("keywords", ())):
        AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name=name), position=position)
    if place := told.get("institution"):
        AffiliationFactory(abstract=abstract, text=place)
    return abstract


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Key -> abstract. Planted once for all pairs, and rolled back behind them."""
    with django_db_blocker.unblock(), transaction.atomic():
        meeting = MeetingFactory()
        tiers = {False: TierFactory(meeting=meeting), True: TierFactory(meeting=meeting, embargoed=True)}
        yield {key: plant(told, meeting, tiers) for key, told in GOLDEN["abstracts"].items()}
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
    found = [keys[abstract.pk] for abstract in results[:]]
    assert len(found) == len(set(found)) == len(results)
    if "finds" in pair:
        assert sorted(found[: results.with_all]) == sorted(pair["finds"])
    if "first" in pair:
        assert found[0] == pair["first"]
    for key in pair.get("behind", ()):
        assert key in found[results.with_all :]
    if "means" in pair:
        assert pair["means"] in {other.text for need in results.found.built.expanded for other in need.others}
    if "corrected" in pair:
        assert results.found.correction == pair["corrected"]


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_no_pair_is_an_error_page(world, pair):
    response = Client().get("/search/", {"q": pair["q"], "exact": "1" if pair.get("exact") else ""})
    assert response.status_code in (200, 302)
    assert "quuxumab" not in response.content.decode().replace(pair["q"], "")
    assert Keyword.objects.exists()
