"""Turns the user of a request into the viewer of the visibility law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from abstracts.visibility import ANONYMOUS, ArchiveRequest, Role, Viewer

from ..models import PressAccess
from . import second_factor

if TYPE_CHECKING:
    from ..models import User


def viewer_of(request: ArchiveRequest) -> Viewer:
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
    accesses = PressAccess.objects.in_force(user.pk, request.at)
    if not accesses:
        return Viewer(Role.READER, user.pk)
    exports = frozenset(access.meeting_id for access in accesses if access.may_export)
    return Viewer(Role.PRESS, user.pk, frozenset(access.meeting_id for access in accesses), exports)


def _is_curator(user: User) -> bool:
    return user.is_staff and user.has_perm("abstracts.view_abstract")
