"""What is to happen by itself: the index follows the database; alerts, cleanup and books are done in time.

Timers are known by what they should have done, whatever runs them.
"""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

from django.contrib.sessions.models import Session
from django.core.checks import CheckMessage, Error, Warning
from django.db.models import Exists, OuterRef

from abstracts import clock
from abstracts.downloads import shelf
from abstracts.models import Abstract, ArchiveState, Meeting
from abstracts.search.replica import get_replica
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer
from accounts.models import PublicSince, SavedSearch

LONGEST_WITHOUT_ALERTS = dt.timedelta(hours=1)
LONGEST_WITHOUT_CLEANUP = dt.timedelta(days=3)
LONGEST_WITHOUT_BOOK = dt.timedelta(hours=1)


def check_index() -> Iterator[CheckMessage]:
    target = get_replica()
    if target is None:
        return  # an empty archive
    snapshot = target[0].open_snapshot()
    if snapshot is None:
        lacking = "There is no search index; the database answers searches more plainly."
        yield Warning(lacking, "archive-manage search_index --update")
    elif not ArchiveState.has_been_at(snapshot.mark):
        yield Warning("The search index is of another database's history.", "archive-manage search_index --rebuild")


def check_timers() -> Iterator[CheckMessage]:
    now = clock.now()
    if SavedSearch.objects.exists() and _is_unnoticed(now - LONGEST_WITHOUT_ALERTS):
        yield Error(
            "Abstracts that were released more than an hour ago were not looked at for alerts.",
            "Run send_alerts every 15 minutes: systemctl enable --now archive-alerts.timer (or deploy/cron).",
        )
    if Session.objects.filter(expire_date__lt=now - LONGEST_WITHOUT_CLEANUP).exists():
        yield Warning(
            "Sessions that ended days ago are still there.",
            "Clean up daily: systemctl enable --now archive-cleanup.timer (or deploy/cron).",
        )
    late = [meeting.name for meeting in Meeting.objects.visible_to(Viewer(Role.STAFF)) if _is_book_late(meeting)]
    if late:
        yield Error(
            f"Books asked for more than an hour ago are not made: {', '.join(late)}.",
            "Run make_downloads --loop: systemctl enable --now archive-books (or set DOWNLOADS_ON_DEMAND=true).",
        )


def _is_unnoticed(before: dt.datetime) -> bool:
    """Whether `send_alerts` has not noticed an abstract that the public has seen since `before` or earlier."""
    noticed = PublicSince.objects.filter(abstract=OuterRef("pk"))
    visible = Abstract.objects.visible_to(ANONYMOUS, before, least=Level.LISTED).order_by()
    return visible.filter(~Exists(noticed), created_at__lt=before).exists()


def _is_book_late(meeting: Meeting) -> bool:
    wanted: Path = shelf.folder_of(meeting) / "wanted"
    return wanted.exists() and time.time() - wanted.stat().st_mtime > LONGEST_WITHOUT_BOOK.total_seconds()
