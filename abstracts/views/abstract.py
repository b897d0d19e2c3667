"""The page of one abstract, and the addresses that lead to it."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from .. import reading
from ..citing.ama import ama_html, ama_text
from ..describing import abstract_tags, full_address, linked_abstract, qr_code, teaser
from ..exporting.negotiation import requested_format
from ..models import Abstract, SlugRedirect
from ..reading.program import surroundings
from ..reading.signals import send_embargoed_read
from ..reading.withdrawn import withdrawn_with_title
from ..search.related import related
from ..visibility import ArchiveRequest, LawfulQuerySet, Level
from .caching import forbid_sharing


@require_safe
def abstract(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The abstract whose title gives this address; a former address redirects to it.

    A program that asks for a reference format by Accept is redirected to that file.
    """
    row = reading.by_slug(slug, request.viewer, request.at)
    if not row:
        return _redirect_of_former_slug(request, slug)
    if name := requested_format(request):
        response = HttpResponse(status=303, headers={"Location": reverse("abstract-export", args=[row.slug, name])})
    else:
        response = _page(request, row)
    patch_vary_headers(response, ["Accept"])
    return response


@require_safe
def abstract_by_number(request: ArchiveRequest, meeting: str, number: str) -> HttpResponse:
    """An abstract by its number: a redirect to the address with the title, or the page of a shell, which has none."""
    rows = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    row = rows.filter(meeting__slug=meeting, number=number).first()
    if not row:
        raise Http404
    return redirect(row) if row.level >= Level.TITLED else _page(request, row)


def titled_abstracts(request: ArchiveRequest) -> LawfulQuerySet:
    """The abstracts whose title the viewer may know, with their meetings."""
    rows = Abstract.objects.visible_to(request.viewer, request.at, least=Level.TITLED)
    return rows.select_related("meeting")


def abstract_of_former_slug(request: ArchiveRequest, slug: str) -> Abstract:
    """The abstract that once had the address `slug`. Raises Http404 where there is none."""
    redirects = SlugRedirect.objects.visible_to(request.viewer, request.at).filter(slug=slug)
    return get_object_or_404(titled_abstracts(request), pk__in=redirects.values("abstract_id"))


def _redirect_of_former_slug(request: ArchiveRequest, slug: str) -> HttpResponse:
    """To the address now; of an abstract that was withdrawn with its title, to its number if the title was public."""
    if row := withdrawn_with_title(slug, request.viewer, request.at):
        return redirect(row)
    return redirect(abstract_of_former_slug(request, slug), permanent=True)


def _page(request: ArchiveRequest, row: Abstract) -> HttpResponse:
    document = reading.document(row)
    alike = related(row, request.viewer, request.at)
    send_embargoed_read([document], request.viewer, request.at, request.path, "page")
    news_until = row.news_embargo_at or row.meeting.news_embargo_at if row.level != Level.NOTED else None
    context = {
        "document": document,
        "abstract": row,
        "meeting": row.meeting,
        "around": surroundings(document, request.viewer, request.at),
        "citation": ama_html(document, settings.SITE_URL, request.at.date()),
        "citation_text": ama_text(document, settings.SITE_URL, request.at.date()),
        "description": teaser(document),
        "tags": abstract_tags(document),
        "linked": linked_abstract(document),
        "code": qr_code(full_address(document.url)),
        "news_embargo": news_until if news_until and request.at < news_until else None,
        "related": alike or [],
        "canonical_path": document.url,
    }
    response = render(request, "abstracts/abstract.html", context)
    if alike is None:
        # While the index is built the page lacks them: it is not to stay so.
        forbid_sharing(response)
    return response
