"""What machines fetch beside the pages: social cards, and where crawlers are not to go."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import CardWords, card_words, draw, site_card_words
from ..models import Abstract
from ..visibility import ANONYMOUS, Level

# What is another form of pages, asks much of the server, or is somebody's own. Figures are welcome to be found.
CLOSED_TO_CRAWLERS = ("accounts/", "favorites/", "lists/", "search/", "download/")
# Of these, what has no query: the empty form, and a crawler's favorites, which are none ($ ends a path, RFC 9309).
OPEN_PAGES = ("favorites/$", "search/$")
CLOSED_FILES = ("/admin/", "/feeds/search/", "/*/export/", "/offline/")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Which addresses crawlers are to leave alone, and where the sitemap is."""
    languages = ["/", *(f"/{code}/" for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    closed = [*CLOSED_FILES, *(start + path for start in languages for path in CLOSED_TO_CRAWLERS)]
    opened = [start + path for start in languages for path in OPEN_PAGES]
    lines = ["User-agent: *", *(f"Allow: {path}" for path in opened), *(f"Disallow: {path}" for path in closed), ""]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def abstract_card(request: HttpRequest, slug: str) -> HttpResponse:
    """The card of an abstract whose title is public, whoever asks: it is made to be passed on."""
    rows = Abstract.objects.visible_to(ANONYMOUS, request.at, least=Level.LISTED).select_related("meeting")
    found = get_object_or_404(rows, slug=slug)
    return _image(card_words(reading.document(found)))


@require_safe
def site_card(request: HttpRequest) -> HttpResponse:
    """The card of every page that has none of its own."""
    return _image(site_card_words())


def _image(words: CardWords) -> HttpResponse:
    return HttpResponse(draw(words), content_type="image/png")
