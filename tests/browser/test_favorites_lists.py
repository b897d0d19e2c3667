"""Lists of favorites by hand: star, note, put in order by keyboard, share, open elsewhere, revoke."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, accessibility_problems
from tests.factories import UserFactory, whole_abstract

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture
def abstracts(transactional_db):
    return [whole_abstract(title=f"Invented cohort {letter}") for letter in "ABC"]


def sign_in(page):
    from allauth.account.models import EmailAddress

    user = UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page.goto("/accounts/login/")
    page.get_by_label(re.compile("e-?mail", re.I)).first.fill(user.email)
    page.get_by_label("Password", exact=True).fill("sesame-open-42")
    page.get_by_role("main").get_by_role("button", name="Sign In").first.click()
    page.wait_for_url("**/favorites/")
    return user


def star(page, abstract):
    page.goto(abstract.get_absolute_url())
    page.get_by_role("main").get_by_role("button", name="Favorite").first.click()
    expect(page.get_by_role("main").get_by_role("button", name="Favorite").first).to_have_attribute(
        "aria-pressed", "true"
    )


def rows(page):
    return page.locator(".organize > li")


def expect_order(page, letters):
    expect(rows(page)).to_contain_text([f"Invented cohort {letter}" for letter in letters])


@SCRIPTS
def test_star_note_order_share_open_elsewhere_and_revoke(new_page, abstracts, scripts):
    page = new_page(java_script_enabled=scripts)
    # What was saved before signing in comes along.
    star(page, abstracts[0])
    sign_in(page)
    for abstract in abstracts[1:]:
        star(page, abstract)

    page.goto("/favorites/")
    item = page.locator(f"#note-{abstracts[1].key}")
    item.locator("summary").click()
    item.get_by_label("Private note").fill("Ask about the dose")
    item.get_by_role("button", name="Save note").click()
    expect(item).to_contain_text("Ask about the dose")
    expect(item).to_contain_text("Edit note")

    page.get_by_role("link", name="Organize").click()
    # Before its scripts have run, the page sends the form as a whole, and the focus is lost.
    page.wait_for_url(re.compile(r"[?&]organize=1"))
    expect_order(page, "ABC")
    page.get_by_role("button", name=f"Move {abstracts[2].number} up").press("Enter")
    expect(rows(page).nth(1)).to_contain_text("Invented cohort C")
    if scripts:
        # The focus stays with the button, and what happened is said.
        expect(page.locator(f"#up-{abstracts[2].key}")).to_be_focused()
        expect(page.locator("#said")).to_have_text("Moved to place 2 of 3.")
    page.get_by_role("button", name=f"Move {abstracts[2].number} up").press("Enter")
    expect(rows(page).nth(0)).to_contain_text("Invented cohort C")
    expect_order(page, "CAB")
    assert accessibility_problems(page) == [] if scripts else True

    page.goto("/favorites/lists/")
    page.get_by_role("button", name=re.compile("Share by a link")).click()
    # Opened by its path: the link names the site, not this server.
    path = re.sub(r"^https?://[^/]+", "", page.locator(".secret code").inner_text())
    other = new_page(java_script_enabled=scripts, viewport=NARROW)
    other.goto(f"{path}?order=own")
    expect(other.get_by_role("heading", level=1)).to_have_text("A shared list")
    expect(other.locator(".row-title").first).to_have_text("Invented cohort C")
    expect(other.get_by_role("main")).not_to_contain_text("Ask about the dose")
    other.get_by_role("button", name="Add all to your favorites").click()
    expect(other.get_by_role("main")).to_contain_text("3 abstracts added to your favorites.")

    page.get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_role("main")).to_contain_text("The link was revoked")
    assert other.goto(path).status == 404


@SCRIPTS
def test_a_list_of_its_own_and_undo(new_page, abstracts, scripts):
    page = new_page(java_script_enabled=scripts)
    sign_in(page)
    for abstract in abstracts[:2]:
        star(page, abstract)
    page.goto("/favorites/lists/")
    page.get_by_label("Name of the list").fill("Journal club")
    page.get_by_role("button", name="Make the list").click()
    expect(page.get_by_role("main")).to_contain_text("Journal club")
    page.goto("/favorites/?organize=1")
    page.get_by_label(re.compile("Invented cohort A")).check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("main")).to_contain_text("Invented cohort A")
    expect(page.get_by_role("navigation", name="Your lists")).to_contain_text("Journal club 0")


def test_drag_and_drop(new_page, abstracts):
    page = new_page()
    for abstract in abstracts:
        star(page, abstract)
    page.goto("/favorites/?organize=1")
    handle = page.locator(f"#row-{abstracts[0].key} [data-drag]").bounding_box()
    end = page.locator(f"#row-{abstracts[2].key}").bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 10, end["y"] + end["height"] - 3, steps=8)
    page.mouse.up()
    expect(page.locator("#said")).to_have_text("Moved to place 3 of 3.")
    expect_order(page, "BCA")
    page.reload()
    expect_order(page, "BCA")


def test_nothing_stands_in_the_way_of_anybody(page, abstracts):
    star(page, abstracts[0])
    star(page, abstracts[1])
    for path in ("/favorites/", "/favorites/?organize=1", "/favorites/programme/", "/favorites/lists/"):
        page.goto(path)
        for viewport in (WIDE, NARROW):
            page.set_viewport_size(viewport)
            assert accessibility_problems(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
