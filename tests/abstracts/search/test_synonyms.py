import pytest

from abstracts.models import ArchiveState, KeywordSynonym
from abstracts.search.synonyms import Thesaurus, Variant, case_sensitive_words_in, parse, shipped, thesaurus
from tests.factories import KeywordFactory


def thesaurus_of(*lines) -> Thesaurus:
    groups = Thesaurus()
    for group in parse(lines):
        groups.add(group)
    return groups


def synonyms(groups, text):
    return {variant.text for variant in groups.synonyms(text)}


def test_shipped_list_is_sound():
    groups = shipped()
    assert len(groups) >= 300
    for group in groups:
        assert len(group) >= 2, group
        assert all(v.text and (v.case_sensitive or v.terms) for v in group), group
        assert len({(v.terms, v.case_sensitive, v.text if v.case_sensitive else "") for v in group}) >= 2, group
        assert not any("=" in v.text or "|" in v.text for v in group), group


def test_each_variant_has_the_others_as_synonyms():
    groups = thesaurus_of("SLE | systemic lupus erythematosus")
    assert synonyms(groups, "SLE") == {"systemic lupus erythematosus"}
    assert synonyms(groups, "Systemic Lupus Erythematosus") == {"SLE"}
    assert synonyms(groups, "lupus") == set()


def test_capitals_tell_case_sensitive_variants_apart():
    groups = thesaurus_of("=PsA | psoriatic arthritis", "=PSA | prostate-specific antigen")
    assert synonyms(groups, "PsA") == {"psoriatic arthritis"}
    assert synonyms(groups, "PSA") == {"prostate-specific antigen"}
    assert {"psoriatic arthritis", "prostate-specific antigen"} <= synonyms(groups, "psa")
    assert synonyms(groups, "Psa") == set()


def test_stop_words_have_no_synonyms():
    assert synonyms(thesaurus_of("=AS | ankylosing spondylitis"), "as") == set()


def test_comments_and_empty_lines_are_skipped():
    assert list(parse(["# no", "", "a | =B"])) == [(Variant("a"), Variant("B", case_sensitive=True))]


def test_case_sensitive_words():
    assert case_sensitive_words_in(["PsA and PSA in AS", "Unlisted ABCDE"]) == {"PsA", "PSA", "AS"}
    assert case_sensitive_words_in(["AS WE ALL SHOUT"]) == set()


@pytest.mark.django_db
def test_synonyms_of_keywords_count_from_the_next_search():
    keyword = KeywordFactory(name="Invented disease")
    assert synonyms(thesaurus(ArchiveState.current_mark()), "Invented disease") == set()
    KeywordSynonym.unfiltered.create(keyword=keyword, name="ivd")
    assert synonyms(thesaurus(ArchiveState.current_mark()), "invented diseases") == {"ivd"}
    assert synonyms(thesaurus(ArchiveState.current_mark()), "IVD") == {"Invented disease"}
