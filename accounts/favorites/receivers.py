"""Merges the favorites of a browser session into the user's at sign-in."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from ..models import User
from . import SESSION_KEY, merge


@receiver(user_logged_in)
def merge_favorites(sender, request, user: User, **kwargs) -> None:
    session = getattr(request, "session", None)
    if session is not None and (list_pk := session.pop(SESSION_KEY, None)):
        merge(list_pk, user)
