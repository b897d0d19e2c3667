"""Tests of corrections: those that are searched at once, and those that are offered ("did you mean")."""

import tomllib
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from abstracts.search import SearchQuery
from abstracts.search.damage import CheckedSearcher
from abstracts.search.following import ensure_current_snapshot, update_index
from abstracts.search.searching import LawfulSearcher, Visible
from abstracts.search.spelling import FEWEST, Correction, clear_correction, correction, distance
from abstracts.visibility import ANONYMOUS, Role, Viewer
from tests.abstracts.search.test_synonyms import counted
from tests.factories import AbstractFactory, AffiliationFactory, AuthorLineFactory, MeetingFactory, SectionFactory

pytestmark = pytest.mark.django_db

WORDS = tomllib.loads(Path(__file__).with_name("spelling.toml").read_text(encoding="utf-8"))
STAFF = Viewer(Role.STAFF, 1)


def searcher_of(viewer=ANONYMOUS):
    visible = Visible(viewer, timezone.now())
    return LawfulSearcher(ensure_current_snapshot(visible), visible)


def searched(text, literal=(), language="en", viewer=ANONYMOUS):
    """The text that is searched for `text`."""
    clear = clear_correction(SearchQuery(text=text, literal=literal, language=language), searcher_of(viewer))
    return clear.text if clear else text


def offered(text, language="en"):
    return correction(SearchQuery(text=text, language=language), searcher_of())


def plant(*titles, **traits):
    for title in titles:
        AbstractFactory(title=title, **traits)


# A small archive with all words that the list of misspelled words means.


@pytest.fixture(scope="module")
def _world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        text = " ".join(WORDS["misspelled"].values())
        for _ in range(FEWEST):
            SectionFactory(abstract=AbstractFactory(title="All that is meant"), html=f"<p>{text}</p>")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def archive(_world, one_index_for_module):
    return searcher_of()


def test_misspelled_words_of_the_field_are_corrected(archive):
    assert len(WORDS["misspelled"]) >= 150
    corrected = {typed: clear_correction(SearchQuery(text=typed), archive) for typed in WORDS["misspelled"]}
    assert corrected == {typed: Correction(typed, meant, (typed,)) for typed, meant in WORDS["misspelled"].items()}


def test_words_that_are_right_are_not_changed(archive):
    right = " ".join(WORDS["right"].values()).split()
    assert len(right) >= 200
    assert {word: clear for word in right if (clear := clear_correction(SearchQuery(text=word), archive))} == {}


# Clear corrections


@pytest.mark.parametrize(
    ("typed", "meant", "misspelled"),
    [
        ("rheumatiod arthritis", "rheumatoid arthritis", "rheumatiod"),
        ("Rheumatiod arthirtis", "Rheumatoid arthritis", "Rheumatiod arthirtis"),
        ("RHEUMATIOD ARTHRITIS", "RHEUMATOID ARTHRITIS", "RHEUMATIOD"),
        ("non-rheumatiod", "non-rheumatoid", "rheumatiod"),
        ("rheumatoidarthritis", "rheumatoid arthritis", "rheumatoidarthritis"),
        ("rheumatiod rheumatiods", "rheumatoid rheumatoid", "rheumatiod rheumatiods"),
    ],
)
def test_clear_correction_is_the_whole_text(typed, meant, misspelled):
    plant(*["Rheumatoid arthritis"] * FEWEST)
    assert clear_correction(SearchQuery(text=typed), searcher_of()) == Correction(
        typed, meant, tuple(misspelled.split())
    )


def test_word_that_the_reader_wants_as_typed_stays():
    plant("Rheumatoid arthritis")
    assert searched("rheumatiod arthirtis", literal=("rheumatiod",)) == "rheumatiod arthritis"
    assert searched("non-Rheumatiod arthirtis", literal=("rheumatiod arthirtis",)) == "non-Rheumatiod arthirtis"


@pytest.mark.parametrize("typed", ["VISTI", "viSti", "visti2", "vis", "visit"])
def test_what_is_no_misspelled_word_stays(typed):
    plant("Visit", "Visor visits")
    assert searched(typed) == typed


def test_abbreviation_is_not_corrected():
    plant("Docs and doaa")
    for typed in ("DOAC", "DOACs", "doac", "doacs"):
        assert searched(typed) == typed


def test_inflections_of_one_word_are_no_doubt():
    plant("Nephropathy", "Nephropathies")
    assert searched("nephropathyy") == "nephropathy"


def test_correction_with_a_rival_is_only_offered():
    plant("Plumoral", "Plumeral")
    assert searched("plumiral") == "plumiral"
    assert offered("plumiral") == "plumeral"


def test_correction_is_clear_if_the_rival_is_ten_times_rarer():
    plant(*["Plumoral"] * 10, "Plumeral")
    assert searched("plumiral") == "plumoral"


def test_rare_word_is_not_clearly_meant_in_a_large_archive(monkeypatch):
    plant(*["Plumoral"] * FEWEST)
    assert searched("plumiral") == "plumoral"
    monkeypatch.setattr("abstracts.search.spelling._Speller._documents", 900)
    assert searched("plumiral") == "plumiral"
    assert offered("plumiral") == "plumoral"


def test_rare_form_of_a_common_word_is_not_clearly_meant_in_a_large_archive(monkeypatch):
    plant(*["Infections"] * 7, "Infect", "Ossi fication")
    monkeypatch.setattr("abstracts.search.spelling._Speller._documents", 600)
    for typed, similar in (("insect", "infect"), ("ossification", "ossi fication")):
        assert searched(typed) == typed
        assert offered(typed) == similar


