"""The page that the proxy shows while no process of the site can answer."""

import pytest
from django.core.management import call_command


@pytest.fixture
def folder(tmp_path):
    """The pages as the command writes them. The test has no access to a database, so the command had none either."""
    call_command("out_of_service_pages", str(tmp_path / "pages"))
    return tmp_path / "pages"


@pytest.mark.parametrize(
    ("language", "heading", "home"),
    [
        ("en", "The archive is out of service for a moment", 'href="/"'),
        ("es", "El archivo está fuera de servicio por un momento", 'href="/es/"'),
    ],
)
def test_there_is_a_page_in_each_language_in_the_sites_look(folder, settings, language, heading, home):
    page = (folder / f"{language}.html").read_text("utf-8")
    assert f'<html lang="{language}">' in page
    assert f"<h1>{heading}</h1>" in page
    assert home in page
    assert settings.SITE_NAME in page
    assert "css/site.css" in page


def test_the_page_asks_for_nothing_that_the_proxy_does_not_serve_itself(folder):
    """Scripts, and files that are not collected, would meet the same page again."""
    page = (folder / "en.html").read_text("utf-8")
    assert "<script" not in page
    assert page.count("<link") == page.count('href="/static/')
