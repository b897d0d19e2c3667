"""One session of a meeting."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .. import reading
from ..describing import linked_session, session_tags
from ..models import Session
from ..reading.program import in_session_order, number_ranges, session_neighbours
from .paging import paginate


def session(request: HttpRequest, meeting: str, slug: str) -> HttpResponse:
    """The abstracts of a session in the order of their presentation, and the sessions before and after it."""
    sessions = Session.objects.visible_to(request.viewer).select_related("meeting")
    found = get_object_or_404(sessions, meeting__slug=meeting, slug=slug)
    page = paginate(request, in_session_order(found, request.viewer, request.at), per_page=100)
    context = {
        "session": found,
        "meeting": found.meeting,
        "page": page,
        "rows": reading.rows(page.object_list),
        "range": number_ranges([found.pk], request.viewer, request.at).get(found.pk),
        "tags": session_tags(found),
        "linked": linked_session(found),
        "neighbours": session_neighbours(found, request.viewer),
    }
    return render(request, "abstracts/session.html", context)
