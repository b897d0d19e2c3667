import pytest

from abstracts.search.analysis import indexed, lexemes, name_words, terms, words


@pytest.mark.parametrize(
    "same",
    [
        ("IL-6", "IL6", "il 6", "IL–6", "il-6"),
        ("TNF-α", "TNFα", "TNF alpha", "tnfalpha", "TNF-alpha"),
        ("NF-κB", "NFκB", "NF kappa B", "NF-kappaB"),
        ("Sjögren’s", "Sjogren's", "sjögrens", "Sjögren"),
        ("oedema", "edema", "Edemas"),
        ("anaemia", "anemia"),
        ("haematological", "hematological"),
        ("randomised", "randomized", "Randomizing"),
        ("tumour", "tumors"),
        ("paediatric", "pediatrics"),
        ("labelled", "labeled"),
        ("fibre", "fibers"),
        ("µg/mL", "μg mL"),
        ("HLA-B27", "HLA B27", "HLAB 27"[:3] + "-B-27"),
        ("diarrhoea", "diarrhea"),
        ("Ｗｉｄｅ", "wide"),
    ],
)
def test_equivalent_spellings(same):
    assert len({tuple(terms(text)) for text in same}) == 1, [terms(text) for text in same]


@pytest.mark.parametrize(
    ("one", "other"), [("IL-6", "IL-17"), ("CD19", "CD20"), ("arthritis", "arthrosis"), ("organ", "organization")]
)
def test_different_terms(one, other):
    assert terms(one) != terms(other)


def test_hyphenated_words_are_also_indexed_closed():
    assert indexed(lexemes("Long-term follow-up")).split()[-2:] == ["longterm", "followup"]
    assert "il6" not in indexed(lexemes("IL-6")).split()


def test_stop_words_are_words_but_not_terms():
    assert terms("The spine in the AS") == ["spine"]
    assert words("in the AS") == ["in", "the", "as"]


@pytest.mark.parametrize("text", ["", " ", "\0", "---", "''", "☃", "((((", "´`", "_"])
def test_text_without_words_has_no_terms(text):
    assert terms(text) == words(text) == []
    assert indexed(lexemes(text)) == ""


def test_other_scripts_are_words():
    assert terms("関節リウマチ") == ["関節リウマチ"] or len(terms("関節リウマチ")) == 1


def test_names():
    assert name_words("Dörner") == name_words("Doerner") == name_words("DORNER")
    assert name_words("O’Brien-Núñez") == ["obrien", "nunez"]
