"""Who asks: turns a request's user into the viewer of the visibility law."""

from django.http import HttpRequest

from abstracts.visibility import ANONYMOUS, Role, Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer behind `request`. Without a session cookie it is ANONYMOUS, and the session stays untouched."""
    from django.conf import settings

    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ANONYMOUS
    user = request.user
    if not user.is_authenticated:
        return ANONYMOUS
    if user.is_staff and user.has_perm("abstracts.view_abstract"):
        return Viewer(Role.STAFF, user.pk)
    if user.has_perm("abstracts.read_embargoed") and user.embargo_terms_accepted_at:
        return Viewer(Role.PRESS, user.pk)
    return Viewer(Role.READER, user.pk)
