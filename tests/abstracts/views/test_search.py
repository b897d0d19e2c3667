import re

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils.html import escape

from abstracts.models import AbstractKeyword, KeywordSynonym
from abstracts.search.following import update_index
from accounts.models import EmbargoedRead
from tests.accounts.personas import press_reader
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorLineFactory,
    KeywordFactory,
    MeetingFactory,
    SectionFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


def page(client, query=""):
    caches["pages"].clear()  # a stored page has no context
    return client.get(reverse("search") + query)


def rows_of(response):
    return [row for tier in response.context["tiers"] for row in tier.rows]


def test_empty_form_shows_help_and_no_abstracts(client):
    AbstractFactory(title="Anything")
    content = page(client).content.decode()
    assert "How to search" in content
    assert "Anything" not in content


def test_header_box_finds(client):
    abstract = AbstractFactory(title="Gout in <i>invented</i> cohorts")
    response = page(client, "?q=gout+cohorts")
    assert response.context["total"] == 1
    content = response.content.decode()
    assert abstract.get_absolute_url() in content
    assert "1 abstract found" in content
    assert "<i>invented</i>" in content


def test_the_form_shows_the_values_of_the_address(client):
    abstract = AbstractFactory()
    content = page(client, f"?title=a%22b&meeting={abstract.meeting.slug}&order=title&day=2025-10-26").content.decode()
    assert 'value="a&quot;b"' in content
    assert 'value="2025-10-26"' in content
    assert '<option value="title" selected>' in content
    assert f'value="{abstract.meeting.slug}" id="id_meeting_0" checked' in content


def test_no_results(client):
    assert "No abstract found" in page(client, "?q=nothing").content.decode()


def test_pages(client):
    for n in range(21):
        AbstractFactory(title=f"Same {n}")
    assert len(rows_of(page(client, "?title=same"))) == 20
    assert len(rows_of(page(client, "?title=same&page=2"))) == 1
    assert len(rows_of(page(client, "?title=same&per_page=50"))) == 21
    assert "title=same&amp;page=2" in page(client, "?title=same").content.decode()
    assert page(client, "?title=same&page=3").status_code == 404


@pytest.mark.parametrize("query", ["?order=-pk", "?per_page=1", "?meeting=none", "?q=x&page=x", "?q=x&page=-1"])
def test_tampering_is_400(client, query):
    assert page(client, query).status_code == 400


def test_slip_shows_the_form_again(client):
    response = page(client, "?day=2025-02-30&q=gout")
    assert response.status_code == 200
    content = response.content.decode()
    assert "Enter a valid date." in content
    assert 'value="gout"' in content


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "\x00abc\x1b",
        "%",
        "_",
        "\\",
        "'; DROP TABLE abstracts_abstract; --",
        '"unbalanced',
        "(((((((((((((((((((",
        "*",
        "x" * 10_000,
        "\U0001f928",
        "<script>alert(1)</script>",
        "a " * 3000,
        "ﷺ",
    ],
)
def test_no_text_causes_a_server_error(client, text):
    AbstractFactory()
    for field in ("q", "title", "author", "affiliation", "keyword", "number", "trial", "day"):
        caches["pages"].clear()
        response = client.get(reverse("search"), {field: text})
        assert response.status_code == 200
        assert b"<script>alert" not in response.content


def test_bytes_that_are_not_utf8(client):
    assert page(client, "?q=%ff%fe%00").status_code == 200


@pytest.mark.parametrize("state", [{"embargoed": True}, {"shell": True}, {"draft": True}])
def test_nothing_of_hidden_abstracts(client, state):
    abstract = AbstractFactory(title="Secret title", **state)
    SectionFactory(abstract=abstract, html="<p>Secret text</p>")
    for query in ("?q=secret", f"?meeting={abstract.meeting.slug}&order=title", f"?q={abstract.number}"):
        assert b"Secret title" not in page(client, query).content


def test_press_sees_the_embargoed_marked(client):
    AbstractFactory(title="Secret title", embargoed=True)
    client.force_login(press_reader())
    response = page(client, "?q=secret")
    assert b"EMBARGOED UNTIL" in response.content
    assert response["Cache-Control"] == "private, no-store"


def test_readers_see_what_the_public_sees(client):
    AbstractFactory(title="Secret title", embargoed=True)
    client.force_login(UserFactory())
    assert b"Secret title" not in page(client, "?q=secret").content


@pytest.mark.parametrize("count", [1, 3])
def test_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    for n in range(count):
        whole_abstract(title=f"Same counted {n}", meeting=MeetingFactory(is_published=True))
    update_index()  # the index follows beforehand
    page(client, "?q=other")  # and so do the synonyms of keywords
    with django_assert_num_queries(13):
        page(client, "?q=same+counted")


