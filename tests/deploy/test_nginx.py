"""The store of nginx in deploy/: it agrees with the program about what it keeps. (benchmarks/proxy.py runs it.)"""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from abstracts.exporting.negotiation import TYPES
from acrsite import caching

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KEY = "0123456789abcdef"
FILES = ["nginx/archive.conf", "compose.nginx.conf"]


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text()


def directives(name: str) -> list[str]:
    """The maps and directives of the store, without its folder."""
    lines = [line.strip() for line in text_of(name).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    maps = re.findall(r"^map [^\n]* \$archive_(?!language)\w+ \{\n.*?^\}", "\n".join(lines), re.M | re.S)
    return [
        *maps,
        *[line for line in lines if re.match(r"proxy_cache(?!_path)|proxy_(ignore|hide)|gunzip|gzip_proxied", line)],
    ]


def mapped(name: str, variable: str, value: str) -> str:
    """What the map to `variable` gives for `value`."""
    body = re.search(rf"^map [^\n]* \${variable} {{\n(.*?)^}}", text_of(name), re.M | re.S)[1]
    pairs = [line.strip().rstrip(";").rsplit(None, 1) for line in body.splitlines()]
    for key, result in pairs:
        flags = re.IGNORECASE if key.strip('"').startswith("~*") else 0
        pattern = key.strip().strip('"')
        if pattern.startswith("~") and re.search(pattern.lstrip("~*"), value, flags):
            return result
    return {key.strip(): result for key, result in pairs}["default"]


def test_both_files_have_the_same_store():
    assert directives(FILES[0]) == directives(FILES[1])
    assert len(directives(FILES[0])) > 8


@pytest.mark.parametrize("name", FILES)
def test_nothing_serves_old_copies_or_makes_readers_wait(name):
    text = "\n".join(line.partition("#")[0] for line in text_of(name).splitlines())
    assert "proxy_cache_revalidate on;" in text
    for directive in (
        "proxy_cache_lock",
        "proxy_cache_use_stale",
        "proxy_cache_background_update",
        "proxy_cache_valid",
    ):
        assert directive not in text


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("zone", ["+00:00", "-05:00", "+05:30"])
def test_ages_are_those_of_the_program(name, zone):
    for second in range(60):
        instant = dt.datetime.fromisoformat(f"2026-11-28T09:10:{second:02}{zone}")
        assert mapped(name, "archive_age", instant.isoformat()) == str(caching.max_age(instant))


@pytest.mark.parametrize("name", FILES)
def test_visitors_with_a_session_get_no_copy(name):
    assert f'map "$cookie_{settings.SESSION_COOKIE_NAME}$http_hx_request" $archive_for_all' in text_of(name)


@pytest.mark.parametrize("name", FILES)
def test_a_reference_by_accept_is_no_page(name):
    for media_type in TYPES:
        for accept in (media_type, f"text/html;q=0.1, {media_type.upper()}"):
            assert mapped(name, "archive_as_page", accept) == "off", accept
    for accept in ("", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"):
        assert mapped(name, "archive_as_page", accept) == "$archive_for_all", accept


@pytest.mark.parametrize("name", FILES)
def test_figures_and_books_are_not_copied(name):
    for path in (
        reverse("figure-file", args=[KEY]),
        reverse("figure-rendition", args=[KEY, 640]),
        "/es/download/x/book.pdf",
    ):
        assert mapped(name, "archive_cache", path) == "off", path
    for path in ("/", "/abstract/figures/", "/search/", "/es/"):
        assert mapped(name, "archive_cache", path) == "$archive_as_page", path


@pytest.mark.parametrize("name", FILES)
def test_each_zone_of_shared_memory_has_a_name_of_its_own(name):
    zones = re.findall(r"(?:keys_zone=|shared:)(\w+):", text_of(name))
    assert "archive_pages" in zones
    assert len(set(zones)) == len(zones)
