"""What feeds are made of: abstracts that the public may read whole, newest released first.

Feeds are the public's: they are read by programs that pass on what they find, so nobody gets more in one than anybody.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from itertools import islice

from ..models import Abstract, AbstractKeyword, ArchiveState, Keyword, Meeting
from ..reading import Document
from ..visibility import ANONYMOUS, LawfulQuerySet, Level, Status

NEWEST_RELEASED = ("-released_from", "-number_key", "-pk")
# What readers have to be told of again: their text changed, or is not to be relied on.
_AMENDED = (Status.CORRECTED, Status.RETRACTED)


def released(at: dt.datetime) -> LawfulQuerySet:
    """The abstracts that anybody may read whole at `at`, newest released first."""
    rows = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL).select_related("meeting")
    return rows.order_by(*NEWEST_RELEASED)


def of_meeting(meeting: Meeting, at: dt.datetime) -> LawfulQuerySet:
    return released(at).filter(meeting=meeting)


def of_keyword(keyword: Keyword, at: dt.datetime) -> LawfulQuerySet:
    links = AbstractKeyword.objects.visible_to(ANONYMOUS, at).filter(keyword=keyword)
    return released(at).filter(pk__in=links.values("abstract"))


def newest_of(pks: Iterable[int], at: dt.datetime, most: int) -> list[int]:
    """The `most` newest released of the primary keys `pks`, of which there may be as many as there are abstracts."""
    wanted = frozenset(pks)
    keys = released(at).values_list("pk", flat=True).iterator(chunk_size=2000) if wanted else ()
    return list(islice((pk for pk in keys if pk in wanted), most))


def updated_at(document: Document) -> dt.datetime:
    """When a released abstract became what it is: the instant of its release, or of a later correction."""
    abstract = document.abstract
    amended_at = abstract.updated_at if abstract.status in _AMENDED else None
    return max(filter(None, [abstract.released_from, amended_at]))


def identities(documents: Iterable[Document]) -> dict[int, str]:
    """By primary key, what each abstract is called in every feed for ever, whatever its title and address become."""
    archive = ArchiveState.objects.values_list("identity", flat=True).filter(pk=1).first() or uuid.UUID(int=0)
    return {d.abstract.pk: uuid.uuid5(archive, f"abstract {d.abstract.pk}").urn for d in documents}
