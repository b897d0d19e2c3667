"""Accounts in a real browser: passkeys under the site's policy, saved searches with and without JavaScript."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import SavedSearch
from tests.accounts.signing_in import PASSWORD, confirmed
from tests.factories import AbstractFactory

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def user(transactional_db):
    cache.clear()
    return confirmed()


def sign_in(page: Page, user, path: str = "/accounts/login/") -> None:
    page.goto(path)
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def show_again(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def plug_in(page: Page, **key) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**KEY, **key}})


def test_a_passkey_is_added_and_signs_in(page, user):
    sign_in(page, user)
    plug_in(page)
    page.goto("/accounts/2fa/webauthn/add/")
    show_again(page)
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/2fa/**recovery-codes/**")
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign Out").click()
    page.wait_for_url(lambda url: "/logout/" not in url)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/favorites/")
    page.goto("/accounts/")
    expect(page.get_by_role("main")).to_contain_text(user.email)


def test_a_refused_passkey_is_told_on_the_page(page, transactional_db):
    plug_in(page, isUserVerified=False)
    page.goto("/accounts/login/")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not read.")


@both_ways
def test_a_search_is_saved_on_the_way_through_sign_in(new_page, user, scripts):
    AbstractFactory(title="Gout in invented mice")
    page = new_page(java_script_enabled=scripts)
    page.goto("/search/?q=gout")
    page.get_by_role("link", name="Save this search").click()
    page.wait_for_url("**/accounts/login/**")
    sign_in(page, user, page.url)
    page.get_by_label("Name", exact=True).fill("My gout")
    page.get_by_label("When new results are released").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(lambda url: "/new/" not in url)
    assert SavedSearch.objects.get().alert == "release"
    page.goto("/search/?q=gout&year_from=2000")
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saved search")
    page.goto("/accounts/searches/")
    expect(page.get_by_role("main").get_by_role("link", name="My gout", exact=True)).to_be_visible()
    assert SavedSearch.objects.count() == 2
