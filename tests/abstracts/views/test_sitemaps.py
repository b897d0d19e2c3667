"""The sitemap: what search engines may keep, with dates that move at release; robots.txt."""

import datetime as dt
from types import SimpleNamespace
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.core.cache import caches
from django.test import Client

from abstracts.views import sitemaps
from tests.factories import AbstractFactory, MeetingFactory, PageFactory, SessionFactory, whole_abstract

pytestmark = pytest.mark.django_db
SITE = "https://abstracts.example.org"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RELEASE = dt.datetime(2021, 5, 4, 14, tzinfo=dt.UTC)


@pytest.fixture
def at(monkeypatch):
    def set_instant(instant: dt.datetime) -> None:
        monkeypatch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: instant))
        caches["pages"].clear()

    return set_instant


def read(path: str, root: str) -> dict[str, dt.datetime | None]:
    response = Client().get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    assert len(response.content) < 50 * 1024 * 1024
    found = ElementTree.fromstring(response.content)
    assert found.tag == NAMESPACE + root
    assert len(found) <= 50_000
    entries = {}
    for element in found:
        dated = element.findtext(f"{NAMESPACE}lastmod")
        entries[element.findtext(f"{NAMESPACE}loc")] = dt.datetime.fromisoformat(dated) if dated else None
    assert len(entries) == len(found)
    assert all(address.startswith(f"{SITE}/") for address in entries)
    return entries


def whole_sitemap() -> dict[str, dt.datetime | None]:
    files = [address.removeprefix(SITE) for address in read("/sitemap.xml", "sitemapindex")]
    return {address: date for file in files for address, date in read(file, "urlset").items()}


def test_the_sitemap_has_released_pages_that_search_engines_may_index():
    abstract = whole_abstract()
    PageFactory()
    found = whole_sitemap()
    wanted = {abstract.get_absolute_url(), abstract.meeting.get_absolute_url(), "/", "/meetings/", "/keywords/"}
    assert {SITE + path for path in wanted} <= found.keys()
    assert len([address for address in found if "/keywords/keyword" in address]) == 2
    assert len([address for address in found if "/authors/ada" in address]) == 2
    for address in found:
        response = Client().get(address.removeprefix(SITE))
        assert response.status_code == 200, address
        page = response.content.decode()
        assert 'name="robots"' not in page, address
        assert f'rel="canonical" href="{address}"' in page, address


@pytest.mark.parametrize("state", ["listing", "shell", "embargoed", "draft", "withdrawn"])
def test_unreleased_abstracts_are_not_in_the_sitemap(state):
    abstract = whole_abstract(**{state: True})
    found = whole_sitemap()
    assert not [a for a in found if "/abstract/" in a or "/authors/ada" in a or "/keywords/keyword" in a]
    assert found[SITE + abstract.meeting.get_absolute_url()] is None


def test_nothing_of_a_meeting_that_is_not_published_is_in_it():
    SessionFactory(meeting=MeetingFactory(is_published=False))
    assert not [a for a in whole_sitemap() if a.startswith(f"{SITE}/meetings/") and a != f"{SITE}/meetings/"]


def test_dates_move_at_the_instant_of_release(at):
    first = whole_abstract(override_released_from=RELEASE - dt.timedelta(days=9))
    second = whole_abstract(override_released_from=RELEASE, meeting=first.meeting)
    type(first).unfiltered.all().update(updated_at=RELEASE - dt.timedelta(days=30))
    meeting, session = SITE + first.meeting.get_absolute_url(), SITE + second.meeting.sessions.last().get_absolute_url()
    at(RELEASE - dt.timedelta(microseconds=1))
    before, index_before = whole_sitemap(), read("/sitemap.xml", "sitemapindex")
    assert before[meeting] == RELEASE - dt.timedelta(days=9)
    assert before[session] is None
    assert SITE + second.get_absolute_url() not in before
    at(RELEASE)
    after, index = whole_sitemap(), read("/sitemap.xml", "sitemapindex")
    assert after[meeting] == after[session] == after[SITE + second.get_absolute_url()] == RELEASE
    assert after[SITE + first.get_absolute_url()] == before[SITE + first.get_absolute_url()]
    assert set(index.values()) == {RELEASE}
    assert set(index_before.values()) == {RELEASE - dt.timedelta(days=9)}
    assert after.keys() - before.keys() >= {SITE + second.get_absolute_url()}


def test_a_later_edit_moves_the_date_of_its_page():
    abstract = AbstractFactory(override_released_from=RELEASE)
    assert whole_sitemap()[SITE + abstract.get_absolute_url()] >= abstract.updated_at.replace(microsecond=0)


def test_long_lists_are_split_into_files(monkeypatch):
    monkeypatch.setattr(sitemaps, "ADDRESSES", 2)
    meeting = MeetingFactory()
    for _ in range(5):
        AbstractFactory(meeting=meeting)
    files = read("/sitemap.xml", "sitemapindex")
    assert [f"{SITE}/sitemaps/abstracts/{n}.xml" in files for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert len([address for address in whole_sitemap() if "/abstract/" in address]) == 5
    assert Client().get("/sitemaps/abstracts/4.xml").status_code == 404
    assert sitemaps.ADDRESSES < 50_000


@pytest.mark.parametrize(
    "path", ["/sitemaps/abstracts/0.xml", "/sitemaps/none/1.xml", f"/sitemaps/abstracts/{10**30}.xml"]
)
def test_other_files_are_not_there(client, path):
    assert client.get(path).status_code == 404


def test_an_empty_archive_has_a_sitemap():
    assert f"{SITE}/" in whole_sitemap()


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(count, django_assert_num_queries):
    meeting = MeetingFactory()
    for _ in range(count):
        whole_abstract(meeting=meeting)
    queries = {"abstracts": 2, "meetings": 3, "sessions": 3, "keywords": 2, "authors": 2, "pages": 2}
    for name, asked in queries.items():
        caches["pages"].clear()
        with django_assert_num_queries(asked):
            Client().get(f"/sitemaps/{name}/1.xml")


def test_robots_txt_forbids_personal_pages_and_other_forms_of_pages(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    robots = RobotFileParser()
    robots.parse(response.content.decode().splitlines())
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]
    closed = ["/admin/", "/accounts/login/", "/favorites/", "/search/?q=a", "/es/search/?q=a", "/feeds/search/?q=a"]
    opened = [
        "/",
        "/abstract/x/",
        "/figures/0123456789abcdef/",
        "/meetings/x/",
        "/keywords/x/",
        "/feeds/newest/",
        "/es/meetings/x/",
    ]
    assert [path for path in closed if robots.can_fetch("*", path)] == []
    assert [path for path in opened if not robots.can_fetch("*", path)] == []
    # Wildcards are not known to this parser, but to those of search engines.
    assert {"Disallow: /*/export/", "Allow: /search/$", "Allow: /es/favorites/$"} <= set(response.text.splitlines())


def test_search_engines_may_keep_favorites_only_where_there_are_none(client):
    abstract = AbstractFactory()
    assert 'name="robots"' not in client.get("/favorites/").text
    assert 'name="robots"' in client.get("/favorites/?order=own").text
    client.post("/favorites/add/", {"abstract": abstract.key}, HTTP_SEC_FETCH_SITE="same-origin")
    assert 'name="robots"' in client.get("/favorites/").text
