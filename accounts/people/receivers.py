"""Cleans up after deleted accounts."""

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from ..models import User


@receiver(pre_delete, sender=User)
def end_sessions(sender, instance: User, **kwargs) -> None:
    """The sessions of a deleted account end: they hold its e-mail address."""
    for session in UserSession.objects.filter(user=instance):
        session.end()


@receiver(post_delete, sender=User)
def remove_from_admin_log(sender, instance: User, **kwargs) -> None:
    """The admin's log of changes of the account stays, without its e-mail address."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(instance.pk))
    entries.update(object_repr="deleted account")
