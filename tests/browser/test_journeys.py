"""What a researcher does, by hand, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import whole_abstract

pytestmark = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


@pytest.fixture
def abstract(transactional_db):
    return whole_abstract(title="Glucocorticoid tapering in an invented cohort")


def test_find_save_print_and_clear(new_page, abstract, scripts):
    page = new_page(java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=abstract.meeting.name).first.click()
    page.get_by_role("main").get_by_role("link", name="Vasculitis Posters").first.click()
    page.get_by_role("main").get_by_role("link", name=abstract.title_text).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(abstract.title_text)

    star = page.get_by_role("main").get_by_role("button", name="Favorite").first
    expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")

    page.get_by_role("banner").get_by_role("link", name="Favorites").first.click()
    expect(page.get_by_role("main")).to_contain_text(abstract.title_text)
    page.get_by_role("link", name="View and print all").click()
    expect(page.get_by_role("main")).to_contain_text("We counted invented patients.")

    page.goto("/favorites/")
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_role("main")).not_to_contain_text(abstract.title_text)
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.get_by_role("main")).to_contain_text(abstract.title_text)


def test_search_from_the_header(new_page, abstract, scripts):
    page = new_page(java_script_enabled=scripts)
    page.goto("/meetings/")
    # With scripts it is a combobox, without a search box.
    box = page.get_by_role("banner").get_by_role("combobox" if scripts else "searchbox")
    box.fill("tapering")
    box.press("Enter")
    page.get_by_role("main").get_by_role("link", name=abstract.title_text).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(abstract.title_text)
