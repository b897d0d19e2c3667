"""The language of a page is part of its address: `/es/…` is Spanish, and English has no prefix.

So a page is the same for everybody, needs no cookie, and any proxy can store it. Exports, feeds and files have one
address, without a language.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language_from_path


class LanguageMiddleware:
    """Serves each request in the language of its address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
