"""Addresses of pages: in each language of the site, and from remembered patterns."""

import functools
import re
from collections.abc import Callable

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language, get_language_from_path

_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_STANDS_FOR = "zq9{}9qz"


def without_language(path: str) -> str:
    """The address of a page without the language it is shown in: `/es/abstract/x/` is `/abstract/x/`.

    That is the one that citations, canonical links and codes name: what is cited
    is the abstract, not the words around it.
    """
    language = get_language_from_path(path)
    return path[len(language) + 1 :] if language and language != settings.LANGUAGE_CODE else path


def in_language(path: str, language: str) -> str:
    """The address `path` of a page, in `language` ("en", "es")."""
    bare = without_language(path)
    return bare if language == settings.LANGUAGE_CODE else f"/{language}{bare}"


def address(name: str, *words: str) -> str:
    """The address `name` with `words` in it, as `reverse(name, args=words)` gives it; NoReverseMatch where none is.

    A page of results names some three hundred, and `reverse` looks for each anew. Here it is asked once for each name
    and language, and again for words of more than letters, digits and hyphens.
    """
    if not all(_PLAIN(word) for word in words):
        return reverse(name, args=words)
    found = _pattern(name, len(words), get_urlconf(), get_script_prefix(), get_language())
    return found.format(*words)


def addresses(name: str) -> Callable[[str], str]:
    """`address` of `name` and one word, to be called for many words of one page."""
    pattern = _pattern(name, 1, get_urlconf(), get_script_prefix(), get_language())
    return lambda word: pattern.format(word) if _PLAIN(word) else reverse(name, args=[word])


@functools.lru_cache(maxsize=512)
def _pattern(name: str, count: int, urlconf: object, prefix: str, language: str | None) -> str:
    """The address `name` with {0}, {1} … where its words stand."""
    found = reverse(name, args=[_STANDS_FOR.format(place) for place in range(count)])
    found = found.replace("{", "{{").replace("}", "}}")
    for place in range(count):
        found = found.replace(_STANDS_FOR.format(place), f"{{{place}}}")
    return found
