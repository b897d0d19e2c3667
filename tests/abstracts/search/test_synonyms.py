import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abstracts.models import Abstract, Keyword, KeywordSynonym
from abstracts.search import SearchQuery, search
from abstracts.search.damage import CheckedSearcher
from abstracts.search.following import ensure_current_snapshot, update_index
from abstracts.search.searching import Visible
from abstracts.search.synonyms import (
    MAX_VARIANTS,
    Thesaurus,
    Variant,
    case_sensitive_words_in,
    parse,
    shipped,
    thesaurus,
)
from abstracts.visibility import ANONYMOUS, Role, Status, Viewer
from tests.factories import AbstractFactory, AbstractKeywordFactory, KeywordFactory, MeetingFactory


def thesaurus_of(*lines) -> Thesaurus:
    return Thesaurus().having(parse(lines))


def synonyms(groups, text):
    return {variant.text for variant in groups.synonyms(text)}


def test_shipped_list_is_sound():
    groups = shipped()
    assert len(groups) >= 300
    for group in groups:
        assert len(group) >= 2, group
        assert all(v.text and (v.case_sensitive or v.terms) for v in group), group
        assert len({(v.terms, v.case_sensitive, v.text if v.case_sensitive else "") for v in group}) >= 2, group
        assert not any(set(v.text) & set("=|>") for v in group), group
        keys = [v.text if v.case_sensitive else v.terms for v in group]
        assert len(keys) == len(set(keys)), f"the same twice: {group}"


SHIPPED = Thesaurus().having(shipped())


@pytest.mark.parametrize(
    "same",
    [
        ("children", "pediatric", "childhood", "juvenile"),
        ("cancer", "malignancy", "neoplasm"),
        ("kidney", "renal"),
        ("heart", "cardiac"),
        ("elderly", "older adults", "geriatric"),
        ("telehealth", "telemedicine"),
        ("heart attack", "MI", "myocardial infarction"),
        ("high blood pressure", "hypertension"),
        ("dry eyes", "xerophthalmia"),
        ("TNFi", "anti-TNF", "TNFα inhibitors"),
        ("IL-23 inhibitors", "anti-IL-23", "IL-23i"),
    ],
)
def test_shipped_words_that_mean_the_same(same):
    for text in same:
        others = {term for variant in SHIPPED.synonyms(text) for term in (variant.text, variant.terms)}
        assert all(other in others or Variant(other).terms in others for other in same if other != text), text


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("JAKi", ["tofacitinib", "Xeljanz", "upadacitinib", "Rinvoq"]),
        ("TNF inhibitors", ["adalimumab", "Humira", "certolizumab"]),
        ("IL-23", ["guselkumab", "risankizumab", "tildrakizumab", "ustekinumab", "Skyrizi"]),
        ("IL-17A", ["secukinumab", "bimekizumab"]),
        ("anti-IL-6", ["tocilizumab", "Actemra"]),
        ("CD20", ["rituximab", "obinutuzumab"]),
        ("GLP-1", ["semaglutide", "Ozempic"]),
        ("csDMARDs", ["methotrexate", "MTX"]),
        ("bDMARD", ["adalimumab", "tocilizumab", "anti-TNF"]),
        ("bisphosphonates", ["alendronate", "Reclast"]),
        ("ULT", ["allopurinol", "pegloticase", "probenecid"]),
        ("blood thinner", ["apixaban", "Coumadin"]),
        ("SpA", ["PsA", "axSpA", "ankylosing spondylitis", "nr-axSpA", "reactive arthritis"]),
        ("vasculitis", ["GPA", "giant cell arteritis", "Takayasu arteritis", "IgAV"]),
        ("CTD", ["SLE", "systemic sclerosis", "dermatomyositis"]),
        ("lupus", ["SLE"]),
    ],
)
def test_shipped_classes_have_their_members_one_way(name, members):
    found = {variant.text: variant for variant in SHIPPED.synonyms(name)}
    for member in members:
        assert found[member].is_member
        assert Variant(name).terms not in {variant.terms for variant in SHIPPED.synonyms(member)}


def test_members_bring_their_forms_and_what_they_include():
    groups = thesaurus_of("X | class x > Y | =Zed", "Y | class y > ly", "ly | Brand", "=Zed | zedine | =ZD | =ZE")
    assert [v.text for v in groups.synonyms("X")] == ["class x", "Y", "Zed", "class y", "ly", "zedine", "Brand"]
    assert [v.is_member for v in groups.synonyms("X")] == [False] + [True] * 6
    assert synonyms(groups, "class y") == {"Y", "ly", "Brand"}
    assert synonyms(groups, "Brand") == {"ly"}
    assert synonyms(groups, "Zed") == {"zedine", "ZD", "ZE"}


