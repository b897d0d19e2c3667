"""Meetings: the list, a meeting's program and abstracts, its embargo policy."""

import datetime as dt
from itertools import groupby

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from .. import reading
from ..describing import linked_meeting, meeting_tags
from ..models import Meeting, Session
from ..reading.program import Outline, number_ranges, outline
from .filters import ProgramFilter, refuse_tampering
from .paging import paginate

# Up to so many sessions the program shows all days at once.
FEW_SESSIONS = 40
SESSIONS_A_PAGE = 120


def meeting_list(request: HttpRequest) -> HttpResponse:
    """All meetings, as staff order and group them."""
    meetings = Meeting.objects.visible_to(request.viewer).newest_first()
    page = paginate(request, meetings, per_page=100)
    groups = {}
    for meeting in page.object_list:
        groups.setdefault(meeting.menu_group, []).append(meeting)
    return render(request, "abstracts/meeting_list.html", {"page": page, "groups": list(groups.items())})


def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """A meeting: its program day by day, or (`?view=abstracts`, or a filter of titles) its abstracts by number."""
    found = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    shape = outline(found, request.viewer)
    filters = ProgramFilter(request.GET, found, shape, request.viewer, request.at)
    valid = refuse_tampering(filters.form)
    context = {"meeting": found, "outline": shape, "filters": filters}
    context |= {"tags": meeting_tags(found), "linked": linked_meeting(found)}
    if not valid:
        return render(request, "abstracts/meeting.html", context | {"view": "slip"})
    if filters.form.cleaned_data["view"] == "abstracts" or filters.seeks_abstracts or not shape.sessions:
        return render(request, "abstracts/meeting.html", context | _abstracts(request, filters))
    return render(request, "abstracts/meeting.html", context | _program(request, found, shape, filters))


def embargo_policy(request: HttpRequest, slug: str) -> HttpResponse:
    """What may be said of a meeting's abstracts, and from when."""
    found = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    return render(request, "abstracts/embargo_policy.html", {"meeting": found})


def _abstracts(request: HttpRequest, filters: ProgramFilter) -> dict:
    page = paginate(request, filters.qs)
    rows = reading.rows(page.object_list)
    address = f"{filters.meeting.get_absolute_url()}?view=abstracts"
    return {"view": "abstracts", "page": page, "rows": rows, "canonical_path": address}


def _program(request: HttpRequest, found: Meeting, shape: Outline, filters: ProgramFilter) -> dict:
    conditions = filters.session_conditions()
    is_short = shape.sessions <= FEW_SESSIONS
    if not conditions and not is_short:
        conditions = {"date": shape.days[0]} if shape.days[0] else {"date__isnull": True}
    sessions = Session.objects.visible_to(request.viewer).filter(meeting=found, **conditions).in_program_order()
    page = paginate(request, sessions, SESSIONS_A_PAGE)
    return {
        "view": "program",
        "page": page,
        "days": _by_day(request, found, page.object_list),
        "day_shown": _day_shown(conditions),
        "shows_all_days": is_short,
    }


def _by_day(request: HttpRequest, found: Meeting, sessions: QuerySet[Session]) -> list[tuple[dt.date | None, list]]:
    """Sessions with their number range (None where none is visible), by day."""
    listed = list(sessions)
    ranges = number_ranges([session.pk for session in listed], request.viewer, request.at)
    for session in listed:
        session.meeting = found
    return [
        (day, [(session, ranges.get(session.pk)) for session in of_day])
        for day, of_day in groupby(listed, key=lambda session: session.date)
    ]


def _day_shown(conditions: dict) -> str:
    if conditions.get("date__isnull"):
        return "none"
    return str(conditions.get("date", ""))
