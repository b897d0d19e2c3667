"""Records what press and staff read on the site ahead of release."""

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import InternalError, OperationalError, transaction
from django.dispatch import receiver

from abstracts.models import Abstract, Meeting
from abstracts.reading.signals import embargoed_read, press_access_asked
from abstracts.visibility import Viewer

from ..models import EmbargoedRead, PressAccess, User
from ..secret_addresses import without_secrets

log = structlog.get_logger(__name__)


@receiver(embargoed_read)
def record_reads(
    sender, viewer: Viewer, abstracts: Sequence[Abstract], at: dt.datetime, path: str, kind: str, **kwargs
) -> None:
    """Record who read which full texts ahead of release, how and where: one row for each abstract and day (UTC).

    A database that cannot be written breaks no page; the log holds those reads then.
    """
    if viewer.user_id is None:
        # A program of ours: a command, a benchmark.
        return
    path = without_secrets(path)[:300]
    try:
        _record(viewer, abstracts, at, path, kind)
    except (OperationalError, InternalError) as error:
        pks = [abstract.pk for abstract in abstracts]
        log.error("embargoed_read_not_recorded", user_id=viewer.user_id, abstracts=pks, path=path, reason=str(error))


def _record(viewer: Viewer, abstracts: Sequence[Abstract], at: dt.datetime, path: str, kind: str) -> None:
    day = at.astimezone(dt.UTC).date()
    pks = [abstract.pk for abstract in abstracts]
    reads_of_day = EmbargoedRead.objects.filter(user=viewer.user_id, day=day, abstract_id__in=pks)
    recorded = set(reads_of_day.values_list("abstract_id", flat=True))
    new = [abstract for abstract in abstracts if abstract.pk not in recorded]
    if not new:
        return
    email = User.objects.values_list("email", flat=True).get(pk=viewer.user_id)  # type: ignore[misc]  # signed in
    rows = [
        EmbargoedRead(
            user_id=viewer.user_id,
            email=email,
            role=EmbargoedRead.Role(viewer.role.value),
            abstract_id=abstract.pk,
            meeting=abstract.meeting.slug,
            number=abstract.number or "",
            title=abstract.title_text,
            at=at,
            day=day,
            kind=kind,
            path=path,
        )
        for abstract in new
    ]
    with transaction.atomic():
        # Another request of the same person may have recorded some of them meanwhile.
        EmbargoedRead.objects.bulk_create(rows, ignore_conflicts=True)


@receiver(press_access_asked)
def first_access_of_the_press(sender, meeting: Meeting, **kwargs) -> dt.datetime | None:
    """When somebody of the press could first read `meeting` ahead of release; or did, before accepting new terms."""
    accesses = PressAccess.objects.filter(meeting=meeting)
    times = accesses.values_list("starts_at", "accepted_at")
    opened = [max(starts_at, accepted_at) for starts_at, accepted_at in times if accepted_at]
    reads = EmbargoedRead.objects.filter(role=EmbargoedRead.Role.PRESS, meeting=meeting.slug)
    opened += reads.order_by("at").values_list("at", flat=True)[:1]
    return min(opened, default=None)
