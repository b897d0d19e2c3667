import pytest

from abstracts.models import ArchiveState, KeywordSynonym
from abstracts.search.spelling import distance
from abstracts.search.synonyms import Form, Thesaurus, parse, shipped, thesaurus
from tests.factories import KeywordFactory


def of(*lines) -> Thesaurus:
    found = Thesaurus()
    for entry in parse(lines):
        found.add(entry)
    return found


def others(found, text):
    return {form.text for form in found.others(text)}


def test_the_shipped_list_is_sound():
    entries = shipped()
    assert len(entries) >= 300
    for entry in entries:
        assert len(entry) >= 2, entry
        assert all(form.text and (form.cased or form.terms) for form in entry), entry
        assert len({(form.terms, form.cased, form.text if form.cased else "") for form in entry}) >= 2, entry
        assert not any("=" in form.text or "|" in form.text for form in entry), entry


def test_every_form_finds_the_others():
    found = of("SLE | systemic lupus erythematosus")
    assert others(found, "SLE") == {"systemic lupus erythematosus"}
    assert others(found, "Systemic Lupus Erythematosus") == {"SLE"}
    assert others(found, "lupus") == set()


def test_capitals_decide_where_they_have_to():
    found = of("=PsA | psoriatic arthritis", "=PSA | prostate-specific antigen")
    assert others(found, "PsA") == {"psoriatic arthritis"}
    assert others(found, "PSA") == {"prostate-specific antigen"}
    assert {"psoriatic arthritis", "prostate-specific antigen"} <= others(found, "psa")
    assert others(found, "Psa") == set()


def test_common_words_stand_for_nothing():
    assert others(of("=AS | ankylosing spondylitis"), "as") == set()


def test_comments_and_empty_lines():
    assert list(parse(["# no", "", "a | =B"])) == [(Form("a"), Form("B", cased=True))]


@pytest.mark.django_db
def test_synonyms_of_keywords_count_from_the_next_search_on():
    keyword = KeywordFactory(name="Invented disease")
    assert others(thesaurus(ArchiveState.current_mark()), "Invented disease") == set()
    KeywordSynonym.objects.create(keyword=keyword, name="ivd")
    assert others(thesaurus(ArchiveState.current_mark()), "invented diseases") == {"ivd"}
    assert others(thesaurus(ArchiveState.current_mark()), "IVD") == {"Invented disease"}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("lupus", "lupus", 0), ("lupsu", "lupus", 1), ("lupu", "lupus", 1), ("xlupus", "lupus", 1), ("lapis", "lupus", 2)],
)
def test_distance(one, other, apart):
    assert distance(one, other, 2) == apart
    assert distance(one, "entirely else", 2) == 3
