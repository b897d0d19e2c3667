import datetime as dt

import pytest

from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    KeywordFactory,
    MeetingFactory,
    PageFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db


def test_it_works(client):
    old = MeetingFactory(name="Forum of 2001", year=2001)
    new = MeetingFactory(name="Forum of 2025", year=2025)
    SessionFactory(meeting=new, date=dt.date(2025, 10, 26))
    AbstractKeywordFactory(abstract=AbstractFactory(meeting=new), keyword__name="imaginary gout")
    page = client.get("/").content.decode()
    assert page.index("Current meeting") < page.index("Earlier meetings")
    assert f'<h2 id="current"><a href="{new.get_absolute_url()}">Forum of 2025</a></h2>' in page
    assert old.get_absolute_url() in page
    assert "?day=2025-10-26" in page
    assert "imaginary gout" in page


def test_an_empty_archive_has_a_message(client):
    response = client.get("/")
    assert response.status_code == 200
    assert "No meeting has been published yet" in response.content.decode()


def test_hidden_meetings_and_keywords_are_not_there(client):
    MeetingFactory(name="Secret Forum", year=2030, is_published=False)
    meeting = MeetingFactory(year=2025)
    AbstractKeywordFactory(abstract=AbstractFactory(meeting=meeting, embargoed=True), keyword__name="hushedword")
    AbstractKeywordFactory(abstract=AbstractFactory(meeting=meeting, shell=True), keyword__name="shelledword")
    page = client.get("/").content.decode()
    assert "Secret Forum" not in page
    assert "hushedword" not in page
    assert "shelledword" not in page


def test_keywords_on_the_front_page_are_the_most_frequent_visible_ones(client):
    meeting = MeetingFactory(year=2025)
    keyword = KeywordFactory(name="gout")
    for state in ({}, {}, {"embargoed": True}):
        AbstractKeywordFactory(abstract=AbstractFactory(meeting=meeting, **state), keyword=keyword)
    assert 'gout <span class="n">2</span>' in client.get("/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    PageFactory.create_batch(rows)
    for meeting in MeetingFactory.create_batch(rows):
        SessionFactory(meeting=meeting)
        AbstractKeywordFactory.create_batch(rows, abstract=AbstractFactory(meeting=meeting))
    with django_assert_num_queries(6):
        assert client.get("/").status_code == 200


def test_a_visitor_without_a_session_gets_no_cookie(client):
    response = client.get("/")
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content


def test_former_number_of_a_page_leads_to_it(client):
    abstract = AbstractFactory(legacy_id=4711)
    response = client.get("/?p=4711")
    assert response.status_code == 301
    assert response["Location"] == f"/abstract/{abstract.slug}/"


def test_former_number_of_a_shell_leads_to_its_number(client):
    abstract = AbstractFactory(legacy_id=4711, shell=True, number="0007")
    response = client.get("/?p=4711")
    assert response.status_code == 302
    assert response["Location"] == f"/meetings/{abstract.meeting.slug}/0007/"


def test_former_number_of_a_hidden_page_is_404(client):
    AbstractFactory(legacy_id=4711, embargoed=True)
    assert client.get("/?p=4711").status_code == 404
    assert client.get("/?p=4712").status_code == 404


def test_former_search_leads_to_the_search(client):
    response = client.get("/?s=gout+%26+lupus")
    assert response.status_code == 301
    assert response["Location"] == "/search/?q=gout+%26+lupus"


@pytest.mark.parametrize("query", ["p=abc", "p=-1", "p=99999999999999999999", "p=", "p=%00", "s=%01", "s=", "x=1"])
def test_bad_input_is_no_error(client, query):
    assert client.get(f"/?{query}").status_code in (200, 301, 400, 404)


@pytest.mark.parametrize(("query", "words"), [("s=%00", ""), ("s=a%01b+++c", "ab+c"), ("s=" + "x" * 3000, "x" * 3000)])
def test_former_searches_lead_to_the_search_whatever_was_typed(client, query, words):
    response = client.get(f"/?{query}")
    assert (response.status_code, response["Location"]) == (301, f"/search/?q={words}")
