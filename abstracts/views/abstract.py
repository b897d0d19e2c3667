"""The page of one abstract, and the addresses that lead to it."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from .. import reading
from ..citing.ama import ama_html, ama_text
from ..describing import abstract_tags, full_address, linked_abstract, square_code, teaser
from ..exporting.negotiation import format_asked
from ..models import Abstract, SlugRedirect
from ..reading.program import surroundings
from ..reading.signals import tell_of_embargoed
from ..search.related import related
from ..visibility import Level


def abstract(request: HttpRequest, slug: str) -> HttpResponse:
    """An abstract whose title may be known, by that title; a former address leads on; else not found."""
    found = reading.by_slug(slug, request.viewer, request.at)
    if not found:
        return _former_slug(request, slug)
    if name := format_asked(request):
        return _other_form(found, name)
    response = _page(request, found)
    patch_vary_headers(response, ["Accept"])
    return response


def _other_form(found: Abstract, name: str) -> HttpResponse:
    """The way to the file that a program asked for by Accept."""
    response = HttpResponse(status=303, headers={"Location": reverse("abstract-export", args=[found.slug, name])})
    patch_vary_headers(response, ["Accept"])
    return response


def abstract_by_number(request: HttpRequest, meeting: str, number: str) -> HttpResponse:
    """An abstract by number: its page where only the number may be known, else the way to its title's address."""
    rows = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    found = rows.filter(meeting__slug=meeting, number=number).first()
    if not found:
        raise Http404
    return redirect(found) if found.level >= Level.LISTED else _page(request, found)


def _former_slug(request: HttpRequest, slug: str) -> HttpResponse:
    former = SlugRedirect.objects.visible_to(request.viewer, request.at).filter(slug=slug)
    rows = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED).select_related("meeting")
    found = rows.filter(pk__in=former.values("abstract_id")).first()
    if not found:
        raise Http404
    return redirect(found, permanent=True)


def _page(request: HttpRequest, found: Abstract) -> HttpResponse:
    document = reading.document(found)
    tell_of_embargoed([document], request.viewer, request.at, request.path)
    news_until = found.meeting.news_embargo_at
    context = {
        "document": document,
        "abstract": found,
        "meeting": found.meeting,
        "around": surroundings(document, request.viewer, request.at),
        "citation": ama_html(document, settings.SITE_URL, request.at.date()),
        "citation_text": ama_text(document, settings.SITE_URL, request.at.date()),
        "description": teaser(document),
        "tags": abstract_tags(document),
        "linked": linked_abstract(document),
        "code": square_code(full_address(document.url)),
        "news_embargo": news_until if news_until and request.at < news_until else None,
        "related": related(found, request.viewer, request.at),
        "canonical_path": document.url,
    }
    return render(request, "abstracts/abstract.html", context)
