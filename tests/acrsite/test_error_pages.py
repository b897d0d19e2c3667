"""What a visitor sees where something is wrong: the site's own pages, never Django's."""

import re

import pytest
from django.test import Client

from tests.factories import UserFactory

ERRORS = [
    ("/nothing/here/", 404),
    ("/fail/refuse/", 403),
    ("/fail/suspect/", 400),
    ("/fail/crash/", 500),
    ("/fail/disk/", 503),
    ("/favorites/add/", 405),
]
DJANGOS_OWN = (
    "<h1>Not Found</h1>",
    "<h1>Server Error (500)</h1>",
    "<h1>403 Forbidden</h1>",
    "<h1>Bad Request (400)</h1>",
)

pytestmark = pytest.mark.urls("tests.acrsite.failing_urls")


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


def assert_is_ours(response, site_name):
    page = response.content.decode()
    assert site_name in page
    assert re.search(r"<html lang=.en", page)
    assert re.search(r"<h1[ >]", page)
    assert 'href="/"' in page
    assert not any(mark in page for mark in DJANGOS_OWN)
    for secret in ("the tests", "Traceback", "DEBUG", "csrfmiddlewaretoken"):
        assert secret not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), ERRORS)
def test_errors_have_the_sites_own_pages(client, settings, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert_is_ours(response, settings.SITE_NAME)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), ERRORS)
def test_errors_have_the_same_status_for_somebody_signed_in(client, settings, path, status):
    client.force_login(UserFactory())
    assert client.get(path).status_code == status


@pytest.mark.django_db
def test_a_form_without_a_csrf_token_gets_the_sites_own_403_page(settings):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"login": "ada@example.org", "password": "x"})
    assert response.status_code == 403
    assert_is_ours(response, settings.SITE_NAME)


@pytest.mark.django_db
def test_a_wrong_host_gets_the_sites_own_400_page(client, settings):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert_is_ours(response, settings.SITE_NAME)
    assert b"evil.example" not in response.content


@pytest.mark.parametrize(("path", "status"), [("/fail/suspect/", 400), ("/fail/crash/", 500)])
def test_error_pages_need_no_database(client, settings, path, status):
    """This test may not touch the database: nor may a page that says it has gone."""
    response = client.get(path)
    assert response.status_code == status
    assert_is_ours(response, settings.SITE_NAME)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), ERRORS)
def test_error_pages_may_not_be_stored(client, path, status):
    assert "public" not in client.get(path).get("Cache-Control", "")


UNREADABLE = {
    "no boundary": (b"x", "multipart/form-data"),
    "a boundary that is too long": (b"x", f"multipart/form-data; boundary={'b' * 300}"),
    "too many fields": (b"a=1&" * 20_000, "application/x-www-form-urlencoded"),
    "too many bytes": (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    "another character set": (b"a=%ff", "application/x-www-form-urlencoded; charset=utf-7"),
}


@pytest.mark.django_db
@pytest.mark.urls("acrsite.urls")
@pytest.mark.parametrize(
    "path", ["/", "/nowhere/", "/favorites/add/", "/accounts/login/", "/es/search/", "/admin/login/"]
)
@pytest.mark.parametrize(("body", "content_type"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_form_bodies_are_bad_requests_at_every_address(path, body, content_type, settings):
    client = Client(enforce_csrf_checks=True)  # which raises what a view raises
    client.cookies["csrftoken"] = "a" * 32
    response = client.post(path, body, content_type=content_type, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 400
    assert_is_ours(response, settings.SITE_NAME)


@pytest.mark.django_db
@pytest.mark.urls("acrsite.urls")
def test_a_form_body_that_can_be_read_passes(client):
    assert client.post("/accounts/login/", {"login": "nobody@example.org"}).status_code == 200
