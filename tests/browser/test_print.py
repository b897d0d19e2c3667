"""What the browser prints, read back as pages of a PDF: three layouts, two papers, margins, banners, figures."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from abstracts.models import Figure
from abstracts.models.imaging import store_figure_image
from tests import factories

PAPERS = {"Letter": (612, 792), "A4": (595, 842)}


def printed(page: Page, paper: str = "Letter") -> PdfReader:
    # What is further down is loaded when it is looked at, or printed.
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    # Chromium has no size of its own where the page names none: this is the choice in the dialog.
    return PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=False)))


def words(pdf: PdfReader) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pdf.pages]


@pytest.fixture
def abstracts(live_server):
    """Two released abstracts, one of them long and with a figure."""
    long = factories.whole_abstract(number="0001", title="Long story of an invented cohort")
    factories.SectionFactory(abstract=long, label="More", html="<p>very long and invented text</p>" * 130)
    image = io.BytesIO()
    Image.new("RGB", (900, 500), "red").save(image, "PNG")
    store_figure_image(Figure.unfiltered.get(abstract=long), ContentFile(image.getvalue(), "a.png"))
    short = factories.whole_abstract(number="0002", title="Short story", meeting=long.meeting)
    return [long, short]


@pytest.fixture
def favorites(page: Page, abstracts) -> Page:
    for abstract in abstracts:
        page.goto(abstract.get_absolute_url())
        star = page.get_by_role("main").get_by_role("button", name="Favorite").first
        star.click()
        expect(star).to_have_attribute("aria-pressed", "true")
    return page


def test_one_abstract_per_page(favorites: Page):
    favorites.goto("/favorites/print/")
    for paper, size in PAPERS.items():
        pdf = printed(favorites, paper)
        pages = words(pdf)
        assert [float(n) for n in pdf.pages[0].mediabox[2:]] == pytest.approx(size, abs=1.5)
        long = [text for text in pages if "very long and invented" in text]
        assert len(long) > 2
        for text in long:
            assert "0001 Long story of an invented cohort · Ada Rüdiger" in text
            assert "ACR Meeting Abstracts · " in text
            assert not re.search("0002 Short story ·", text)
        assert [n for n, text in enumerate(pages) if "0002 Short story ·" in text] == [len(pages) - 1]
        for number, text in enumerate(pages, 1):
            assert f"{number} / {len(pages)}" in text
        assert sum(len(page.images) for page in pdf.pages) == 1


def test_with_abstracts_one_after_the_other(favorites: Page):
    favorites.goto("/favorites/print/")
    favorites.get_by_role("link", name="List with abstracts").click()
    favorites.wait_for_url("**layout=abstracts**")
    pages = words(printed(favorites))
    # Right after the contents, and no page is begun for it.
    assert "Abstract Number: 0001" in pages[0]


def test_compact_list(favorites: Page):
    favorites.goto("/favorites/print/?layout=compact")
    pages = words(printed(favorites))
    assert len(pages) == 1
    assert "Long story of an invented cohort" in pages[0]
    assert "very long" not in pages[0]
    assert "Download" not in pages[0]


def test_black_on_white_whatever_the_screen_is(favorites: Page):
    favorites.emulate_media(media="print", color_scheme="dark")
    favorites.goto("/favorites/print/")
    colors = favorites.evaluate(
        "(() => { const style = getComputedStyle(document.body); return [style.color, style.backgroundColor] })()"
    )
    assert colors[0] == "rgb(0, 0, 0)"
    assert colors[1] in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("layout", ["pages", "abstracts"])
def test_the_banner_is_on_every_page_of_what_is_ahead_of_release(new_page, abstracts, live_server, layout, client):
    user = factories.StaffFactory()
    secret = factories.whole_abstract(number="0009", title="Under embargo", embargoed=True)
    factories.SectionFactory(abstract=secret, html="<p>kept for later and for later</p>" * 130)
    saved = factories.FavoritesListFactory(user=user)
    for abstract in (*abstracts, secret):
        factories.FavoriteFactory(list=saved, abstract=abstract)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    page = new_page()
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"/favorites/print/?layout={layout}")
    pages = words(printed(page))
    of_secret = [text for text in pages if "kept for later" in text]
    assert len(of_secret) > 2
    assert all("EMBARGOED" in text for text in of_secret)


def test_the_page_of_an_abstract(page: Page, abstracts):
    page.goto(abstracts[0].get_absolute_url())
    pdf = printed(page, "A4")
    pages = words(pdf)
    assert "Long story of an invented cohort" in pages[0]
    assert sum(text.count("very long and invented text") for text in pages) == 130
    assert sum(len(page.images) for page in pdf.pages) == 1
    assert not any("Advanced Search" in text for text in pages)
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
