"""Tests of Spanish words in English."""

import re

import pytest

from abstracts.search.analysis import words
from abstracts.search.synonyms import MAX_WORDS
from abstracts.search.translating import EMPTY_WORDS, LIST, is_empty_word, is_spanish, spanish_words, translations

ENTRIES = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def english(text):
    return {variant.text for variant in translations(text)}


def test_shipped_list_is_sound():
    assert len(ENTRIES) >= 800
    for entry in ENTRIES:
        spanish, english = entry.split(" = ")
        forms = spanish.split(" | ")
        assert all(re.fullmatch(r"[^\W_]+(?:[ -][^\W_]+)*", form) for form in forms), entry
        assert all(len(form.split()) <= MAX_WORDS for form in forms), entry
        assert all(words(form) for form in english.split(" | ")), entry
    assert len(set(ENTRIES)) == len(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("esclerodermia", "scleroderma"),
        ("Gota", "gout"),
        ("lupus eritematoso sistémico", "systemic lupus erythematosus"),
        ("lupus eritematoso sistemico", "systemic lupus erythematosus"),
        ("LUPUS ERITEMATOSO SISTÉMICO", "systemic lupus erythematosus"),
        ("LES", "systemic lupus erythematosus"),
        ("artritis reumatoide", "rheumatoid arthritis"),
        ("AIJ", "juvenile idiopathic arthritis"),
        ("APs", "psoriatic arthritis"),
        ("nefritis lúpica", "lupus nephritis"),
        ("nefritis lúpicas", "lupus nephritis"),
        ("inhibidores de JAK", "JAK inhibitor"),
        ("inhibidores de la IL-6", "IL-6 inhibitor"),
        ("inhibidor del IL6", "IL-6 inhibitor"),
        ("niños", "children"),
        ("niñas", "children"),
        ("mujeres", "women"),
        ("enfermedades pulmonares intersticiales", "interstitial lung disease"),
        ("metotrexato", "methotrexate"),
        ("cicatrices", "scar"),
        ("biológicas", "biologic"),
        ("ensayos clínicos", "clinical trial"),
        ("vacunación", "vaccination"),
        ("calidad de vida", "quality of life"),
    ],
)
def test_spanish_form_in_any_inflection_has_its_english_forms(typed, meant):
    assert meant in english(typed)


@pytest.mark.parametrize("typed", ["rituximab", "Smolen", "gout", "lupus", "", "de", "la gota", "gota de", "y", "IL-6"])
def test_what_the_list_does_not_have_stays(typed):
    assert english(typed) == set()


def test_words_that_are_the_same_in_english_are_no_translation():
    assert english("cáncer") == set()
    assert english("neoplasias") == {"cancer"}


@pytest.mark.parametrize("word", ["de", "la", "Cuál", "qué", "él", "más", "y", "Con", "para"])
def test_empty_words(word):
    assert is_empty_word(word)


@pytest.mark.parametrize("word", ["LES", "gota", "IL-6", "JAK", "lupus", "edad", "of"])
def test_other_words_are_not_empty(word):
    assert not is_empty_word(word)


def test_empty_words_are_written_as_they_are_compared():
    assert all(words(word) == [word] for word in EMPTY_WORDS)


def test_spanish_words():
    assert spanish_words()["sistemico"] == "sistémico"
    assert all(map(is_spanish, ("sistemicas", "ninos", "cual", "esclerodermia")))
    assert not any(map(is_spanish, ("rheumatoid", "esclerodermai", "smolen")))
