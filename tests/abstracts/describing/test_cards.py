"""The social card: a PNG of what the public may see, with its words as metadata."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from abstracts.describing import CardWords, draw
from tests.factories import AbstractFactory, StaffFactory, whole_abstract

WORDS = CardWords("Abstract 2670", "IL-6Rα (≥ 50 %) in Łódź 血管炎", "Forum 2025", "ACR Meeting Abstracts")


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_card_has_the_size_of_link_previews():
    image = opened(draw(WORDS))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert image.text == {
        "Title": WORDS.title,
        "Source": "Abstract 2670 Forum 2025",
        "Author": "ACR Meeting Abstracts",
    }


@pytest.mark.parametrize("title", ["", "#set page(fill: red) \\ $x$ @a *b*", "word " * 100, "x" * 500, "炎" * 300])
def test_every_title_is_drawn(title):
    image = opened(draw(CardWords("", title, "", "")))
    assert image.size == (1200, 630)
    # Nothing in the data is markup that could change the card.
    assert image.convert("RGB").getpixel((1190, 300)) == pytest.approx((255, 255, 255), abs=3)


def test_title_is_on_the_card():
    empty, full = (opened(draw(CardWords("", title, "", ""))).convert("L") for title in ("", WORDS.title))
    assert empty.crop((80, 110, 1120, 490)).getextrema()[0] > 240
    assert full.crop((80, 110, 1120, 490)).getextrema()[0] < 60


def card_of(abstract, client):
    return client.get(reverse("abstract-card", args=[abstract.slug]))


@pytest.mark.django_db
def test_card_of_a_released_abstract(client):
    abstract = whole_abstract(number="0007")
    response = card_of(abstract, client)
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"].startswith("public, max-age=")
    text = opened(response.content).text
    assert text["Title"] == abstract.title_text
    assert text["Source"].startswith("Abstract 0007 ")


@pytest.mark.django_db
def test_card_of_a_listing(client):
    assert opened(card_of(AbstractFactory(listing=True), client).content).text["Title"]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["embargoed", "shell", "draft"])
@pytest.mark.parametrize("staff", [False, True])
def test_no_card_of_a_title_that_is_not_public(client, state, staff):
    abstract = AbstractFactory(**{state: True})
    if staff:
        client.force_login(StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    assert card_of(abstract, client).status_code == 404


@pytest.mark.django_db
def test_other_pages_have_the_card_of_the_site(client):
    assert opened(client.get("/card.png").content).text["Title"] == "ACR Meeting Abstracts"
