"""The signal of reads ahead of release."""

import datetime as dt
from collections.abc import Iterable

from django.dispatch import Signal

from ..models import Abstract
from ..visibility import Viewer
from . import Row

# Sent with sender=Abstract, viewer, abstracts (list of primary keys), at, path when their full text was shown ahead of
# its release.
embargoed_read = Signal()


def send_embargoed_read(rows: Iterable[Row], viewer: Viewer, at: dt.datetime, path: str) -> None:
    """Send `embargoed_read` for the `rows` whose full text `viewer` sees ahead of release, if there are any.

    Every page that shows full text calls it.
    """
    if pks := [row.abstract.pk for row in rows if row.is_full and row.is_ahead_of_release]:
        embargoed_read.send(sender=Abstract, viewer=viewer, abstracts=pks, at=at, path=path)