# The engine's answer on the page


def test_each_condition_of_a_search_has_a_link_that_removes_it(client):
    abstract = whole_abstract(title="Same words", authors=1, keywords=1)
    keyword = AbstractKeyword.unfiltered.get().keyword
    response = page(client, f"?q=same&year_from=1990&kw={keyword.slug}&figures=on&per_page=50&page=1")
    assert response.context["total"] == 1
    assert [(pill.label, pill.url) for pill in response.context["pills"]] == [
        ("From year: 1990", f"?q=same&kw={keyword.slug}&figures=on&per_page=50"),
        (f"Keyword: {keyword.name}", "?q=same&year_from=1990&figures=on&per_page=50"),
        ("With figures", f"?q=same&year_from=1990&kw={keyword.slug}&per_page=50"),
    ]
    content = response.content.decode()
    assert f'<input type="hidden" name="kw" value="{keyword.slug}"' in content
    assert abstract.get_absolute_url() in content


def test_facets_are_links_that_lead_to_what_they_count(client):
    for n in range(3):
        whole_abstract(title=f"Facetword {n}", authors=1, keywords=1)
    whole_abstract(title="Facetword embargoed", embargoed=True)
    response = page(client, "?q=facetword")
    facets = {facet.heading: facet for facet in response.context["facets"]}
    assert {"Meeting", "Year", "Keyword", "Author"} <= set(facets)
    for facet in facets.values():
        for link in facet.first + facet.more:
            assert link.url.startswith("?q=facetword&")
            assert page(client, link.url).context["total"] == link.count == 1


def test_the_piece_of_text_is_marked_and_escaped(client):
    abstract = AbstractFactory()
    SectionFactory(abstract=abstract, html="<p>Nothing here. Levels of snippetwords were &lt;b&gt; 5 &amp; low.</p>")
    content = page(client, "?q=snippetword").content.decode()
    assert "Levels of <mark>snippetwords</mark> were &lt;b&gt; 5 &amp; low." in content


def test_no_snippet_before_release(client):
    abstract = AbstractFactory(listing=True, title="Listedword")
    SectionFactory(abstract=abstract, html="<p>Secretword of listedword</p>")
    content = page(client, "?q=listedword").content
    assert b"Listedword" in content
    assert b"Secretword" not in content


def test_the_page_says_what_was_searched_too_and_offers_to_search_exactly(client):
    AbstractFactory(title="Methotrexate first")
    content = page(client, "?q=MTX").content.decode()
    assert "MTX = methotrexate" in content
    assert 'href="?q=MTX&amp;exact=1"' in content
    assert "Searched exactly as typed" in page(client, "?q=MTX&exact=1").content.decode()


def test_an_address_may_say_in_which_language_words_are_typed(client):
    AbstractFactory(title="Gout flares")
    assert page(client, "?q=gout+y+flares&lang=es").context["has_all"]
    assert not page(client, "?q=gout+y+flares").context["has_all"]
    assert page(client, "?q=gout&lang=xx").status_code == 400


def test_the_page_tells_members_of_a_class_from_other_names_of_it(client):
    AbstractFactory(title="Janus kinase inhibitors and one more")
    AbstractFactory(title="Tofacitinib first")
    content = page(client, "?q=JAKi").content.decode()
    assert "<li>JAKi = Janus kinase inhibitor</li>" in content
    assert "<li>JAKi includes tofacitinib</li>" in content


def test_long_lists_of_what_was_searched_too_are_folded(client):
    names = [f"drugword{letter}" for letter in "abcdefgh"]
    keyword = KeywordFactory(name="Classword")
    for name in names:
        KeywordSynonym.unfiltered.create(keyword=keyword, name=name)
        AbstractKeywordFactory(keyword=keyword, abstract=AbstractFactory(title=name))
    content = page(client, "?q=classword").content.decode()
    assert f"classword = {', '.join(names[:6])} <details" in content
    assert "<summary>and 2 more</summary><span>drugwordg, drugwordh</span></details></li>" in content


def test_each_page_says_how_many_of_the_words_its_abstracts_have(client, monkeypatch):
    monkeypatch.setattr("abstracts.search.engine.ENOUGH", 50)
    for n in range(21):
        AbstractFactory(title=f"Alphaword betaword gammaword {n}")
    for n in range(30):
        AbstractFactory(title=f"Alphaword betaword {n}")
    AbstractFactory(title="Alphaword only")
    counts = "21 abstracts with all words, 30 more with all but one of them"
    headings = []
    for number in (1, 2, 3):
        response = page(client, f"?q=alphaword+betaword+gammaword&page={number}")
        assert response.context["total"] == 21
        content = response.content.decode()
        assert f'<p class="lead" role="status">{counts}</p>' in content
        headings.append(re.findall('<h2 class="(?:divider|visually-hidden)">([^<]*)</h2>', content))
    most = "Abstracts with all but one of the words"
    assert headings == [
        ["Abstracts with all words"],
        ["Abstracts with all words (continued)", most],
        [f"{most} (continued)"],
    ]


