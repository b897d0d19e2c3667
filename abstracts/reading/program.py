"""The program of a meeting as pages show it: number ranges of sessions, what stands before and after.

Ranges are derived from what the viewer may see, never stored.
"""

import datetime as dt
import functools
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, CharField, Count, F, Max, Min, QuerySet, Value, When
from django.db.models.functions import Concat, RPad

from ..models import Abstract, Meeting, Presentation, Session
from ..visibility import Viewer
from ..visibility.prepared import SOME_INSTANT, PreparedQuery
from . import Document, in_order_of

_KEY_LENGTH = 160


class NumberRange(NamedTuple):
    """The visible abstracts of a session: first and last number in natural order ("" where none has one), count."""

    first: str
    last: str
    count: int  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}–{self.last}"


class Neighbours(NamedTuple):
    """What stands before and after something in its order; None at the ends."""

    previous: Abstract | Session | None
    next: Abstract | Session | None


def number_ranges(sessions: Collection[int], viewer: Viewer, at: dt.datetime) -> dict[int, NumberRange]:
    """The range of each of `sessions` (primary keys) that has abstracts visible to `viewer`, in one query."""
    if not sessions:
        return {}
    # Keys are letters and digits; padded with zeros to one length they keep their order in every collation.
    key = RPad("abstract__number_key", _KEY_LENGTH, Value("0"))
    numbered = Case(
        When(abstract__number__isnull=False, then=Concat(key, "abstract__number", output_field=CharField()))
    )
    found = (
        Presentation.objects.visible_to(viewer, at)
        .filter(session__in=sessions)
        .order_by()
        .values_list("session_id")
        .annotate(first=Min(numbered), last=Max(numbered), n=Count("pk"))
    )
    return {
        session: NumberRange((first or "")[_KEY_LENGTH:], (last or "")[_KEY_LENGTH:], count)
        for session, first, last, count in found
    }


class Surroundings(NamedTuple):
    """Where an abstract stands: the range of each of its sessions, and what is before and after it in the first."""

    ranges: dict[int, NumberRange]
    neighbours: Neighbours


# (abstract id, number key, number) of what is presented in a session, in order.
_Places = list[tuple[int, str, str | None]]


def surroundings(document: Document, viewer: Viewer, at: dt.datetime) -> Surroundings:
    """The surroundings of `document`, of what `viewer` may see, in at most two queries."""
    if not document.slots:
        return Surroundings({}, Neighbours(None, None))
    places = _places([slot.session.pk for slot in document.slots], viewer, at)
    order = [pk for pk, _, _ in places[document.slots[0].session.pk]]
    ranges = {session: _range_of(there) for session, there in places.items()}
    return Surroundings(ranges, _neighbours(document.abstract, order, viewer, at))


@functools.cache
def _places_for(viewer: Viewer) -> PreparedQuery:
    """What is presented in sessions: as a query put together once for a viewer."""
    columns = ("session_id", "abstract_id", "abstract__number_key", "abstract__number")

    def shape(sessions: list[int]) -> QuerySet:
        rows = Presentation.objects.visible_to(viewer, SOME_INSTANT).filter(session__in=sessions)
        return rows.order_by("position", "abstract__number_key", "abstract_id").values_list(*columns)

    return PreparedQuery(Presentation, shape)


def _places(sessions: Collection[int], viewer: Viewer, at: dt.datetime) -> dict[int, _Places]:
    found: dict[int, _Places] = {session: [] for session in sessions}
    for session, *place in _places_for(Viewer(viewer.role)).rows(list(sessions), at):
        found[session].append(tuple(place))
    return found


def _neighbours(abstract: Abstract, order: list[int], viewer: Viewer, at: dt.datetime) -> Neighbours:
    """The abstracts beside `abstract` in `order` (primary keys)."""
    ends = [None, *order, None]
    here = ends.index(abstract.pk) if abstract.pk in ends else 0
    before, after = (ends[here - 1], ends[here + 1]) if here else (None, None)
    near = in_order_of([pk for pk in (before, after) if pk], viewer, at)
    found: dict[int | None, Abstract] = {row.pk: row for row in near}
    return Neighbours(found.get(before), found.get(after))


def _range_of(places: _Places) -> NumberRange:
    numbers = [(key, number) for _, key, number in places if number]
    return NumberRange(min(numbers)[1], max(numbers)[1], len(places)) if numbers else NumberRange("", "", len(places))


def in_session_order(session: Session, viewer: Viewer, at: dt.datetime):
    """The abstracts of `session` that `viewer` may see, in the order of their presentation."""
    return (
        Abstract.objects.visible_to(viewer, at)
        .filter(presentation__session=session)
        .annotate(place=F("presentation__position"))
        .order_by("place", "number_key", "pk")
        .select_related("meeting")
    )


def session_neighbours(session: Session, viewer: Viewer) -> Neighbours:
    """The sessions before and after `session` in the program of its meeting."""
    order = list(
        Session.objects.visible_to(viewer)
        .filter(meeting=session.meeting_id)
        .in_program_order()
        .only("pk", "title", "slug", "meeting_id")
    )
    at = next(i for i, other in enumerate(order) if other.pk == session.pk)
    near = (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)
    for other in near:
        if other:
            other.meeting = session.meeting
    return Neighbours(*near)


class Outline(NamedTuple):
    """A meeting's program from afar: its days (None for sessions without a date, last), types and size."""

    days: list[dt.date | None]
    types: list[str]
    sessions: int


def outline(meeting: Meeting, viewer: Viewer) -> Outline:
    """The outline of `meeting`, in one query."""
    groups = (
        Session.objects.visible_to(viewer)
        .filter(meeting=meeting)
        .order_by()
        .values_list("date", "type")
        .annotate(n=Count("pk"))
    )
    found = list(groups)
    days = sorted({date for date, _, _ in found}, key=lambda date: (date is None, date or dt.date.min))
    types = sorted({kind for _, kind, _ in found if kind}, key=str.lower)
    return Outline(days, types, sum(n for _, _, n in found))
