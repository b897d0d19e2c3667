import datetime as dt

import pytest
from django.utils import timezone

from abstracts.models import Abstract
from abstracts.search import SearchQuery, search
from abstracts.search.database import matching_pks
from abstracts.search.query import Order
from abstracts.visibility import ANONYMOUS
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AffiliationFactory,
    AuthorLineFactory,
    KeywordFactory,
    MeetingFactory,
    PersonFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    TierFactory,
)

pytestmark = pytest.mark.django_db

# A query for each part of the abstract of `planted()`.
OF_LISTING = [
    {"text": "titleword"},
    {"title": "titleword"},
    {"text": "familyname"},
    {"author": "familyname"},
    {"affiliation": "institutename"},
    {"text": "keyedword"},
    {"keyword": "keyedword"},
]
OF_TEXT = [{"text": "bodyword"}, {"trial_id": "NCT01234567"}]
OF_SHELL = [{"number": "LB12"}, {"text": "LB12"}, {"session_type": "Odd Session"}, {"day": dt.date(2031, 1, 2)}]


def planted(**state):
    """An abstract with a different word in each part."""
    abstract = AbstractFactory(number="LB12", title="About titleword", trial_ids="NCT01234567 NCT7", **state)
    session = SessionFactory(meeting=abstract.meeting, type="Odd Session", date=dt.date(2031, 1, 2))
    PresentationFactory(abstract=abstract, session=session)
    AuthorLineFactory(abstract=abstract, person=PersonFactory(family="Familyname"))
    AffiliationFactory(abstract=abstract, text="Institutename, Springfield")
    AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name="Keyedword"))
    SectionFactory(abstract=abstract, html="<p>Some bodyword &amp; more</p>")
    return abstract


def pks_in_database(viewer=ANONYMOUS, **query):
    return matching_pks(SearchQuery(**query), viewer, timezone.now())


def test_order_does_not_disclose_hidden_titles():
    meeting = MeetingFactory()
    shells = TierFactory(meeting=meeting, shell=True)
    for number, title in (("0001", "Zebra"), ("0002", "Aardvark")):
        AbstractFactory(meeting=meeting, tier=shells, number=number, title=title)
    shown = AbstractFactory(meeting=meeting, number="0003", title="Middle")
    pks = matching_pks(SearchQuery(meetings=(meeting.slug,), order=Order.TITLE), ANONYMOUS, timezone.now())
    assert [Abstract.unfiltered.get(pk=pk).number for pk in pks] == ["0003", "0001", "0002"]
    assert pks[0] == shown.pk


def test_all_words_have_to_be_there_each_anywhere():
    abstract = planted()
    assert pks_in_database(text="titleword bodyword FAMILYNAME keyedword") == [abstract.pk]
    assert pks_in_database(text="titleword elsewhere") == []


def test_fields_narrow_each_other():
    abstract, other = planted(), AbstractFactory(title="About titleword, too")
    assert set(pks_in_database(title="titleword")) == {abstract.pk, other.pk}
    assert pks_in_database(title="titleword", author="familyname") == [abstract.pk]
    assert pks_in_database(title="titleword", author="familyname", meetings=(other.meeting.slug,)) == []


def test_names_belong_to_one_author():
    abstract = AbstractFactory()
    for given, family in (("Anna", "Rossi"), ("Bruno", "Bianchi")):
        AuthorLineFactory(abstract=abstract, person=PersonFactory(family=family, given=given))
    assert pks_in_database(author="Rossi A") == pks_in_database(author="anna rossi") == [abstract.pk]
    assert pks_in_database(author="Rossi Bruno") == []
    assert pks_in_database(author="ossi") == []


def test_names_and_keywords_are_accent_blind():
    abstract = AbstractFactory()
    AuthorLineFactory(abstract=abstract, person=PersonFactory(family="Dörner", given="Łucja"))
    AbstractKeywordFactory(abstract=abstract, keyword=KeywordFactory(name="Sjögren’s disease"))
    for query in ({"author": "DORNER lucja"}, {"author": "Dörner"}, {"keyword": "SJOGRENS"}, {"text": "sjögren's"}):
        assert pks_in_database(**query) == [abstract.pk]


def test_word_with_accents_finds_its_plain_spelling():
    abstract = AbstractFactory(title="Sjogren disease")
    assert pks_in_database(title="Sjögren") == [abstract.pk]


