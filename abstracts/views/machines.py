"""What machines fetch besides pages: social cards, and the rules for crawlers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import CardWords, card_words, draw, site_card_words
from ..models import Abstract
from ..visibility import ANONYMOUS, ArchiveRequest, Level

# Other forms of pages, pages that cost the server much, and pages of one visitor. Crawlers may fetch figures.
CLOSED_TO_CRAWLERS = ("accounts/", "favorites/", "lists/", "search/", "download/")
# Exceptions, without a query string: the empty forms. ($ ends a path, RFC 9309.)
OPEN_PAGES = ("favorites/$", "search/$")
CLOSED_FILES = ("/admin/", "/feeds/search/", "/*/export/", "/offline/")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The addresses that crawlers must not fetch, and the address of the sitemap."""
    languages = ["/", *(f"/{code}/" for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    closed = [*CLOSED_FILES, *(start + path for start in languages for path in CLOSED_TO_CRAWLERS)]
    opened = [start + path for start in languages for path in OPEN_PAGES]
    lines = ["User-agent: *", *(f"Allow: {path}" for path in opened), *(f"Disallow: {path}" for path in closed), ""]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def abstract_card(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The card of an abstract whose title is public. It is the public's for every viewer, because people pass it on."""
    rows = Abstract.objects.visible_to(ANONYMOUS, request.at, least=Level.TITLED).select_related("meeting")
    abstract = get_object_or_404(rows, slug=slug)
    return _image(card_words(reading.document(abstract)))


@require_safe
def site_card(request: HttpRequest) -> HttpResponse:
    """The card of every page that has none of its own."""
    return _image(site_card_words())


def _image(words: CardWords) -> HttpResponse:
    return HttpResponse(draw(words), content_type="image/png")