def test_what_the_page_counts_is_what_its_facets_files_and_feed_hold(client):
    both = [AbstractFactory(title=f"Alphaword betaword {n}", meeting__year=2025) for n in range(2)]
    AbstractFactory(title="Alphaword only", meeting__year=2024)
    response = page(client, "?q=alphaword+betaword")
    assert response.context["total"] == 2
    assert response.context["counts"] == "2 abstracts with all words, and the closest of the others"
    content = response.content.decode()
    assert content.count("Only those with all words") == 2  # the facets, and the menu of files
    assert "Atom feed of those with all words" in content
    assert {link.label for facet in response.context["facets"] for link in facet.first} & {"2024", "2025"} == set()
    file = client.get(reverse("search-export", args=["csv"]) + "?q=alphaword+betaword").getvalue().decode()
    feed = client.get(reverse("feed-search") + "?q=alphaword+betaword").content.decode()
    for text in (file, feed):
        assert all(abstract.title in text for abstract in both)
        assert "Alphaword only" not in text


def test_files_and_feed_of_a_spanish_page_are_of_spanish_words(client):
    AbstractFactory(title="Gota")
    content = client.get("/es/search/?q=gota&order=title").content.decode()
    assert 'href="/search/export/csv/?q=gota&amp;order=title&amp;lang=es"' in content
    assert content.count('href="/feeds/search/?q=gota&amp;lang=es"') == 2
    english = page(client, "?q=gota&order=title").context
    assert (english["question"], english["export_query"]) == ("q=gota", "q=gota&order=title")


def test_without_abstracts_with_all_words_the_page_says_so(client):
    AbstractFactory(title="Alphaword only")
    response = page(client, "?q=alphaword+gammaword")
    content = response.content.decode()
    assert "No abstract with all words, only the closest one" in content
    assert '<h2 class="divider">The closest abstracts</h2>' in content
    assert "Atom feed of those with all words" in content
    assert "Only those" not in content
    spanish = client.get("/es/search/?q=alphaword+gammaword").content.decode()
    assert "Ningún resumen con todas las palabras, solo el más próximo" in spanish


def test_the_page_says_what_words_were_taken_for_and_undoes_it(client):
    AuthorLineFactory(abstract=AbstractFactory(title="Alphaword"), name="Anna Rossini", family="Rossini", given="Anna")
    address = "?q=Rossini+A+alphaword&page=1"
    content = page(client, address).content.decode()
    assert "“Rossini A”: also searched as an author." in content
    undone = "?q=Rossini+A+alphaword&words=Rossini+A"
    assert f'href="{escape(undone)}" rel="nofollow">Search only the words' in content
    content = page(client, undone).content.decode()
    assert "also searched as" not in content
    assert "“Rossini A”: taken as plain words." in content
    assert (
        '<a class="no-print" href="?q=Rossini+A+alphaword" rel="nofollow">Search what else they may mean, too'
        in content
    )
    assert '<input type="hidden" name="words" value="Rossini A"' in content


def test_what_was_undone_before_does_not_bind_other_words(client):
    AbstractFactory(title="Alphaword")
    content = page(client, "?q=alphaword&words=Betaword&words=&words=Alphaword").content.decode()
    assert "“Betaword”" not in content
    assert re.findall('name="words" value="([^"]*)"', content) == ["Alphaword"]
    assert "“Alphaword”: taken as plain words." in content


def test_the_page_says_how_it_read_what_was_typed(client):
    AbstractFactory(title="Alphaword betaword")
    content = page(client, "?q=alphaword+OR+betaword+%3Cb%3E+AND+(gammaword").content.decode()
    assert "Read as: " in content
    assert "Not understood: a bracket without its partner." in content
    assert "<b>" not in content.replace("<b></b>", "")


def test_misspelled_words_are_corrected(client):
    AbstractFactory(title="Hydroxychloroquine levels")
    content = page(client, "?q=hydroxychloroqine").content.decode()
    assert "Searched for <strong>hydroxychloroquine</strong>" in content
    original = "?q=hydroxychloroqine&words=hydroxychloroqine"
    assert f'href="{escape(original)}">Search for hydroxychloroqine instead</a>' in content
    content = page(client, original).content.decode()
    assert "Searched for" not in content
    assert 'Did you mean <a href="?q=' not in content


