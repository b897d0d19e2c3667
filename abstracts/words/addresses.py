"""Addresses of pages: in each language of the site, and from cached patterns."""

import functools
import re
from collections.abc import Callable

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language, get_language_from_path

_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_PLACEHOLDER = "zq9{}9qz"


def without_language(path: str) -> str:
    """The address of a page without its language: `/es/abstract/x/` becomes `/abstract/x/`.

    Citations, canonical links and QR codes use this one: the abstract is the same in every language.
    """
    language = get_language_from_path(path)
    return path[len(language) + 1 :] if language and language != settings.LANGUAGE_CODE else path


def in_language(path: str, language: str) -> str:
    """The address `path` of a page, in `language` ("en", "es")."""
    bare = without_language(path)
    return bare if language == settings.LANGUAGE_CODE else f"/{language}{bare}"


def address(name: str, *words: str) -> str:
    """The same as `reverse(name, args=words)`, but faster: a page of results has some three hundred addresses.

    `reverse` runs once for each name and language, and for words with other characters than letters, digits, hyphens
    and underscores. Raises NoReverseMatch.
    """
    if not all(_PLAIN(word) for word in words):
        return reverse(name, args=words)
    return _pattern(name, len(words), get_urlconf(), get_script_prefix(), get_language()).format(*words)


def addresses(name: str, count: int = 1) -> Callable[..., str]:
    """A function from `count` words to `address(name, *words)`, for the many addresses of one page.

    It asks for the language once: to ask Django takes longer than all else.
    """
    pattern = _pattern(name, count, get_urlconf(), get_script_prefix(), get_language())
    return lambda *words: pattern.format(*words) if all(map(_PLAIN, words)) else reverse(name, args=words)


@functools.lru_cache(maxsize=512)
def _pattern(name: str, count: int, urlconf: object, prefix: str, language: str | None) -> str:
    """The address `name` with {0}, {1} … in place of its words."""
    pattern = reverse(name, args=[_PLACEHOLDER.format(index) for index in range(count)])
    pattern = pattern.replace("{", "{{").replace("}", "}}")
    for index in range(count):
        pattern = pattern.replace(_PLACEHOLDER.format(index), f"{{{index}}}")
    return pattern
