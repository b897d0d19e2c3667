import pytest

from acrsite.styleguide import COLORS
from tests.test_html import JAVA, complaints

pytestmark = pytest.mark.django_db


def test_the_style_guide_is_404_in_production(client):
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.urls("tests.acrsite.styleguide_urls")
def test_it_shows_every_color_and_every_state(client, tmp_path):
    response = client.get("/styleguide/")
    page = response.content.decode()
    for color in COLORS:
        assert f"--{color}" in page
    for state in ("embargoed", "withdrawn", "retracted", "corrected", "pending"):
        assert f'"badge {state}"' in page
    assert page.count('aria-pressed="true"') == 1
    if JAVA:
        (tmp_path / "styleguide.html").write_bytes(response.content)
        found = complaints(tmp_path)
        assert not found, "\n".join(found)
