"""Abstracts as files, for reference managers, spreadsheets and programs: one, a session's, a meeting's, a search's."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..exporting import FORMATS
from ..exporting.streaming import about_of, export_response
from ..models import Abstract, Meeting, Session, SlugRedirect
from ..reading.program import in_session_order
from ..reading.wording import label
from ..search import search
from ..search.form import SearchFilters
from ..search.personal import own
from ..visibility import Level


@require_safe
def abstract_export(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """One abstract whose title may be known; a former address leads on."""
    _check(name)
    rows = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    found = rows.filter(slug=slug).first()
    if not found:
        former = SlugRedirect.objects.visible_to(request.viewer, request.at).filter(slug=slug)
        moved = get_object_or_404(rows, pk__in=former.values("abstract_id"))
        return redirect("abstract-export", moved.slug, name, permanent=True)
    return export_response(request, [found.pk], name, about_of(request, label(found), found.slug))


@require_safe
def session_export(request: HttpRequest, meeting: str, slug: str, name: str) -> HttpResponseBase:
    """A session's abstracts in the order of their presentation."""
    _check(name)
    sessions = Session.objects.visible_to(request.viewer).select_related("meeting")
    found = get_object_or_404(sessions, meeting__slug=meeting, slug=slug)
    about = about_of(request, f"{found.title} – {found.meeting.name}", f"{found.meeting.slug} {found.slug}")
    return export_response(request, in_session_order(found, request.viewer, request.at), name, about)


@require_safe
def meeting_export(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """All abstracts of a meeting, by number."""
    _check(name)
    found = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    rows = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    rows = rows.filter(meeting=found).order_by("number_key", "pk")
    return export_response(request, rows, name, about_of(request, found.name, found.slug))


@require_safe
def search_export(request: HttpRequest, name: str) -> HttpResponseBase:
    """All that a search tells to have found, in its order; without a question, back to the form.

    Raises BadRequest for what no form sends.
    """
    _check(name)
    filters = SearchFilters(request.GET, request.viewer, request.at)
    query = filters.query(lambda: own("favorites", request))
    if query is None or query.is_empty:
        return redirect(f"{reverse('search')}?{filters.data.urlencode()}")
    results = search(query, request.viewer, request.at)
    title = f"Search: {query.text}" if query.text else "Search"
    response = export_response(request, results.pks(), name, about_of(request, title, "search"))
    # While the index is built the database answers, in another order.
    response.is_makeshift = results.found is None  # type: ignore[attr-defined]
    return response


def _check(name: str) -> None:
    if name not in FORMATS:
        raise Http404