def test_wildcards_are_characters():
    percent, plain = AbstractFactory(title="In 50% of all"), AbstractFactory(title="In 500 of all_")
    assert pks_in_database(title="50%") == [percent.pk]
    assert pks_in_database(title="all_") == [plain.pk]
    assert pks_in_database(title="\\") == []
    assert pks_in_database(text='"50% of"') == [percent.pk]
    assert pks_in_database(text="%") == []


def test_text_is_compared_as_it_reads_not_as_it_is_marked_up():
    abstract = planted()
    assert pks_in_database(text='"bodyword & more"') == [abstract.pk]


def test_numbers_are_exact():
    plain = AbstractFactory(number="2670")
    AbstractFactory(number="12670")
    AbstractFactory(number=None)
    assert pks_in_database(number="2670") == pks_in_database(text="2670") == [plain.pk]
    assert pks_in_database(number="267") == []
    assert pks_in_database(number="日本") == []


def test_session_type_and_day_are_of_one_presentation():
    abstract = AbstractFactory()
    for kind, day in (("Poster", dt.date(2031, 1, 1)), ("Oral", dt.date(2031, 1, 2))):
        session = SessionFactory(meeting=abstract.meeting, type=kind, date=day)
        PresentationFactory(abstract=abstract, session=session)
    assert pks_in_database(session_type="Oral", day=dt.date(2031, 1, 2)) == [abstract.pk]
    assert pks_in_database(session_type="Oral", day=dt.date(2031, 1, 1)) == []


def test_newest_meeting_comes_first_then_numbers():
    older, newer = AbstractFactory(number="0001", title="Same"), AbstractFactory(number="L17", title="Same")
    first = AbstractFactory(number="L9", title="Same", meeting=newer.meeting, tier=newer.tier)
    assert pks_in_database(title="same", order=Order.NEWEST) == [first.pk, newer.pk, older.pk]
    assert pks_in_database(title="same", order=Order.NUMBER) == [older.pk, first.pk, newer.pk]


def test_nothing_asked_finds_nothing():
    AbstractFactory()
    assert list(search(SearchQuery(), ANONYMOUS, timezone.now())) == []


def test_results_slice_like_a_list():
    made = [AbstractFactory(title=f"Same {n}") for n in range(5)]
    results = search(SearchQuery(title="same", order=Order.TITLE), ANONYMOUS, timezone.now())
    assert len(results) == 5
    assert [a.pk for a in results[1:3]] == [a.pk for a in made[1:3]]
    assert results[4].pk == results[-1].pk == made[4].pk
    assert results[9:] == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("zqalpen zqbetan", {3}),
        ("zqalpen OR zqbetan", {1, 2, 3}),
        ("zqalpen NOT zqbetan", {1}),
        ("-zqalpen", {2, 4}),
        ("(zqalpen OR zqbetan) NOT (zqalpen AND zqbetan)", {1, 2}),
        ("zqalpen OR NOT zqbetan", {1, 3, 4}),
        ("title:(zqalpen OR zqbetan) NOT number:3", {1, 2}),
        ('"zqalpen zqbetan"', {3}),
        ("what of the zqbetan?", {2, 3}),
        ("year:2030-2031 zqalpen", {1, 3}),
        ("year:2019 zqalpen", set()),
        ("year:soon zqbetan", {2, 3}),
        ("country:spain", {4}),
        ("meeting:ZQMEETING zqbetan", {2, 3}),
        ("session:posters OR doi:10.1/zq", {2, 4}),
        ("type:poster", {2}),
    ],
)
def test_operators_and_fields(typed, expected):
    meeting = MeetingFactory(name="Zqmeeting 2030", year=2030)
    titles = {1: "Zqalpen", 2: "Zqbetan", 3: "Zqalpen zqbetan", 4: "Other"}
    tier = TierFactory(meeting=meeting)
    pks = {
        AbstractFactory(meeting=meeting, tier=tier, title=title, number=str(n), doi="10.1/ZQ" if n == 4 else "").pk: n
        for n, title in titles.items()
    }
    numbered = {number: pk for pk, number in pks.items()}
    AffiliationFactory(abstract=Abstract.unfiltered.get(pk=numbered[4]), text="Toledo, Spain", country="Spain")
    session = SessionFactory(meeting=meeting, title="Zq posters", type="Poster Session")
    PresentationFactory(abstract=Abstract.unfiltered.get(pk=numbered[2]), session=session)
    assert {pks[pk] for pk in pks_in_database(text=typed)} == expected
    index = search(SearchQuery(text=typed), ANONYMOUS, timezone.now())
    assert {pks[pk] for pk in index.pks_with_all()} == expected
