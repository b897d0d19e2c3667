import pytest
from django.core.cache import caches
from django.urls import reverse

from abstracts.models import KeywordSynonym
from tests.factories import AbstractFactory, AbstractKeywordFactory, KeywordFactory, StaffFactory

pytestmark = pytest.mark.django_db

HIDDEN_STATES = [{"embargoed": True}, {"shell": True}, {"draft": True}]


def tagged(name, count=1, **state):
    keyword = KeywordFactory(name=name)
    for _ in range(count):
        AbstractKeywordFactory(keyword=keyword, abstract=AbstractFactory(**state))
    return keyword


def page(client, **query):
    caches["pages"].clear()  # a stored page has no context
    response = client.get(reverse("keyword-list"), query)
    assert response.status_code == 200
    return response


def test_index_lists_the_first_letter_with_counts(client):
    tagged("Biomarkers", 2)
    tagged("Vasculitis")
    response = page(client)
    assert [(e.name, e.count) for e in response.context["lines"]] == [("Biomarkers", 2)]
    assert [label for label, query, _ in response.context["letters"] if query] == ["B", "V"]


def test_letters_are_pages(client):
    tagged("Biomarkers")
    tagged("Vasculitis")
    assert [e.name for e in page(client, letter="v").context["lines"]] == ["Vasculitis"]


def test_digits_and_other_scripts_have_their_groups(client):
    tagged("18F-FDG PET")
    tagged("Здоровье")
    tagged("α-Smooth muscle actin")
    tagged("Zoster")
    queries = {query for _, query, _ in page(client).context["letters"] if query}
    assert queries == {"letter=0-9", "letter=a", "letter=z", "letter=other"}
    assert [e.name for e in page(client, letter="0-9").context["lines"]] == ["18F-FDG PET"]
    assert [e.name for e in page(client, letter="other").context["lines"]] == ["Здоровье"]
    assert [e.name for e in page(client, letter="z").context["lines"]] == ["Zoster"]


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_keyword_of_hidden_abstracts_does_not_exist(client, state):
    hidden = tagged("Xenoglossy", **state)
    KeywordSynonym.unfiltered.create(keyword=hidden, name="Tongues")
    tagged("Biomarkers")
    for query in ({}, {"letter": "x"}, {"q": "xeno"}):
        assert b"Xenoglossy" not in page(client, **query).content
    assert "letter=x" not in {query for _, query, _ in page(client).context["letters"]}
    for name, slug in (("keyword", hidden.slug), ("keyword", "tongues"), ("keyword-by-tag", hidden.slug)):
        assert client.get(reverse(name, args=[slug])).status_code == 404


@pytest.mark.parametrize("state", HIDDEN_STATES)
def test_hidden_abstracts_are_not_counted(client, state):
    keyword = tagged("Biomarkers")
    AbstractKeywordFactory(keyword=keyword, abstract=AbstractFactory(title="Tokenised secret", **state))
    assert [e.count for e in page(client).context["lines"]] == [1]
    response = client.get(keyword.get_absolute_url())
    assert response.context["page"].paginator.count == 1
    assert b"Tokenised secret" not in response.content


def test_titled_abstracts_count(client):
    keyword = tagged("Biomarkers", listing=True)
    assert [e.count for e in page(client).context["lines"]] == [1]
    assert client.get(keyword.get_absolute_url()).status_code == 200


def test_staff_see_keywords_of_drafts(client):
    keyword = tagged("Biomarkers", draft=True)
    client.force_login(StaffFactory())
    assert [e.name for e in page(client).context["lines"]] == ["Biomarkers"]
    assert client.get(keyword.get_absolute_url()).status_code == 200


def test_filter_without_script_searches_the_whole_index(client):
    tagged("Sjögren's syndrome")
    tagged("Biomarkers")
    response = page(client, q="SJOGREN’S")
    assert [e.name for e in response.context["lines"]] == ["Sjögren's syndrome"]
    assert b"1 keyword with" in response.content


def test_names_of_other_letters_are_there_for_the_script(client):
    tagged("Biomarkers")
    tagged("Vasculitis")
    assert page(client).context["others"] == [("Vasculitis", "vasculitis")]


def test_empty_index(client):
    assert "There are no keywords yet" in page(client).content.decode()


@pytest.mark.parametrize("query", [{"letter": "aa"}, {"letter": "a\0b"}, {"page": "x"}, {"page": "1\0"}])
def test_tampered_query_is_400(client, query):
    assert client.get(reverse("keyword-list"), query).status_code == 400


def test_page_after_the_last_is_404(client):
    tagged("Biomarkers")
    assert client.get(reverse("keyword-list"), {"page": "2"}).status_code == 404


def test_overlong_text_shows_the_form_again_with_a_message(client):
    tagged("Biomarkers")
    response = page(client, q="x" * 301)
    assert "at most 300 characters" in response.content.decode()
    assert "x" * 301 in response.content.decode()
    assert [e.name for e in response.context["lines"]] == ["Biomarkers"]


def test_control_characters_are_removed(client):
    tagged("Biomarkers")
    assert [e.name for e in page(client, q="bio\0mark").context["lines"]] == ["Biomarkers"]


def test_synonyms_and_tags_redirect_to_the_keyword(client):
    keyword = tagged("Systemic lupus erythematosus")
    KeywordSynonym.unfiltered.create(keyword=keyword, name="SLE")
    for url in (
        reverse("keyword", args=["sle"]),
        *(reverse("keyword-by-tag", args=[s]) for s in ("sle", keyword.slug)),
    ):
        response = client.get(url)
        assert (response.status_code, response.url) == (301, keyword.get_absolute_url())


def test_unknown_keyword(client):
    assert client.get(reverse("keyword", args=["nothing"])).status_code == 404
    assert client.get(reverse("keyword-by-tag", args=["nothing"])).status_code == 404


def test_keyword_page_orders_by_meeting_and_number(client):
    keyword = KeywordFactory(name="Gout")
    older, newer = AbstractFactory(number="0002"), AbstractFactory(number="L17")
    second = AbstractFactory(number="L9", meeting=newer.meeting, tier=newer.tier)
    for abstract in (older, newer, second):
        AbstractKeywordFactory(keyword=keyword, abstract=abstract)
    groups = client.get(keyword.get_absolute_url()).context["groups"]
    assert [[row.abstract.number for row in group.rows] for group in groups] == [["L9", "L17"], ["0002"]]


@pytest.mark.parametrize("count", [1, 3])
def test_index_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    for n in range(count):
        tagged(f"Biomarker {n}", count)
    with django_assert_num_queries(8):
        page(client)


@pytest.mark.parametrize("count", [1, 3])
def test_keyword_page_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    keyword = tagged("Biomarker", count)
    with django_assert_num_queries(9):
        client.get(keyword.get_absolute_url())
