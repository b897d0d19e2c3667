import datetime as dt
import re

import pytest
from django.utils import timezone

from abstracts.models import Abstract, SlugRedirect
from abstracts.reading.signals import embargoed_read
from abstracts.search.following import ensure_current_snapshot
from abstracts.visibility import ANONYMOUS, Level
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorLineFactory,
    FigureFactory,
    MeetingFactory,
    PageFactory,
    PersonFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    StaffFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


def get(client, abstract, status=200):
    response = client.get(f"/abstract/{abstract.slug}/")
    assert response.status_code == status
    return response.content.decode()


def number_url(abstract):
    return f"/meetings/{abstract.meeting.slug}/{abstract.number}/"


@pytest.fixture
def canary():
    """An abstract whose every field is a word of its own."""

    def make(**state):
        abstract = AbstractFactory(
            number="0777",
            title="Titlecanary",
            disclosures="<p>Disclosurecanary</p>",
            doi="10.1002/doicanary",
            trial_ids="NCT00000777",
            **state,
        )
        AuthorLineFactory(abstract=abstract, person__given="Ada", person__family="Authorcanary")
        AffiliationFactory(abstract=abstract, position=1, text="Affiliationcanary")
        SectionFactory(abstract=abstract, html="<p>Sectioncanary</p>")
        FigureFactory(abstract=abstract, caption="Captioncanary")
        PresentationFactory(abstract=abstract, session__title="Sessioncanary")
        return abstract

    return make


LISTED_CANARIES = ["Titlecanary", "titlecanary", "Authorcanary", "Affiliationcanary"]
FULL_CANARIES = ["Disclosurecanary", "doicanary", "NCT00000777", "Sectioncanary", "Captioncanary"]


def test_it_works(client, canary):
    abstract = canary()
    page = get(client, abstract)
    assert "Abstract Number: 0777" in page
    for canary_word in (*LISTED_CANARIES, *FULL_CANARIES, "Sessioncanary"):
        assert canary_word in page
    assert f"<title>0777 – Titlecanary – {abstract.meeting.name}</title>" in page
    assert f'<link rel="canonical" href="https://abstracts.example.org/abstract/{abstract.slug}/">' in page
    assert "noindex" not in page
    assert f'href="{abstract.meeting.get_absolute_url()}">« Back to' in page
    assert '<meta name="description" content="Sectioncanary">' in page


