"""What "did you mean" offers, and what it leaves alone."""

import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.search.spelling import distance
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory

pytestmark = pytest.mark.django_db


def corrected(text):
    return search(SearchQuery(text=text), ANONYMOUS, timezone.now()).found.correction


def plant(*titles, **traits):
    for title in titles:
        AbstractFactory(title=title, **traits)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("visti", "visit"),
        ("visitt", "visit"),
        ("ivsit", "visit"),
        ("rheumatod", "rheumatoid"),
        ("rhuematiod", "rheumatoid"),
        ("rehumatoid", "rheumatoid"),
        ("synoviitss", "synovitis"),
    ],
)
def test_a_misspelled_word_is_put_right(typed, meant):
    plant("Visit by telephone", "Rheumatoid synovitis")
    assert corrected(f"{typed}") == meant


@pytest.mark.parametrize("right", ["vision", "visor", "fission", "dermatoses", "urinalyses"])
def test_a_right_word_that_no_abstract_has_is_left_alone(right):
    plant("Visit by telephone", "Mission of a registry", "Dermatitis", "Urinary catheters")
    assert corrected(right) == ""


def test_a_word_of_the_list_of_synonyms_is_right():
    plant("Arthritis of the hand")
    assert corrected("arteritis") == ""
    assert corrected("arthriti") == ""  # an inflection finds it
    assert corrected("artritis") == "arthritis"


def test_of_two_alike_the_commoner_is_offered():
    plant("Foot pain", "Food and flares", "Food and gout")
    assert corrected("fooz") == "food"


def test_hidden_abstracts_do_not_make_a_word_common():
    plant("Food and flares", "Foot pain", "Foot ulcers")
    plant("Food one", "Food two", "Food three", embargoed=True)
    assert corrected("fooz") == "foot"


def test_a_hidden_word_takes_no_visible_ones_place():
    plant("Nephritis again")
    plant("Nephrites of embargoed mice", embargoed=True)
    assert corrected("nephritas") == "nephritis"


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("visit", "visit", 0), ("visti", "visit", 1), ("vision", "visit", 2), ("gout", "lupus", 3)],
)
def test_distance(one, other, apart):
    assert distance(one, other, 2) == apart
