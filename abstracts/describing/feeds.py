"""The content of feeds: abstracts that the public may read whole, the latest release first.

Programs read feeds and pass on what they find, so feeds are the same for everybody.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from itertools import islice

from ..models import Abstract, AbstractKeyword, ArchiveState, Keyword, Meeting
from ..reading import Document
from ..visibility import ANONYMOUS, LawfulQuerySet, Level, Status

NEWEST_RELEASED = ("-released_from", "-number_key", "-pk")
# Statuses that feeds report again: the text changed, or is not reliable.
_AMENDED = (Status.CORRECTED, Status.RETRACTED)


def released(at: dt.datetime) -> LawfulQuerySet:
    """The abstracts that everybody may read whole at `at`, the latest release first."""
    rows = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL).select_related("meeting")
    return rows.order_by(*NEWEST_RELEASED)


def of_meeting(meeting: Meeting, at: dt.datetime) -> LawfulQuerySet:
    return released(at).filter(meeting=meeting)


def of_keyword(keyword: Keyword, at: dt.datetime) -> LawfulQuerySet:
    links = AbstractKeyword.objects.visible_to(ANONYMOUS, at).filter(keyword=keyword)
    return released(at).filter(pk__in=links.values("abstract"))


def newest_of(pks: Iterable[int], at: dt.datetime, count: int) -> list[int]:
    """The `count` latest releases among `pks`, which may be all abstracts of the archive."""
    candidates = frozenset(pks)
    keys = released(at).values_list("pk", flat=True).iterator(chunk_size=2000) if candidates else ()
    return list(islice((pk for pk in keys if pk in candidates), count))


def updated_at(document: Document) -> dt.datetime:
    """The instant of an abstract's release, or of a later correction or retraction."""
    abstract = document.abstract
    amended_at = abstract.updated_at if abstract.status in _AMENDED else None
    return max(filter(None, [abstract.released_from, amended_at]))


def feed_ids(documents: Iterable[Document]) -> dict[int, str]:
    """By primary key, the id of each abstract in feeds; it never changes."""
    archive = ArchiveState.objects.values_list("identity", flat=True).filter(pk=1).first() or uuid.UUID(int=0)
    return {d.abstract.pk: uuid.uuid5(archive, f"abstract {d.abstract.pk}").urn for d in documents}