def test_a_hidden_abstract_is_404_like_one_that_does_not_exist(client, canary):
    abstract = canary(embargoed=True)
    for path in (f"/abstract/{abstract.slug}/", "/abstract/no-such-thing/", number_url(abstract), "/meetings/x/1/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "canary" not in response.content.decode().replace(path, "")


def test_drafts_are_404(client):
    get(client, AbstractFactory(draft=True), 404)


def test_a_shell_has_only_the_address_with_its_number_and_shows_nothing_else(client, canary):
    abstract = canary(shell=True)
    get(client, abstract, 404)
    response = client.get(number_url(abstract))
    page = response.content.decode()
    assert response.status_code == 200
    for word in (*LISTED_CANARIES, *FULL_CANARIES):
        assert word not in page
    assert "Sessioncanary" in page
    assert "<title>Abstract 0777 –" in page
    assert "Details will be released on January 1, 2099, 9:00 AM CST" in page
    assert "noindex" in page
    assert "AMA style" not in page
    assert f'href="https://abstracts.example.org{number_url(abstract)}"' in page


def test_a_listing_shows_title_and_authors_only(client, canary):
    page = get(client, canary(listing=True))
    for word in LISTED_CANARIES:
        assert word in page
    for word in FULL_CANARIES:
        assert word not in page
    assert "Details will be released on January 1, 2099" in page
    assert "noindex" in page
    assert "AMA style" in page


def test_the_number_redirects_to_the_title_if_that_is_public(client):
    for state in ({}, {"listing": True}, {"withdrawn": True}):
        abstract = AbstractFactory(**state)
        response = client.get(number_url(abstract))
        assert response.status_code == 302
        assert response["Location"] == f"/abstract/{abstract.slug}/"


def test_numbers_of_other_meetings_are_404(client):
    abstract = AbstractFactory(number="0042")
    assert client.get(f"/meetings/{MeetingFactory().slug}/0042/").status_code == 404
    assert client.get(number_url(abstract)).status_code == 302


@pytest.mark.parametrize("number", ["12/34", "A.1 b", "№5", "50%", "1?x=2"])
def test_odd_numbers_have_addresses(client, number):
    abstract = AbstractFactory(number=number, shell=True)
    seen = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).select_related("meeting").get(pk=abstract.pk)
    assert client.get(seen.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("number", ["%00", "%01", "x" * 41, "%0a"])
def test_bad_numbers_are_404(client, number):
    assert client.get(f"/meetings/{MeetingFactory().slug}/{number}/").status_code == 404


class TestFormerAddresses:
    @pytest.mark.parametrize("former", ["former-title", "γδ-t-cells-in-uveitis"])
    def test_former_addresses_redirect(self, client, former):
        abstract = AbstractFactory()
        SlugRedirect.unfiltered.create(slug=former, abstract=abstract)
        response = client.get(f"/abstract/{former}/")
        assert response.status_code == 301
        assert response["Location"] == f"/abstract/{abstract.slug}/"

    @pytest.mark.parametrize("state", ["embargoed", "shell", "draft"])
    def test_a_former_address_of_a_hidden_abstract_is_404(self, client, state):
        SlugRedirect.unfiltered.create(slug="former-title", abstract=AbstractFactory(**{state: True}))
        assert client.get("/abstract/former-title/").status_code == 404


class TestStates:
    def test_withdrawn_keeps_the_listing_and_says_why(self, client, canary):
        page = get(client, canary(withdrawn=True))
        assert "This abstract has been withdrawn." in page
        assert "Withdrawn at the authors&#x27; request." in page
        assert "Authorcanary" in page
        assert "noindex" in page
        assert "will be released" not in page
        for word in FULL_CANARIES:
            assert word not in page

    @pytest.mark.parametrize("status", ["corrected", "retracted"])
    def test_corrected_and_retracted_say_so_above_the_text(self, client, canary, status):
        page = get(client, canary(status=status, status_note="Table 1 was <wrong>."))
        assert f"This abstract has been {status}." in page
        assert "Table 1 was &lt;wrong&gt;." in page
        assert page.index("wrong") < page.index("<p>Sectioncanary")

    def test_the_news_embargo_is_shown_until_it_ends(self, client):
        soon = timezone.now() + dt.timedelta(hours=1)
        told = "Information beyond that contained in the abstract"
        assert told in get(client, AbstractFactory(meeting__news_embargo_at=soon))
        assert told not in get(client, AbstractFactory(meeting__news_embargo_at=soon - dt.timedelta(hours=2)))


class TestAheadOfRelease:
    @pytest.fixture
    def heard(self):
        calls = []

        def listen(**kwargs):
            calls.append(kwargs)

        embargoed_read.connect(listen)
        yield calls
        embargoed_read.disconnect(listen)

    def test_staff_see_an_embargoed_abstract_under_a_banner_on_a_private_page(self, client, canary, heard):
        client.force_login(StaffFactory())
        abstract = canary(embargoed=True)
        response = client.get(f"/abstract/{abstract.slug}/")
        page = response.content.decode()
        assert "EMBARGOED UNTIL January 1, 2099, 9:00 AM CST" in page
        assert "Sectioncanary" in page
        assert "noindex" in page
        assert response["Cache-Control"] == "private, no-store"
        (call,) = heard
        assert (call["abstracts"], call["path"], call["kind"]) == ([abstract], f"/abstract/{abstract.slug}/", "page")

    def test_a_draft_is_marked_for_staff(self, client):
        client.force_login(StaffFactory())
        assert "DRAFT: seen by staff only" in get(client, AbstractFactory(draft=True))

    def test_staff_see_what_the_public_sees_of_a_withdrawn_abstract(self, client):
        client.force_login(StaffFactory())
        assert "WITHDRAWN: the public sees title and authors only" in get(client, AbstractFactory(withdrawn=True))

    def test_reads_of_public_abstracts_are_not_logged(self, client, heard):
        client.force_login(StaffFactory())
        assert "EMBARGOED" not in get(client, AbstractFactory())
        assert heard == []


class TestByline:
    def test_numbers_and_links(self, client):
        abstract = whole_abstract(authors=1)
        page = get(client, abstract)
        assert re.search(r'<a href="/authors/ada-rudiger\d+/">Ada Rüdiger\d+</a><sup>1</sup>', page)
        assert re.search(r'<li value="1">Invented University \d+, Springfield</li>', page)

    def test_names_are_escaped(self, client):
        person = PersonFactory(given="<b>", family='"x"')
        abstract = AbstractFactory()
        AuthorLineFactory(abstract=abstract, person=person, name='<b>"x"</b>')
        AuthorLineFactory(abstract=abstract, person=None, name="<i>y</i>", family="", given="", position=9999)
        page = get(client, abstract)
        assert "&lt;b&gt;&quot;x&quot;&lt;/b&gt;" in page
        assert "&lt;i&gt;y&lt;/i&gt;" in page

    def test_long_bylines_are_folded(self, client):
        abstract = AbstractFactory()
        for position in range(1, 31):
            AffiliationFactory(abstract=abstract, position=position)
            AuthorLineFactory(abstract=abstract, position=position)
        page = get(client, abstract)
        assert "<summary>Show all 30 authors</summary>" in page
        assert "<summary>Show all 30 affiliations</summary>" in page


class TestSessionInformation:
    def test_range_day_and_own_time(self, client):
        meeting = MeetingFactory(year=2025)
        session = SessionFactory(meeting=meeting, title="Muscles", type="Abstract Session", date=dt.date(2025, 10, 29))
        for number in ("2669", "2674"):
            PresentationFactory(abstract=AbstractFactory(meeting=meeting, number=number), session=session)
        hidden = AbstractFactory(meeting=meeting, number="2699", embargoed=True)
        PresentationFactory(abstract=hidden, session=session)
        abstract = AbstractFactory(meeting=meeting, number="2670")
        PresentationFactory(abstract=abstract, session=session, start_time=dt.time(11, 45), end_time=dt.time(12))
        page = get(client, abstract)
        assert "Wednesday, October 29, 2025" in page
        assert 'Muscles</a> <span class="range">(2669–2674)</span>' in page
        assert "11:45 AM–12:00 PM CDT" in page
        assert "2699" not in page

    def test_neighbors_go_through_the_law(self, client):
        session = SessionFactory()
        states = [{"title": "Before"}, {"embargoed": True}, {"title": "Here"}, {"shell": True, "title": "Shelltitle"}]
        abstracts = []
        for position, state in enumerate(states):
            abstract = AbstractFactory(meeting=session.meeting, number=f"000{position}", **state)
            PresentationFactory(abstract=abstract, session=session, position=position)
            abstracts.append(abstract)
        page = get(client, abstracts[2])
        assert re.search(r'href="/abstract/before/" rel="prev"', page)
        assert re.search(rf'href="{number_url(abstracts[3])}" rel="next"', page)
        assert "Shelltitle" not in page
        shell = client.get(number_url(abstracts[3])).content.decode()
        assert re.search(r'href="/abstract/here/" rel="prev"', shell)
        assert 'rel="next"' not in shell

    def test_neighbors_without_positions_are_by_number(self, client):
        session = SessionFactory()
        found = {}
        for number in ("9", "10", "11"):
            found[number] = AbstractFactory(meeting=session.meeting, number=number, title=f"Study of {number}")
            PresentationFactory(abstract=found[number], session=session, position=0)
        page = get(client, found["10"])
        assert re.search(r'href="/abstract/study-of-9/" rel="prev"', page)
        assert re.search(r'href="/abstract/study-of-11/" rel="next"', page)


def test_figures_with_and_without_images(client):
    abstract = AbstractFactory()
    FigureFactory(abstract=abstract, position=1, label="Supporting image 1", caption="CD4<sup>+</sup>")
    page = get(client, abstract)
    assert "CD4<sup>+</sup>" in page
    assert "<img" not in page


def test_wide_tables_scroll_in_a_box(client):
    abstract = AbstractFactory()
    SectionFactory(abstract=abstract, html="<table><tr><td>1</td></tr></table>")
    assert '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>' in get(client, abstract)


def test_trial_ids_and_doi_are_linked(client):
    page = get(client, AbstractFactory(trial_ids="NCT01234567 UMIN000012345", doi="10.1002/art.1<2"))
    assert 'href="https://clinicaltrials.gov/study/NCT01234567"' in page
    assert "UMIN000012345" in page
    assert 'href="https://doi.org/10.1002/art.1%3C2"' in page


def test_sharing_by_mail_says_title_and_address(client):
    page = get(client, AbstractFactory(number="0001", title="Gout & <i>more</i>"))
    assert "mailto:?subject=0001%20Gout%20%26%20more&amp;body=" in page
    assert "https%3A//abstracts.example.org/abstract/gout-more/" in page


def test_markup_in_titles_is_text_in_the_head(client):
    page = get(client, AbstractFactory(number="1", title="IL<sub>6</sub> < 5 & more"))
    assert "<title>1 – IL6 &lt; 5 &amp; more – " in page
    assert "<h1>IL<sub>6</sub> &lt; 5 &amp; more</h1>" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    PageFactory.create_batch(rows)
    abstract = whole_abstract(authors=rows, keywords=rows)
    for _ in range(rows):
        AffiliationFactory(abstract=abstract)
        SectionFactory(abstract=abstract)
        FigureFactory(abstract=abstract)
        place = PresentationFactory(abstract=abstract)
        PresentationFactory(abstract=AbstractFactory(meeting=abstract.meeting), session=place.session)
    first = PresentationFactory(abstract=abstract, session__date=dt.date(2000, 1, 1))
    for position in (first.position - 1, first.position + 1):
        beside = AbstractFactory(meeting=abstract.meeting)
        PresentationFactory(abstract=beside, session=first.session, position=position)
    ensure_current_snapshot()  # the index follows beforehand
    with django_assert_num_queries(14):
        get(client, abstract)


def test_a_shell_costs_no_more(client, django_assert_max_num_queries):
    abstract = whole_abstract(shell=True)
    with django_assert_max_num_queries(8):
        assert client.get(number_url(abstract)).status_code == 200


def test_a_hidden_text_is_not_loaded_from_the_database(client, canary, django_assert_max_num_queries):
    abstract = canary(listing=True)
    ensure_current_snapshot()  # the index follows beforehand
    with django_assert_max_num_queries(14) as queries:
        get(client, abstract)
    assert not any("abstracts_section" in q["sql"] or "abstracts_figure" in q["sql"] for q in queries.captured_queries)
    assert Abstract.objects.visible_to(ANONYMOUS, timezone.now()).get().level == Level.LISTED


def test_a_visitor_without_a_session_gets_no_cookie(client):
    response = client.get(f"/abstract/{AbstractFactory().slug}/")
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content
    assert "public" in response["Cache-Control"]
