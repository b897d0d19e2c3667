"""Saved searches: kept with one click, listed, renamed, deleted; their e-mails ended without a sign-in."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SavedSearch
from accounts.searches import saved as searches
from accounts.searches.alerts.mailing import unsubscribe_token
from tests.accounts.signing_in import PASSWORD, confirmed, signed_in
from tests.factories import LONG_AGO, AbstractFactory, MeetingFactory, SavedSearchFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

NEW = "account_search_new"


def new(query: str) -> str:
    return f"{reverse(NEW)}?{query}"


def test_the_search_page_offers_it_with_one_click():
    AbstractFactory(title="Gout in invented mice")
    client = signed_in(confirmed())
    page = client.get("/search/?q=gout").content.decode()
    assert f'action="{new("q=gout")}"' in page
    response = client.post(new("q=gout"))
    found = SavedSearch.objects.get()
    assert response.url == reverse("account_search", args=[found.pk])
    assert (found.name, found.query_string, found.alert) == ("gout", "q=gout", "never")


def test_who_is_not_signed_in_comes_back_to_the_search_after_it():
    user = confirmed()
    client = Client()
    assert f'href="{new("q=gout&amp;author=Rossi")}"' in client.get("/search/?q=gout&author=Rossi").content.decode()
    response = client.get(new("q=gout&author=Rossi"))
    assert response.url.startswith(reverse("account_login"))
    response = client.post(response.url, {"login": user.email, "password": PASSWORD})
    assert response.url == new("q=gout&author=Rossi")
    page = client.get(response.url).content.decode()
    assert "Save this search" in page
    assert 'value="gout, Rossi"' in page


def test_the_public_search_page_knows_no_visitor():
    AbstractFactory(title="Gout in invented mice")
    response = Client().get("/search/?q=gout")
    assert "public" in response["Cache-Control"]
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content


def test_a_search_is_saved_with_name_and_alert():
    client = signed_in(confirmed())
    client.post(new("q=gout"), {"name": "My gout", "alert": "weekly"})
    found = SavedSearch.objects.get()
    assert (found.name, found.alert) == ("My gout", "weekly")
    assert found.searched_until > LONG_AGO


@pytest.mark.parametrize(
    "fields", [{"name": "", "alert": "daily"}, {"name": "x", "alert": "hourly"}, {"name": "x" * 121, "alert": "never"}]
)
def test_slips_are_messages(fields):
    client = signed_in(confirmed())
    response = client.post(new("q=gout"), fields)
    assert response.status_code == 200
    assert b"errorlist" in response.content
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "q=", "page=2", "meeting=nowhere", "day=2025-02-30", "year_from=abc", "order=evil"]
)
def test_an_invalid_search_is_not_saved(query):
    client = signed_in(confirmed())
    assert client.post(new(query)).status_code == 400
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("q=gout&page=3&per_page=50", "q=gout"),
        ("author=Rossi&q=++gout++&title=", "q=gout&author=Rossi"),
        ("q=gout&order=relevance", "q=gout"),
        ("order=newest&q=gout", "q=gout&order=newest"),
        ("q=gout&utm_source=x&evil=1", "q=gout"),
        ("kw=b&kw=a&figures=on", "figures=on&kw=b&kw=a"),
        ("q=%C3%9F%26%3D%22", "q=%C3%9F%26%3D%22"),
    ],
)
def test_equal_searches_have_one_query_string(asked, kept):
    signed_in(confirmed()).post(new(asked))
    assert SavedSearch.objects.get().query_string == kept


def test_the_same_search_is_saved_once():
    client = signed_in(confirmed())
    for query in ("q=gout", "q=gout&page=2", "title=&q=gout"):
        client.post(new(query))
    assert SavedSearch.objects.count() == 1


def test_saved_searches_are_limited(monkeypatch):
    monkeypatch.setattr(searches, "MOST_SEARCHES", 2)
    client = signed_in(confirmed())
    for word in ("gout", "lupus", "vasculitis"):
        response = client.post(new(f"q={word}"), follow=True)
    assert SavedSearch.objects.count() == 2
    assert b"delete one first" in response.content


def test_it_lists_only_own_searches():
    user = confirmed()
    SavedSearchFactory(user=user, query_string="q=gout&author=Rossi")
    SavedSearchFactory(user=confirmed(), name="Of a stranger")
    page = signed_in(user).get(reverse("account_searches")).content.decode()
    assert 'href="/search/?q=gout&amp;author=Rossi"' in page
    assert "stranger" not in page


def test_an_empty_list_says_what_it_is_for():
    assert b"No saved search yet" in signed_in(confirmed()).get(reverse("account_searches")).content


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_a_fixed_number_of_queries(count, django_assert_num_queries):
    user = confirmed()
    for _ in range(count):
        SavedSearchFactory(user=user)
    client = signed_in(user)
    client.get(reverse("account_searches"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("account_searches"))


LIST_QUERIES = 7


def test_a_search_is_renamed_and_its_alert_changed():
    user = confirmed()
    one, client = SavedSearchFactory(user=user), signed_in(user)
    url = reverse("account_search", args=[one.pk])
    assert client.post(url, {"name": "Renamed", "alert": "daily"}).url == reverse("account_searches")
    one.refresh_from_db()
    assert (one.name, one.alert, one.query_string) == ("Renamed", "daily", "q=gout")
    assert one.searched_until > LONG_AGO
    until = one.searched_until
    client.post(url, {"name": "Again", "alert": "weekly"})
    one.refresh_from_db()
    assert one.searched_until == until
    assert b"errorlist" in client.post(url, {"name": "", "alert": "weekly"}).content


def test_it_is_deleted():
    user = confirmed()
    one = SavedSearchFactory(user=user)
    response = signed_in(user).post(reverse("account_search_delete", args=[one.pk]))
    assert response.url == reverse("account_searches")
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("name", ["account_search", "account_search_delete"])
@pytest.mark.parametrize("who", [UserFactory, StaffFactory])
def test_others_searches_are_not_there(name, who):
    one = SavedSearchFactory(user=confirmed())
    url = reverse(name, args=[one.pk])
    assert signed_in(confirmed(who)).post(url, {"name": "Stolen", "alert": "daily"}).status_code == 404
    assert Client().post(url).url.startswith(reverse("account_login"))
    one.refresh_from_db()
    assert one.name == "Gout"


def test_staff_see_how_many_there_are_and_no_more():
    user = confirmed()
    SavedSearchFactory(user=user, name="A private interest")
    page = (
        signed_in(confirmed(StaffFactory)).get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    )
    assert "saved searches" in page.lower()
    assert "private interest" not in page


# Ending e-mails by the link in them


def unsubscribe_url(one: SavedSearch) -> str:
    return reverse("account_search_unsubscribe", args=[unsubscribe_token(one)])


def test_opening_the_unsubscribe_link_changes_nothing():
    one = SavedSearchFactory(user=confirmed(), alert="daily")
    for _ in range(2):
        page = Client().get(unsubscribe_url(one)).content.decode()
        assert "Send no more" in page
    Client().head(unsubscribe_url(one))
    one.refresh_from_db()
    assert one.alert == "daily"


def test_mail_programs_unsubscribe_with_one_post():
    """As RFC 8058 says: no cookies, no token of ours, no redirect."""
    one = SavedSearchFactory(user=confirmed(), alert="daily")
    other = SavedSearchFactory(user=confirmed(), alert="daily")
    client = Client(enforce_csrf_checks=True)
    body = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        response = client.post(unsubscribe_url(one), body, headers={"sec-fetch-site": "cross-site"})
        assert response.status_code == 200
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.alert, other.alert) == ("never", "daily")
    assert not response.cookies


@pytest.mark.parametrize("change", [lambda t: t + "x", lambda t: "1" + t, lambda t: "nonsense"])
def test_made_up_links_are_not_found(change):
    one = SavedSearchFactory(user=confirmed(), alert="daily")
    token = change(unsubscribe_token(one))
    url = reverse("account_search_unsubscribe", args=[token])
    assert Client().get(url).status_code == Client().post(url).status_code == 404
    one.refresh_from_db()
    assert one.alert == "daily"


def test_the_link_of_a_deleted_search_says_so():
    one = SavedSearchFactory(user=confirmed(), alert="daily")
    url = unsubscribe_url(one)
    one.delete()
    assert Client().post(url).status_code == 200
    assert b"no e-mails come of it" in Client().get(url).content


def test_unsubscribe_link_is_not_stored_by_caches():
    response = Client().get(unsubscribe_url(SavedSearchFactory(user=confirmed(), alert="daily")))
    assert response["Cache-Control"].startswith("private")
    assert b"noindex" in response.content


def test_a_search_within_a_meeting_is_saved_with_the_meeting():
    meeting = MeetingFactory()
    signed_in(confirmed()).post(new(f"q=gout&meeting={meeting.slug}"))
    one = SavedSearch.objects.get()
    assert searches.public_query(one, timezone.now()).meetings == (meeting.slug,)
    meeting.is_published = False
    meeting.save()
    assert searches.public_query(one, timezone.now()) is None
