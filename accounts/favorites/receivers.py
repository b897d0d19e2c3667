"""What happens to favorites when somebody signs in."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from ..models import User
from . import SESSION_KEY, merge


@receiver(user_logged_in)
def keep_favorites(sender, request, user: User, **kwargs) -> None:
    """What was saved before signing in is the user's from now on."""
    session = getattr(request, "session", None)
    if session is not None and (list_pk := session.pop(SESSION_KEY, None)):
        merge(list_pk, user)
