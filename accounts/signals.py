"""Receivers of the accounts application."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from abstracts.signals import embargoed_read
from abstracts.visibility import Role, Viewer

from . import favorites
from .models import EmbargoedRead, User


@receiver(user_logged_in)
def keep_favorites(sender, request, user: User, **kwargs) -> None:
    """What was saved before signing in is the user's from now on."""
    session = getattr(request, "session", None)
    if session is not None and (list_pk := session.pop(favorites.SESSION_KEY, None)):
        favorites.merge(list_pk, user)


@receiver(embargoed_read)
def write_down(sender, viewer: Viewer, abstracts: Iterable[int], at: dt.datetime, path: str, **kwargs) -> None:
    """Every full text that the press reads ahead of release is written down, with who, when and where."""
    if viewer.role is not Role.PRESS:
        return
    email = User.objects.values_list("email", flat=True).get(pk=viewer.user_id)
    EmbargoedRead.objects.bulk_create(
        EmbargoedRead(user_id=viewer.user_id, email=email, abstract_id=pk, at=at, path=path[:300]) for pk in abstracts
    )
