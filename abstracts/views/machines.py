"""What machines fetch beside the pages: the social cards."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import CardWords, card_words, draw, site_card_words
from ..models import Abstract
from ..visibility import ANONYMOUS, Level


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
