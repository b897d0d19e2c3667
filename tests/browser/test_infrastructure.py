"""That the watch on pages sees what it is there for: without this, a quiet page proves nothing."""

import pytest
from playwright.sync_api import Page

from .conftest import listen_for_complaints


@pytest.fixture
def watched(browser, live_server):
    """A page and the list of its complaints, which this module expects."""
    context = browser.new_context(base_url=live_server.url)
    page, complaints = context.new_page(), []
    listen_for_complaints(page, live_server.url, complaints)
    yield page, complaints
    context.close()


def broken(page: Page, body: str) -> None:
    """Opens an own page that holds `body`, under the site's policy."""
    policy = "default-src 'none'; script-src 'self'; style-src 'self'"
    page.route(
        "**/broken/",
        lambda route: route.fulfill(
            body=f"<!doctype html><title>x</title>{body}",
            headers={"Content-Type": "text/html", "Content-Security-Policy": policy},
        ),
    )
    page.goto("/broken/", wait_until="networkidle")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<script>alert(1)</script>", "Content Security Policy"),
        ('<p style="color:red">', "Content Security Policy"),
        ("<script src='/static/missing.js'></script>", "/static/missing.js"),
    ],
)
def test_a_broken_page_is_seen(watched, body, told):
    page, complaints = watched
    broken(page, body)
    assert any(told in complaint for complaint in complaints)


def test_a_request_to_another_host_is_seen(watched):
    page, complaints = watched
    page.route("https://elsewhere.example/**", lambda route: route.fulfill(body="elsewhere"))
    page.goto("https://elsewhere.example/x")
    assert [complaint.split()[-1] for complaint in complaints] == ["https://elsewhere.example/x"]


def test_a_sound_page_is_quiet(watched):
    page, complaints = watched
    broken(page, "<p>Nothing wrong.</p>")
    assert complaints == []
