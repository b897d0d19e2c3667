"""What is the same address in every language of the site."""

from django.conf import settings
from django.utils.translation import get_language_from_path


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
