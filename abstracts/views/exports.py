"""Abstracts as files, for reference managers, spreadsheets and programs: one, a session's, a meeting's, a search's."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..exporting import FORMATS
from ..exporting.streaming import about_of, export_response
from ..models import Meeting, Session
from ..reading.program import in_session_order
from ..reading.wording import label
from ..search import search
from ..search.form import SearchFilters
from ..search.personal import personal_pks
from ..visibility import ArchiveRequest
from ..visibility.requests import makes_file
from .abstract import abstract_of_former_slug, titled_abstracts
from .caching import forbid_sharing


@require_safe
@makes_file
def abstract_export(request: ArchiveRequest, slug: str, name: str) -> HttpResponseBase:
    """One abstract whose title may be known; a former address redirects."""
    check_format(name)
    abstract = titled_abstracts(request).filter(slug=slug).first()
    if not abstract:
        return redirect("abstract-export", abstract_of_former_slug(request, slug).slug, name, permanent=True)
    return export_response(request, [abstract.pk], name, about_of(request, label(abstract), abstract.slug))


@require_safe
@makes_file
def session_export(request: ArchiveRequest, meeting: str, slug: str, name: str) -> HttpResponseBase:
    """A session's abstracts in the order of their presentation."""
    check_format(name)
    sessions = Session.objects.visible_to(request.viewer).select_related("meeting")
    session = get_object_or_404(sessions, meeting__slug=meeting, slug=slug)
    title, stem = f"{session.title} – {session.meeting.name}", f"{session.meeting.slug} {session.slug}"
    rows = in_session_order(session, request.viewer, request.at)
    return export_response(request, rows, name, about_of(request, title, stem))


@require_safe
@makes_file
def meeting_export(request: ArchiveRequest, slug: str, name: str) -> HttpResponseBase:
    """All abstracts of a meeting, by number."""
    check_format(name)
    meeting = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    rows = titled_abstracts(request).filter(meeting=meeting).order_by("number_key", "pk")
    return export_response(request, rows, name, about_of(request, meeting.name, meeting.slug))


@require_safe
@makes_file
def search_export(request: ArchiveRequest, name: str) -> HttpResponseBase:
    """All results of a search, in their order. An empty search, or a slip in it, leads to the form."""
    check_format(name)
    filters = SearchFilters(request.GET, request.viewer, request.at)
    query = filters.query(lambda: personal_pks("favorites", request))
    if query is None or query.is_empty:
        return redirect(f"{reverse('search')}?{filters.data.urlencode()}")
    results = search(query, request.viewer, request.at)
    title = f"Search: {query.text}" if query.text else "Search"
    response = export_response(request, results.pks(), name, about_of(request, title, "search"))
    if results.matches is None:
        # While the index is built the database answers, in another order.
        forbid_sharing(response)
    return response


def check_format(name: str) -> None:
    """Raise Http404 for a format that does not exist."""
    if name not in FORMATS:
        raise Http404
