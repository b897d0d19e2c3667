"""Favorites without a connection: kept by the service worker, and dropped when they may not be read any more."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from abstracts.models import Abstract, Section
from abstracts.visibility import Status
from tests.factories import StaffFactory, UserFactory, whole_abstract

pytestmark = pytest.mark.django_db(transaction=True)
# What the worker holds: the paths of its store; none where there is no store.
KEPT = """async () => {
  if (!(await caches.has("favorites"))) return [];
  const keys = await (await caches.open("favorites")).keys();
  return keys.map((request) => new URL(request.url).pathname).sort();
}"""
TEXTS = """async () => {
  const cache = await caches.open("favorites");
  const texts = (await cache.keys()).map(async (key) => (await cache.match(key, { ignoreVary: true })).text());
  return (await Promise.all(texts)).join();
}"""
WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def abstract():
    return whole_abstract(title="Glucocorticoid tapering in an invented cohort")


def star(page: Page, abstract: Abstract) -> None:
    page.goto(abstract.get_absolute_url())
    button = page.get_by_role("main").get_by_role("button", name="Favorite").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.goto("/favorites/")
    expect(page.get_by_role("main")).to_contain_text(abstract.number)


def kept(page: Page) -> list[str]:
    return page.evaluate(KEPT)


def wait_until(page: Page, script: str, argument: str = "") -> None:
    """Until `script`, an asynchronous function, gives something that is true."""
    for _ in range(200):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within ten seconds: {script} of {argument}; kept: {kept(page)}")


def wait_until_kept(page: Page, path: str, state: bool = True) -> None:
    wait_until(page, f"async (path) => (await ({KEPT})()).includes(path) === {str(state).lower()}", path)


def wait_until_whole(page: Page) -> None:
    """Until the worker says that all it wanted is there."""
    wait_until(
        page,
        """async () => {
          const list = await caches.match("/favorites/offline.json", { ignoreVary: true });
          return list && (await list.json()).state;
        }""",
    )


def signed_in(page: Page, live_server, user) -> None:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


def test_a_favorite_opens_without_a_connection(page, abstract):
    other = whole_abstract(title="Of another, that nobody starred")
    star(page, abstract)
    wait_until_whole(page)
    assert [path for path in kept(page) if "/abstract/" in path] == [abstract.get_absolute_url()]

    page.context.set_offline(True)
    page.goto(abstract.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(abstract.title_text)
    expect(page.get_by_role("main")).to_contain_text("We counted invented patients.")
    assert page.evaluate("getComputedStyle(document.querySelector('.code')).display") == "none"  # it has its style

    page.goto(other.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Favorites kept for reading offline")
    expect(page.locator("#kept-offline")).to_be_visible()
    page.get_by_role("link", name=abstract.title_text).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(abstract.title_text)
    page.context.set_offline(False)


def test_who_has_no_favorites_has_no_worker(page, abstract):
    page.goto(abstract.get_absolute_url())
    page.goto("/offline/")
    expect(page.locator("#kept-none")).to_be_visible()
    assert page.evaluate(WORKERS) == 0
    assert kept(page) == []


def test_signing_out_removes_all(page, abstract, live_server):
    signed_in(page, live_server, UserFactory())
    star(page, abstract)
    wait_until_whole(page)
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign Out").click()
    page.wait_for_url(live_server.url + "/")
    wait_until_kept(page, abstract.get_absolute_url(), False)
    wait_until(page, f"async () => (await ({WORKERS})()) === 0")
    assert kept(page) == []


@pytest.mark.parametrize("change", [{"status": Status.WITHDRAWN, "status_note": "Gone."}, {"status": Status.DRAFT}])
def test_what_was_withdrawn_or_hidden_is_gone_at_the_next_visit(page, abstract, change):
    Section.unfiltered.filter(abstract=abstract).update(html="<p>Score of the withdrawn</p>")
    other = whole_abstract(title="Of another")
    star(page, other)
    star(page, abstract)
    wait_until_whole(page)
    wait_until_kept(page, abstract.get_absolute_url())
    assert "Score of the withdrawn" in page.evaluate(TEXTS)
    for name, value in change.items():
        setattr(abstract, name, value)
    abstract.save()
    page.goto("/")
    wait_until_kept(page, abstract.get_absolute_url(), False)
    wait_until_whole(page)
    assert other.get_absolute_url() in kept(page)
    assert "Score of the withdrawn" not in page.evaluate(TEXTS)


def test_a_page_that_is_not_found_is_dropped_at_once(page, abstract):
    other = whole_abstract(title="Of another")
    star(page, other)
    star(page, abstract)
    wait_until_whole(page)
    abstract.delete()
    page.goto(abstract.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).not_to_have_text(abstract.title_text)
    wait_until_kept(page, abstract.get_absolute_url(), False)


def test_what_is_read_ahead_of_release_is_never_kept(page, abstract, live_server):
    signed_in(page, live_server, StaffFactory())
    hidden = whole_abstract(embargoed=True, title="Hidden from the public")
    star(page, hidden)
    star(page, abstract)
    wait_until_whole(page)
    page.goto(hidden.get_absolute_url())
    expect(page.get_by_role("main")).to_contain_text("EMBARGOED UNTIL")
    wait_until_kept(page, abstract.get_absolute_url())
    assert hidden.get_absolute_url() not in kept(page)
    assert "Hidden from the public" not in page.evaluate(TEXTS)