def test_word_of_a_single_abstract_is_only_offered():
    plant("Plumoral", "Arthritis")
    assert searched("plumiral") == "plumiral"
    assert offered("plumiral") == "plumoral"
    assert searched("arthirtis") == "arthritis", "it is in a list"


def test_other_first_letter_is_only_offered():
    plant("Visit")
    assert searched("ivsit") == "ivsit"
    assert offered("ivsit") == "visit"


def test_word_is_not_its_opposite():
    plant("Hypertension", "Intervertebral", "Spondylitis")
    for typed in ("hypotension", "intravertebral", "spondylosis"):
        assert searched(typed) == typed
        assert offered(typed) == ""
    assert searched("hypertenison") == "hypertension"


def test_names_and_places_are_right():
    AuthorLineFactory(abstract=AbstractFactory(), name="Ada Plumiral")
    AffiliationFactory(abstract=AbstractFactory(), text="Rheumatiod City")
    plant("Plumoral rheumatoid")
    assert searched("plumiral rheumatiod") == "plumiral rheumatiod"


def test_names_of_authors_are_only_offered():
    AuthorLineFactory(abstract=AbstractFactory(), name="Ada Quillfeather")
    assert searched("quilfeather") == "quilfeather"
    assert offered("quilfeather") == "quillfeather"


def test_two_words_that_are_one_are_right():
    plant("Glucocorticoid, glucose")
    assert searched("gluco corticoid") == "gluco corticoid"


# In Spanish


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("artrtis reumatoide", "artritis reumatoide"),
        ("esclerodermai", "esclerodermia"),
        ("lupus eritematoso sitémico", "lupus eritematoso sistémico"),
        ("Fibromialga y embrazo", "Fibromialgia y embarazo"),
        ("biolgicos en niños", "biologicos en niños"),
        ("rheumatiod", "rheumatoid"),
    ],
)
def test_spanish_words_are_corrected_on_spanish_pages(typed, meant):
    plant("Rheumatoid arthritis")
    assert searched(typed, language="es") == meant


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("typed", ["artritis", "osteoporótica", "niñas", "inmunológicas"])
def test_spanish_words_are_right(typed, language):
    plant("Arthritis, osteoporotic, minas, immunological")
    assert searched(typed, language=language) == typed


# Offered corrections


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
    assert offered(typed) == meant


@pytest.mark.parametrize("right", ["vision", "visor", "fission", "dermatoses", "urinalyses"])
def test_correct_word_that_no_abstract_has_stays(right):
    plant("Visit by telephone", "Mission of a registry", "Dermatitis", "Urinary catheters")
    assert offered(right) == ""


def test_word_of_the_list_of_synonyms_stays():
    plant("Arthritis of the hand")
    assert offered("arteritis") == ""
    assert offered("hands") == ""  # an inflection finds it
    assert offered("arthrytis") == "arthritis"


def test_the_more_common_of_two_similar_words_is_offered():
    plant("Foot pain", "Food and flares", "Food and gout")
    assert offered("fooz") == "food"


# The law


def test_hidden_abstracts_do_not_make_a_word_common():
    plant("Food and flares", "Foot pain", "Foot ulcers")
    plant("Food one", "Food two", "Food three", embargoed=True)
    assert offered("fooz") == "foot"


def test_hidden_word_does_not_replace_a_visible_one():
    plant("Nephritis again")
    plant("Nephrites of embargoed mice", embargoed=True)
    assert offered("nephritas") == "nephritis"


def test_hidden_word_neither_prevents_nor_causes_a_correction():
    plant(*["Rheumatoid arthritis and plumoral factors"] * FEWEST)
    [hidden, _] = [AbstractFactory(title="Rheumatiod zymurgoids, plumeral", embargoed=True) for _ in range(FEWEST)]
    AuthorLineFactory(abstract=hidden, name="Ada Arthirtis")
    AffiliationFactory(abstract=hidden, text="Plumorral")
    text = "rheumatiod arthirtis zymurgiods plumorral plumiral"
    # The press is answered from the index of all documents.
    of_another_meeting = Viewer(Role.PRESS, 1, frozenset({MeetingFactory().pk}))
    for viewer in (ANONYMOUS, of_another_meeting):
        assert searched(text, viewer=viewer) == "rheumatoid arthritis zymurgiods plumoral plumoral"
    assert searched(text, viewer=STAFF) == "rheumatiod arthirtis zymurgoids plumorral plumiral"


def test_hidden_words_cost_a_correction_nothing(monkeypatch):
    plant("Rheumatoid arthritis and plumoral factors")
    work = []
    for name in ("search", "aggregate", "doc_freq", "terms_with_prefix", "doc"):
        monkeypatch.setattr(CheckedSearcher, name, counted(name, work), raising=False)

    def work_of(text):
        work.clear()
        searched(text)
        return work[:]

    texts = ("rheumatiod", "rhuematiod", "plumiral", "plumoral", "plumoralfactors")
    update_index()
    before = [work_of(text) for text in texts]
    plant("Rheumatiod, rhuematiod, plumiral, plumeral, plumorall factors", embargoed=True)
    update_index()
    assert [work_of(text) for text in texts] == before
    assert all(before)
    assert len(before[texts.index("plumoral")]) <= 1, "a word that is right costs one look"


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
