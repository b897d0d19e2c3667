"""Receivers of the accounts application."""

import datetime as dt
from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.signals import user_logged_in
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from abstracts.signals import embargoed_read
from abstracts.visibility import Role, Viewer

from . import favorites
from .models import EmbargoedRead, User
from .secret_paths import without_secret


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
    where = without_secret(path)[:300]
    EmbargoedRead.objects.bulk_create(
        EmbargoedRead(user_id=viewer.user_id, email=email, abstract_id=pk, at=at, path=where) for pk in abstracts
    )


@receiver(pre_delete, sender=User)
def end_sessions(sender, instance: User, **kwargs) -> None:
    """The sessions of a deleted account end: they hold its e-mail address."""
    for session in UserSession.objects.filter(user=instance):
        session.end()


@receiver(post_delete, sender=User)
def forget_in_admin_log(sender, instance: User, **kwargs) -> None:
    """What staff did to the account stays in the admin's log, without its e-mail address."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(instance.pk))
    about.update(object_repr="deleted account")
