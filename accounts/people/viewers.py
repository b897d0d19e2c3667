"""Turns the user of a request into the viewer of the visibility law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

from abstracts.models import Meeting
from abstracts.visibility import ANONYMOUS, Role, Viewer

from . import second_factor

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ..models import User


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer of `request`. Without a session cookie it is ANONYMOUS, and the session is not read."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ANONYMOUS
    user = request.user
    if not user.is_authenticated:
        return ANONYMOUS
    if second_factor.is_lacking(request):
        return Viewer(Role.READER, user.pk)
    if _is_curator(user):
        return Viewer(Role.STAFF, user.pk)
    if user.embargo_terms_accepted_at and may_become_press(user):
        meetings = frozenset(Meeting.objects.filter(is_published=True).values_list("pk", flat=True))
        return Viewer(Role.PRESS, user.pk, meetings, meetings)
    return Viewer(Role.READER, user.pk)


def may_become_press(user: User | AnonymousUser) -> bool:
    """Whether `user` may read embargoed content after accepting the terms. Curators need no such permission."""
    return user.is_authenticated and not _is_curator(user) and user.has_perm("abstracts.read_embargoed")


def _is_curator(user: User) -> bool:
    return user.is_staff and user.has_perm("abstracts.view_abstract")
