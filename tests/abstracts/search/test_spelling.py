"""Tests of "did you mean"."""

import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.search.spelling import distance
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory

pytestmark = pytest.mark.django_db


def corrected(text):
    return search(SearchQuery(text=text), ANONYMOUS, timezone.now()).matches.correction


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
def test_misspelled_word_is_corrected(typed, meant):
    plant("Visit by telephone", "Rheumatoid synovitis")
    assert corrected(f"{typed}") == meant


@pytest.mark.parametrize("right", ["vision", "visor", "fission", "dermatoses", "urinalyses"])
def test_correct_word_that_no_abstract_has_stays(right):
    plant("Visit by telephone", "Mission of a registry", "Dermatitis", "Urinary catheters")
    assert corrected(right) == ""


def test_word_of_the_list_of_synonyms_stays():
    plant("Arthritis of the hand")
    assert corrected("arteritis") == ""
    assert corrected("arthriti") == ""  # an inflection finds it
    assert corrected("artritis") == "arthritis"


def test_the_more_common_of_two_similar_words_is_offered():
    plant("Foot pain", "Food and flares", "Food and gout")
    assert corrected("fooz") == "food"


def test_hidden_abstracts_do_not_make_a_word_common():
    plant("Food and flares", "Foot pain", "Foot ulcers")
    plant("Food one", "Food two", "Food three", embargoed=True)
    assert corrected("fooz") == "foot"


def test_hidden_word_does_not_replace_a_visible_one():
    plant("Nephritis again")
    plant("Nephrites of embargoed mice", embargoed=True)
    assert corrected("nephritas") == "nephritis"


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("visit", "visit", 0),
        ("visti", "visit", 1),
        ("visi", "visit", 1),
        ("xvisit", "visit", 1),
        ("vision", "visit", 2),
        ("gout", "lupus", 3),
        ("visit", "entirely else", 3),
    ],
)
def test_distance(one, other, edits):
    assert distance(one, other, 2) == edits
