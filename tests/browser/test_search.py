"""What the page of results says of how it searched, at its longest, and how a visitor undoes it."""

import pytest
from playwright.sync_api import Page, expect

from abstracts.models import KeywordSynonym
from tests.factories import AbstractFactory, AbstractKeywordFactory, AuthorLineFactory, KeywordFactory

from .test_pages import problems_of


@pytest.fixture
def archive(transactional_db) -> None:
    keyword = KeywordFactory(name="Classword")
    for letter in "abcdefghijklmnopqrstuvwxy":
        drug = f"{letter}inventedmab"
        KeywordSynonym.unfiltered.create(keyword=keyword, name=drug)
        AbstractKeywordFactory(keyword=keyword, abstract=AbstractFactory(title=f"{drug} in a cohort"))
    AuthorLineFactory(
        abstract=AbstractFactory(title="Classword cohort"), name="Anna Rossini", family="Rossini", given="Anna"
    )


def by_keyboard(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_what_words_were_taken_for_is_undone_and_redone_by_keyboard(new_page, archive, scripts):
    page = new_page(java_script_enabled=scripts)
    page.goto("/search/?q=Rossini+A+classword")
    ways = page.get_by_role("list", name="How it was searched")
    expect(ways).to_contain_text("“Rossini A”: also searched as an author.")
    by_keyboard(page, "Search only the words Rossini A")
    expect(ways).to_contain_text("“Rossini A”: taken as plain words.")
    by_keyboard(page, "Search what else they may mean, too Rossini A")
    expect(ways).to_contain_text("“Rossini A”: also searched as an author.")


def test_many_other_names_are_folded_and_fit(page, archive):
    page.goto("/search/?q=(Rossini+A+classword+zyxw&words=zyxw&page=2")
    last = page.get_by_role("list", name="How it was searched").get_by_text("yinventedmab")
    expect(page.get_by_role("status")).to_contain_text(["No abstract with all words", "Not understood:"])
    expect(last).to_be_hidden()
    summary = page.get_by_text("and 19 more")
    summary.focus()
    page.keyboard.press("Enter")
    expect(last).to_be_visible()
    assert problems_of(page, "search") == []
