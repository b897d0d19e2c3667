"""What a page may weigh. A page that grows past its budget fails here; raising a budget is a decision."""

import re

import brotli
import pytest
from django.contrib.staticfiles import finders

from tests import pages

pytestmark = pytest.mark.django_db

# Bytes of HTML, styles and scripts as sent (brotli), without figures.
BUDGETS = {"home": 34_000, "meeting": 34_000, "abstract": 40_000, "search": 40_000, "keywords": 36_000}
PART = re.compile(r'<(?:link rel="stylesheet" href|script src)="/static/([^"?]+)"')


def parts_of(html: str) -> list[str]:
    """The static files that a page has loaded before it is whole."""
    return [re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", name) for name in PART.findall(html)]


def weight(data: bytes) -> int:
    return len(brotli.compress(data))


def file_weight(name: str) -> int:
    with open(finders.find(name), "rb") as file:
        return weight(file.read())


@pytest.fixture
def htmls(client) -> dict[str, str]:
    addresses = pages.a_page_of_every_type()
    return {name: client.get(addresses[name]).content.decode() for name in BUDGETS}


def test_pages_stay_within_their_budget(htmls):
    weights = {name: weight(html.encode()) + sum(map(file_weight, parts_of(html))) for name, html in htmls.items()}
    assert {name: n for name, n in weights.items() if n > BUDGETS[name]} == {}


def test_an_abstract_is_whole_after_four_requests(htmls):
    assert 1 + len(parts_of(htmls["abstract"])) <= 4
    assert len(parts_of(htmls["abstract"])) >= 2, "the pattern finds no parts"


def test_images_have_their_size_and_load_late_in_a_modern_format(htmls):
    images = re.findall(r"<img [^>]+>", htmls["abstract"])
    assert images
    for image in images:
        assert 'width="' in image
        assert 'height="' in image
        assert 'loading="lazy"' in image
        assert re.search(r'srcset="/figures/[0-9a-f]{16}/480/ 480w, ', image)
