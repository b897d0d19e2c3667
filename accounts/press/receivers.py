"""Records what the press reads ahead of release."""

import datetime as dt
from collections.abc import Iterable

from django.dispatch import receiver

from abstracts.reading.signals import embargoed_read
from abstracts.visibility import Role, Viewer

from ..models import EmbargoedRead, User
from ..secret_addresses import without_secrets


@receiver(embargoed_read)
def record_read(sender, viewer: Viewer, abstracts: Iterable[int], at: dt.datetime, path: str, **kwargs) -> None:
    """Record every full text that the press reads ahead of release: who, when and where."""
    if viewer.role is not Role.PRESS:
        return
    email = User.objects.values_list("email", flat=True).get(pk=viewer.user_id)  # type: ignore[misc]  # the press is signed in
    where = without_secrets(path)[:300]
    EmbargoedRead.objects.bulk_create(
        EmbargoedRead(user_id=viewer.user_id, email=email, abstract_id=pk, at=at, path=where) for pk in abstracts
    )
