"""What the archive tells whoever listens."""

import datetime as dt
from collections.abc import Iterable

from django.dispatch import Signal

from ..models import Abstract
from ..visibility import Viewer
from . import Row

# Sent with sender=Abstract, viewer, abstracts (list of primary keys), at, path: their full text was shown ahead of
# its release.
embargoed_read = Signal()


def tell_of_embargoed(rows: Iterable[Row], viewer: Viewer, at: dt.datetime, path: str) -> None:
    """Send `embargoed_read` for those of `rows` whose full text `viewer` sees ahead of release, where there are any.

    To be called by every page that shows full text.
    """
    if pks := [row.abstract.pk for row in rows if row.is_full and row.is_ahead_of_release]:
        embargoed_read.send(sender=Abstract, viewer=viewer, abstracts=pks, at=at, path=path)