def test_what_misspelled_words_may_mean_is_offered(client):
    for title in ("Plumoral", "Plumeral"):
        AbstractFactory(title=title)
    content = page(client, "?q=plumiral").content.decode()
    assert 'Did you mean <a href="?q=plumeral">plumeral</a>?' in content


def test_a_query_that_names_one_abstract_redirects_to_it(client):
    abstract, twin = AbstractFactory(number="LB12"), AbstractFactory(number="0007")
    AbstractFactory(number="7")
    shell = AbstractFactory(number="S1", shell=True)
    assert page(client, "?q=lb12")["Location"] == abstract.get_absolute_url()
    assert page(client, "?q=S1")["Location"] == f"/meetings/{shell.meeting.slug}/S1/"
    assert page(client, "?q=7").context["total"] == 2
    assert page(client, "?q=LB12&year_to=1990").status_code == 200
    assert twin.number == "0007"


def test_orders_never_change_the_total(client):
    for n in range(3):
        AbstractFactory(title=f"Orderword {9 - n}", number=f"{n}")
    lists = {}
    for order in ("relevance", "newest", "number", "title"):
        response = page(client, f"?q=orderword&order={order}")
        assert response.context["total"] == 3
        lists[order] = [row.abstract.title for row in rows_of(response)]
    assert lists["title"] == ["Orderword 7", "Orderword 8", "Orderword 9"]
    assert lists["number"] == lists["title"][::-1]
    assert lists["newest"] == lists["title"]


def test_among_my_favorites(client):
    saved = AbstractFactory(title="Favword saved")
    AbstractFactory(title="Favword other")
    assert page(client, "?q=favword&favorites=on").context["total"] == 0
    client.post(reverse("favorite-add"), {"abstract": saved.key}, headers={"sec-fetch-site": "same-origin"})
    response = page(client, "?q=favword&favorites=on")
    assert [row.abstract.pk for row in rows_of(response)] == [saved.pk]


def test_answers_of_the_database_are_not_stored_while_the_index_is_built(client, monkeypatch):
    AbstractFactory(title="Keptword")
    monkeypatch.setattr("abstracts.search.ensure_current_snapshot", lambda visible: None)
    response = page(client, "?q=keptword")
    assert response.context["total"] == 1
    assert response["Cache-Control"] == "private, no-cache"
    assert b"Order:" in response.content
    monkeypatch.undo()
    again = client.get(reverse("search") + "?q=keptword")
    assert "public" in again["Cache-Control"]
    assert again.context["by_index"]


def test_suggestions_are_json(client):
    abstract = whole_abstract(title="Suggestword of an abstract", authors=1, keywords=1)
    answer = client.get(reverse("suggestions"), {"q": "sugg"}).json()
    assert answer == {
        "suggestions": [{"kind": "Abstract", "label": abstract.title_text, "url": abstract.get_absolute_url()}],
        "status": "1 suggestion",
    }
    assert client.get(reverse("suggestions"), {"q": "s"}).json() == {"suggestions": [], "status": ""}
    assert client.get(reverse("suggestions"), {"q": "x" * 1000 + "\0"}).json() == {"suggestions": [], "status": ""}
    kinds = [s["kind"] for s in client.get(reverse("suggestions"), {"q": "arthritis for"}).json()["suggestions"]]
    assert kinds == ["Meeting"]


def test_opensearch_description(client):
    response = client.get(reverse("opensearch"))
    assert response["Content-Type"] == "application/opensearchdescription+xml"
    assert b'template="https://abstracts.example.org/search/?q={searchTerms}"' in response.content
    assert b'href="/opensearch.xml"' in client.get(reverse("search")).content


def test_related_abstracts_are_on_the_page_of_an_abstract(client):
    one = AbstractFactory(title="Rituximab retreatment in invented vasculitis")
    other = AbstractFactory(title="Rituximab retreatment once more")
    hidden = AbstractFactory(title="Rituximab retreatment embargoed", embargoed=True)
    content = client.get(one.get_absolute_url()).content.decode()
    assert "Related abstracts" in content
    assert other.get_absolute_url() in content
    assert hidden.slug not in content


def test_a_snippet_of_embargoed_text_is_logged_as_a_read(client):
    embargoed = AbstractFactory(title="Snippetword ahead", embargoed=True)
    for abstract in (embargoed, AbstractFactory(title="Snippetword for all")):
        SectionFactory(abstract=abstract, html="<p>Levels of snippetword.</p>")
    AbstractFactory(title="Snippetword without text", embargoed=True)
    client.force_login(press_reader())
    assert page(client, "?q=snippetword").content.count(b"Levels of") == 2
    assert list(EmbargoedRead.objects.values_list("abstract_id", "kind", "path")) == [
        (embargoed.pk, "search", reverse("search"))
    ]
