"""The warnings of a meeting: shortened on its page, and on a page of their own, from which some can be mended."""

from django.contrib.admin import site
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from ... import clock
from ...models import Meeting
from . import warnings_of
from .base import Link, MeetingWarning

EXAMPLES_ON_MEETING = 3
EXAMPLES = 200
# They name abstracts under embargo.
NEEDED = ("abstracts.view_meeting", "abstracts.view_abstract")


def may_see_warnings(user) -> bool:
    return user.has_perms(NEEDED)


def warnings_in_short(meeting: Meeting) -> SafeString:
    """For the page of the stored `meeting`."""
    context = {"meeting": meeting, "warnings": _shortened(meeting, EXAMPLES_ON_MEETING)}
    return render_to_string("admin/abstracts/_warnings.html", context)


@require_safe
def warnings_view(request: HttpRequest, meeting: int) -> HttpResponse:
    if not may_see_warnings(request.user):
        raise PermissionDenied
    row = get_object_or_404(Meeting, pk=meeting)
    context = {
        **site.each_context(request),
        "title": f"Warnings: {row}",
        "opts": Meeting._meta,
        "meeting": row,
        "warnings": _shortened(row, EXAMPLES),
        "offers_actions": request.user.has_perm("abstracts.change_abstract"),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return render(request, "admin/abstracts/warnings.html", context)


def _shortened(meeting: Meeting, most: int) -> list[tuple[MeetingWarning, list[Link], int]]:
    """Each warning with at most `most` examples, and the number of the others."""
    warnings = warnings_of(meeting, clock.now())
    return [(warning, warning.examples[:most], max(len(warning.examples) - most, 0)) for warning in warnings]
