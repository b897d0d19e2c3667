"""What the scripts of an abstract's page add, and that it stands without them."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import expect

from tests import factories

# Polling for a value would be evaluated by the page, which its policy forbids: a promise is waited for instead.
NOTE_PRINT = """
window.printed = new Promise(done => {
    window.print = () => done([...document.images].every(i => i.naturalWidth > 0));
});
"""


@pytest.fixture
def address(transactional_db):
    abstract = factories.whole_abstract()
    data = io.BytesIO()
    Image.new("RGB", (640, 4000), "teal").save(data, "PNG")
    image = ContentFile(data.getvalue(), name="x.png")
    for position in (100, 101):
        factories.FigureFactory(abstract=abstract, position=position, image=image, width=640, height=4000, alt="Bars")
    return abstract.get_absolute_url()


def test_the_citation_is_copied(new_page, address):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(address)
    page.get_by_role("button", name="Copy the citation").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#citation")


def test_printing_waits_for_figures_that_were_not_scrolled_to(page, address):
    page.add_init_script(NOTE_PRINT)
    page.goto(address)
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")


def test_without_scripts_it_offers_nothing_that_needs_them(new_page, address):
    page = new_page(java_script_enabled=False)
    page.goto(address)
    expect(page.locator("#citation")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy the citation")).to_be_hidden()


def test_menus_open_by_key_and_close_by_escape(page, address):
    page.goto(address)
    summary = page.locator(".site-nav summary").first
    summary.press("Enter")
    expect(page.get_by_role("link", name="All meetings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="All meetings")).to_be_hidden()
    expect(summary).to_be_focused()