def test_classes_that_include_each_other_end():
    groups = thesaurus_of("one > two", "two > one")
    assert synonyms(groups, "one") == {"two"}


def test_classes_have_a_limit():
    members = " | ".join(f"member{n}" for n in range(3 * MAX_VARIANTS))
    assert len(thesaurus_of(f"one | two > {members}").synonyms("one")) == MAX_VARIANTS - 1


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
    assert list(parse(["# no", "", "a | =B > c | =D"])) == [
        (Variant("a"), Variant("B", True), Variant("c", is_member=True), Variant("D", True, True))
    ]


def test_case_sensitive_words():
    assert case_sensitive_words_in(["PsA and PSA in AS", "Unlisted ABCDE"]) == {"PsA", "PSA", "AS"}
    assert case_sensitive_words_in(["AS WE ALL SHOUT"]) == set()
    assert case_sensitive_words_in(["NETs and AEs, nets and Bs"]) == {"NET", "AE"}
    assert synonyms(SHIPPED, "NETs") == {"NET", "neutrophil extracellular trap"}


def synonyms_now(text, viewer=ANONYMOUS, at=None):
    at = at or timezone.now()
    snapshot = ensure_current_snapshot(Visible(viewer, at))
    return synonyms(thesaurus((snapshot.mark, snapshot.part_at(at)), viewer, at), text)


def keyword_with_synonym(**state):
    link = AbstractKeywordFactory(keyword=KeywordFactory(name="Invented disease"), abstract=AbstractFactory(**state))
    KeywordSynonym.unfiltered.create(keyword=link.keyword, name="ivd")
    return link


@pytest.mark.django_db
def test_synonyms_of_keywords_count_from_the_next_search():
    keyword = AbstractKeywordFactory(keyword=KeywordFactory(name="Invented disease")).keyword
    assert synonyms_now("Invented disease") == set()
    KeywordSynonym.unfiltered.create(keyword=keyword, name="ivd")
    assert synonyms_now("invented diseases") == {"ivd"}
    assert synonyms_now("IVD") == {"Invented disease"}
    KeywordSynonym.unfiltered.all().delete()
    assert synonyms_now("IVD") == set()


@pytest.mark.django_db
def test_synonyms_of_a_hidden_keyword_are_known_to_those_who_may_see_it():
    link = keyword_with_synonym(embargoed=True)
    press = Viewer(Role.PRESS, 1, frozenset({link.abstract.meeting_id}))
    of_another_meeting = Viewer(Role.PRESS, 1, frozenset({MeetingFactory().pk}))
    for viewer, expected in (
        (ANONYMOUS, set()),
        (press, {"ivd"}),
        (of_another_meeting, set()),
        (Viewer(Role.STAFF, 1), {"ivd"}),
        (ANONYMOUS, set()),
    ):
        assert synonyms_now("Invented disease", viewer) == expected


@pytest.mark.django_db
def test_synonyms_of_a_keyword_begin_and_end_with_what_the_public_sees_of_it():
    abstract = Abstract.unfiltered.get(pk=keyword_with_synonym(listing=True).abstract.pk)
    before, after = abstract.listed_from - dt.timedelta(microseconds=1), timezone.now() + dt.timedelta(days=1)
    for at, expected in ((before, set()), (abstract.listed_from, {"ivd"}), (after, {"ivd"}), (before, set())):
        assert synonyms_now("Invented disease", at=at) == expected
    abstract.status = Status.DRAFT
    abstract.save()
    assert synonyms_now("Invented disease", at=after) == set()


@pytest.mark.django_db
def test_synonyms_of_hidden_keywords_cost_a_search_nothing(monkeypatch):
    AbstractFactory(title="Plainname and more")
    work = []
    for name in ("search", "aggregate", "doc_freq", "terms_with_prefix", "doc"):
        monkeypatch.setattr(CheckedSearcher, name, counted(name, work), raising=False)

    def work_of_a_search() -> tuple[list[str], int]:
        work.clear()
        with CaptureQueriesContext(connection) as queries:
            assert len(search(SearchQuery(text="plainname disease"), ANONYMOUS, timezone.now())) == 1
        return work[:], len(queries)

    update_index()
    first, second = work_of_a_search(), work_of_a_search()
    keyword_with_synonym(embargoed=True)
    for name in ("plainname", "disease", "plainname disease"):
        KeywordSynonym.unfiltered.create(keyword=Keyword.unfiltered.get(), name=name)
    update_index()
    assert (work_of_a_search(), work_of_a_search()) == (first, second)
    assert first[0], "the engine was asked"
    assert synonyms_now("plainname", Viewer(Role.STAFF, 1)), "staff may see the synonyms"


def counted(name, work):
    def call(self, *args, **kwargs):
        work.append(name)
        return getattr(self._searcher, name)(*args, **kwargs)

    return call
