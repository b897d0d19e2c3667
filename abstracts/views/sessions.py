"""One session of a meeting."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import linked_session, session_tags
from ..models import Session
from ..reading.program import in_session_order, number_ranges, session_neighbors
from ..visibility import ArchiveRequest
from .paging import paginate


@require_safe
def session(request: ArchiveRequest, meeting: str, slug: str) -> HttpResponse:
    """The abstracts of a session in the order of their presentation, and the sessions before and after it."""
    sessions = Session.objects.visible_to(request.viewer).select_related("meeting")
    session = get_object_or_404(sessions, meeting__slug=meeting, slug=slug)
    page = paginate(request, in_session_order(session, request.viewer, request.at), per_page=100)
    context = {
        "session": session,
        "meeting": session.meeting,
        "page": page,
        "rows": reading.rows(page.object_list),
        "range": number_ranges([session.pk], request.viewer, request.at).get(session.pk),
        "tags": session_tags(session),
        "linked": linked_session(session),
        "neighbors": session_neighbors(session, request.viewer),
    }
    return render(request, "abstracts/session.html", context)
