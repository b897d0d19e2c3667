"""The signal of reads ahead of release."""

import datetime as dt
from collections.abc import Iterable

from django.dispatch import Signal

from ..models import Abstract, Meeting
from ..visibility import Viewer
from . import Row

# Sent with sender=Abstract, viewer, abstracts (a list, with their meetings), at, path, kind when their full text is
# shown to somebody before the public may read it.
embargoed_read = Signal()
# Sent with sender=Meeting, meeting: since when could the press read abstracts of it ahead of release? Receivers return
# an instant, or None for never.
press_access_asked = Signal()


def send_embargoed_read(rows: Iterable[Row], viewer: Viewer, at: dt.datetime, path: str, kind: str) -> None:
    """Send `embargoed_read` for the `rows` whose full text `viewer` sees ahead of release, if there are any.

    Every page that shows full text calls it. `kind` says how it is shown: “page”, “search”, “figure”, “print”,
    “export ris” ….
    """
    if abstracts := [row.abstract for row in rows if row.is_full and row.is_ahead_of_release]:
        embargoed_read.send(sender=Abstract, viewer=viewer, abstracts=abstracts, at=at, path=path, kind=kind)


def press_reads_since(meeting: Meeting) -> dt.datetime | None:
    """The first instant from which the press could read abstracts of `meeting` ahead of release; None for never."""
    answers: list = press_access_asked.send(sender=Meeting, meeting=meeting)
    return min((instant for _, instant in answers if instant), default=None)
