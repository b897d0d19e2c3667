"""Each address declares the methods that it takes."""

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from tests.canary.walking import NOWHERE, filled, patterns

UNUSED = ["DELETE", "PUT", "PATCH"]
OURS = ("abstracts", "accounts", "acrsite")
PATHS = {path: app for app, parts in patterns() for path in filled(parts, {**NOWHERE, "slug": ["abstracts"]})}
# The admin's views are Django's classes, in wrappers of their own.
OUR_PATHS = [path for path, app in PATHS.items() if not app and resolve(path).func.__module__.split(".")[0] in OURS]
PAGES = ["/", "/meetings/", "/search/", "/keywords/", "/authors/", "/favorites/", "/robots.txt", "/healthz"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", UNUSED)
def test_no_address_takes_a_method_that_no_page_sends(method):
    assert len(PATHS) > 150
    client = Client()
    wrong = {path: status for path in PATHS if (status := client.generic(method, path).status_code) != 405}
    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("method", UNUSED)
def test_each_view_of_ours_declares_its_methods(method):
    """The views are called past the middleware, which refuses these methods for all addresses."""
    assert len(OUR_PATHS) > 60
    wrong = []
    for path in OUR_PATHS:
        match = resolve(path)
        request = RequestFactory().generic(method, path, headers={"Sec-Fetch-Site": "same-origin"})
        if match.func(request, *match.args, **match.kwargs).status_code != 405:
            wrong.append(path)
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_pages_that_change_nothing_take_head_but_no_post(client, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
