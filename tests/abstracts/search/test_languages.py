"""Tests of searches with Spanish and with misspelled words, as a whole."""

import pytest
from django.utils import timezone

from abstracts.search import SearchQuery, search
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.factories import AbstractFactory, AuthorLineFactory, SectionFactory

pytestmark = pytest.mark.django_db

STAFF = Viewer(Role.STAFF, 1)


def answer(text, viewer=ANONYMOUS, **query):
    return search(SearchQuery(text=text, **query), viewer, timezone.now())


def found(text, **query):
    """Titles of the abstracts with all words."""
    results = answer(text, **query)
    return [abstract.title for abstract in results[: results.with_all]]


def in_spanish(text, **query):
    return found(text, language="es", **query)


def meanings(text, **query):
    return {synonym.text for _, synonyms in answer(text, **query).matches.index_query.expanded for synonym in synonyms}


TITLES = (
    "Scleroderma and the lung",
    "Gout flares in older adults",
    "Systemic lupus erythematosus in pregnancy",
    "Rheumatoid arthritis in women",
    "Low back pain in pregnant women treated with biologics",
    "Vaccination of children with juvenile idiopathic arthritis",
    "Treatment of gout with colchicine",
    "Janus kinase inhibitors and herpes zoster",
)


@pytest.fixture
def _abstracts():
    for title in TITLES:
        AbstractFactory(title=title)


@pytest.mark.usefixtures("_abstracts")
@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("esclerodermia", [0]),
        ("gota", [1, 6]),
        ("lupus eritematoso sistémico", [2]),
        ("LES y embarazo", [2]),
        ("lupus y embarazo", [2]),
        ("artritis reumatoide", [3]),
        ("Artritis Reumatoide en mujeres", [3]),
        ("dolor lumbar en mujeres embarazadas tratadas con biológicos", [4]),
        ("vacunación en niños con AIJ", [5]),
        ("¿Cuál es el mejor tratamiento para la gota?", [6]),
        ("inhibidores de JAK", [7]),
        ("gota OR esclerodermia", [0, 1, 6]),
        ("gota NOT tratamiento", [1]),
        ("gout", [1, 6]),
        ("pregnancy lupus", [2]),
    ],
)
def test_spanish_query_finds_english_abstracts(typed, titles):
    assert sorted(in_spanish(typed)) == sorted(TITLES[place] for place in titles)


@pytest.mark.usefixtures("_abstracts")
@pytest.mark.parametrize("typed", ['"artritis reumatoide"', "title:gota"])
def test_phrases_and_words_in_a_field_are_not_translated(typed):
    assert in_spanish(typed) == []


@pytest.mark.usefixtures("_abstracts")
def test_exact_search_is_not_translated():
    assert in_spanish("gota", exact=True) == []


@pytest.mark.usefixtures("_abstracts")
def test_translation_is_told_with_its_synonyms():
    assert meanings("esclerodermia", language="es") == {"scleroderma"}
    AbstractFactory(title="SSc")
    assert meanings("esclerodermia", language="es") == {"scleroderma", "SSc"}


@pytest.mark.usefixtures("_abstracts")
def test_spanish_words_that_occur_nowhere_are_translated_on_english_pages():
    assert found("esclerodermia") == [TITLES[0]]
    assert found("artritis reumatoide women") == [TITLES[3]]


def test_spanish_words_that_occur_are_not_translated_on_english_pages():
    AbstractFactory(title="Scleroderma")
    AuthorLineFactory(abstract=AbstractFactory(title="Gout and more"), name="Ada Gota")
    assert found("gota") == ["Gout and more"]
    assert meanings("gota") == set()


def test_hidden_word_does_not_decide_on_a_translation():
    AbstractFactory(title="Gout")
    AbstractFactory(title="Gota", embargoed=True)
    assert found("gota") == ["Gout"]
    assert found("gota", viewer=STAFF) == ["Gota"]


# Corrections


@pytest.mark.usefixtures("_abstracts")
@pytest.mark.parametrize(
    ("typed", "language", "meant", "title"),
    [
        ("rheumatiod arthritis", "en", "rheumatoid arthritis", 3),
        ("rheumatiod OR quuxumab", "en", "rheumatoid OR quuxumab", 3),
        ("artrtis reumatoide", "es", "artritis reumatoide", 3),
        ("esclerodermai", "es", "esclerodermia", 0),
    ],
)
def test_clear_correction_is_searched_and_told(typed, language, meant, title):
    assert found(typed, language=language) == [TITLES[title]]
    corrected = answer(typed, language=language).matches.corrected
    assert (corrected.original, corrected.text, corrected.words) == (typed, meant, (typed.split()[0],))


@pytest.mark.usefixtures("_abstracts")
def test_correction_is_undone_for_words_that_are_wanted_as_typed():
    matches = answer("rheumatiod arthritis", literal=("rheumatiod",)).matches
    assert matches.corrected is None
    assert matches.with_all.total == 0
    assert answer("rheumatiod", exact=True).matches.corrected is None


def test_doubtful_correction_is_only_offered():
    for title in ("Plumoral", "Plumeral"):
        AbstractFactory(title=title)
    matches = answer("plumiral").matches
    assert (matches.corrected, matches.correction) == (None, "plumeral")


@pytest.mark.usefixtures("_abstracts")
def test_words_in_fields_phrases_and_exclusions_are_not_corrected():
    for text in ('"rheumatiod arthritis"', "title:rheumatiod", "gout -rheumatiod", "gout NOT rheumatiod"):
        assert answer(text).matches.corrected is None


def test_hidden_abstracts_change_no_correction():
    SectionFactory(abstract=AbstractFactory(title="Rheumatoid arthritis"), html="<p>Text</p>")
    AbstractFactory(title="Rheumatiod", embargoed=True)
    assert found("rheumatiod") == ["Rheumatoid arthritis"]
    assert found("rheumatiod", viewer=STAFF) == ["Rheumatiod"]


def test_the_letter_of_a_vitamin_is_no_conjunction():
    AbstractFactory(title="Vitamin C and gout")
    vitamin = AbstractFactory(title="Vitamin E and gout")
    assert in_spanish("vitamina E") == [vitamin.title]
    assert len(in_spanish("VITAMINA Y GOTA")) == 2
