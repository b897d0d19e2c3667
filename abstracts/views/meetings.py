"""Meetings: the list, a meeting's program and abstracts, its embargo policy."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import linked_meeting, meeting_tags
from ..models import Meeting, Session
from ..reading.program import Outline, number_ranges, outline
from ..visibility import ArchiveRequest
from ..words.query_strings import clean_query, is_valid
from .filters import ProgramFilter
from .listing import by_menu_group
from .paging import paginate

# Up to so many sessions the program shows all days at once.
FEW_SESSIONS = 40
SESSIONS_A_PAGE = 120


@require_safe
def meeting_list(request: ArchiveRequest) -> HttpResponse:
    """All meetings, in the order and the groups that staff chose."""
    page = paginate(request, Meeting.objects.visible_to(request.viewer).newest_first(), per_page=100)
    return render(request, "abstracts/meeting_list.html", {"page": page, "groups": by_menu_group(page.object_list)})


@require_safe
def meeting(request: ArchiveRequest, slug: str) -> HttpResponse:
    """A meeting: its program day by day, or (`?view=abstracts`, or a filter of titles) its abstracts by number."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    shape = outline(meeting, request.viewer)
    filters = ProgramFilter(clean_query(request.GET), meeting, shape, request.viewer, request.at)
    context = {"meeting": meeting, "outline": shape, "filters": filters}
    context |= {"tags": meeting_tags(meeting), "linked": linked_meeting(meeting)}
    if not is_valid(filters.form):
        context["view"] = "slip"
    elif filters.form.cleaned_data["view"] == "abstracts" or filters.seeks_abstracts or not shape.sessions:
        context |= _abstracts(request, filters)
    else:
        context |= _program(request, meeting, shape, filters)
    return render(request, "abstracts/meeting.html", context)


@require_safe
def embargo_policy(request: ArchiveRequest, slug: str) -> HttpResponse:
    """What may be published about a meeting's abstracts, and from when."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.viewer), slug=slug)
    policy, language = meeting.text_in("embargo_policy", get_language())
    context = {
        "meeting": meeting,
        "policy": policy,
        "policy_language": language,
        "is_over": meeting.is_over(request.at),
    }
    return render(request, "abstracts/embargo_policy.html", context)


def _abstracts(request: ArchiveRequest, filters: ProgramFilter) -> dict[str, Any]:
    page = paginate(request, filters.qs)
    canonical_path = f"{filters.meeting.get_absolute_url()}?view=abstracts"
    rows = reading.rows(page.object_list)
    return {"view": "abstracts", "page": page, "rows": rows, "canonical_path": canonical_path}


def _program(request: ArchiveRequest, meeting: Meeting, shape: Outline, filters: ProgramFilter) -> dict[str, Any]:
    conditions = filters.session_conditions()
    is_short = shape.sessions <= FEW_SESSIONS
    if not conditions and not is_short:
        conditions = {"date": shape.days[0]} if shape.days[0] else {"date__isnull": True}
    sessions = Session.objects.visible_to(request.viewer).filter(meeting=meeting, **conditions).in_program_order()
    page = paginate(request, sessions, SESSIONS_A_PAGE)
    return {
        "view": "program",
        "page": page,
        "days": _by_day(request, meeting, page.object_list),
        "day_shown": _day_shown(conditions),
        "shows_all_days": is_short,
    }


def _by_day(
    request: ArchiveRequest, meeting: Meeting, sessions: Iterable[Session]
) -> list[tuple[dt.date | None, list]]:
    """Sessions with their number range (None where no abstract is visible), by day."""
    rows = list(sessions)
    ranges = number_ranges([session.pk for session in rows], request.viewer, request.at)
    for session in rows:
        session.meeting = meeting
    return [
        (day, [(session, ranges.get(session.pk)) for session in of_day])
        for day, of_day in groupby(rows, key=lambda session: session.date)
    ]


def _day_shown(conditions: dict) -> str:
    if conditions.get("date__isnull"):
        return "none"
    return str(conditions.get("date", ""))
