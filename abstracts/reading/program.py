"""The program of a meeting: number ranges of sessions, previous and next abstracts and sessions, days and types.

All of it is computed from what the viewer may see; nothing is stored.
"""

import datetime as dt
import functools
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, CharField, Count, F, Max, Min, QuerySet, Value, When
from django.db.models.functions import Concat, RPad

from ..models import Abstract, Meeting, Presentation, Session
from ..visibility import Viewer
from ..visibility.prepared import SCOPES, SOME_INSTANT, PreparedQuery
from . import Document, in_order_of

_KEY_LENGTH = 160


class NumberRange(NamedTuple):
    """The visible abstracts of a session: first and last number in natural order ("" without numbers), count."""

    first: str
    last: str
    count: int  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}–{self.last}"


class Neighbors(NamedTuple):
    """The previous and next abstract or session; None at the ends."""

    previous: Abstract | Session | None
    next: Abstract | Session | None


def number_ranges(sessions: Collection[int], viewer: Viewer, at: dt.datetime) -> dict[int, NumberRange]:
    """The ranges of `sessions` (primary keys), without those that have no abstracts visible to `viewer`; one query."""
    if not sessions:
        return {}
    # Keys consist of letters and digits. Padded with zeros to the same length, they sort alike in all collations.
    key = RPad("abstract__number_key", _KEY_LENGTH, Value("0"))
    numbered = Case(
        When(abstract__number__isnull=False, then=Concat(key, "abstract__number", output_field=CharField()))
    )
    ranges = (
        Presentation.objects.visible_to(viewer, at)
        .filter(session__in=sessions)
        .order_by()
        .values_list("session_id")
        .annotate(first=Min(numbered), last=Max(numbered), n=Count("pk"))
    )
    return {
        session: NumberRange((first or "")[_KEY_LENGTH:], (last or "")[_KEY_LENGTH:], count)
        for session, first, last, count in ranges
    }


class Surroundings(NamedTuple):
    """The number range of each session of an abstract, and its neighbors in the first session."""

    ranges: dict[int, NumberRange]
    neighbors: Neighbors


# (primary key, number key, number) of the abstracts of a session, in order.
_Numbered = list[tuple[int, str, str | None]]


def surroundings(document: Document, viewer: Viewer, at: dt.datetime) -> Surroundings:
    """The surroundings of `document`, as far as `viewer` may see them, in at most two queries."""
    if not document.slots:
        return Surroundings({}, Neighbors(None, None))
    numbered = _numbered_by_session([slot.session.pk for slot in document.slots], viewer, at)
    order = [pk for pk, _, _ in numbered[document.slots[0].session.pk]]
    ranges = {session: _range_of(abstracts) for session, abstracts in numbered.items()}
    return Surroundings(ranges, _neighbors(document.abstract, order, viewer, at))


@functools.lru_cache(maxsize=SCOPES)
def _presentations_query(scope: Viewer) -> PreparedQuery:
    """The query for the presentations of sessions, compiled once for viewers who see the same."""
    columns = ("session_id", "abstract_id", "abstract__number_key", "abstract__number")

    def build(sessions: list[int]) -> QuerySet:
        rows = Presentation.objects.visible_to(scope, SOME_INSTANT).filter(session__in=sessions)
        return rows.order_by("position", "abstract__number_key", "abstract_id").values_list(*columns)

    return PreparedQuery(Presentation, build)


def _numbered_by_session(sessions: Collection[int], viewer: Viewer, at: dt.datetime) -> dict[int, _Numbered]:
    grouped: dict[int, _Numbered] = {session: [] for session in sessions}
    for session, pk, key, number in _presentations_query(viewer.scope).rows(list(sessions), at):
        grouped[session].append((pk, key, number))
    return grouped


def _neighbors(abstract: Abstract, order: list[int], viewer: Viewer, at: dt.datetime) -> Neighbors:
    """The abstracts before and after `abstract` in `order` (primary keys)."""
    ends = [None, *order, None]
    here = ends.index(abstract.pk) if abstract.pk in ends else 0
    before, after = (ends[here - 1], ends[here + 1]) if here else (None, None)
    rows = in_order_of([pk for pk in (before, after) if pk], viewer, at)
    by_pk: dict[int | None, Abstract] = {row.pk: row for row in rows}
    return Neighbors(by_pk.get(before), by_pk.get(after))


def _range_of(abstracts: _Numbered) -> NumberRange:
    numbers = [(key, number) for _, key, number in abstracts if number]
    first, last = (min(numbers)[1], max(numbers)[1]) if numbers else ("", "")
    return NumberRange(first, last, len(abstracts))


def in_session_order(session: Session, viewer: Viewer, at: dt.datetime):
    """The abstracts of `session` that `viewer` may see, in the order of their presentation."""
    return (
        Abstract.objects.visible_to(viewer, at)
        .filter(presentation__session=session)
        .annotate(place=F("presentation__position"))
        .order_by("place", "number_key", "pk")
        .select_related("meeting")
    )


def session_neighbors(session: Session, viewer: Viewer) -> Neighbors:
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
    return Neighbors(*near)


class Outline(NamedTuple):
    """The days of a meeting's program (None, at the end, for sessions without a date), its session types and size."""

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
    days = sorted({date for date, _, _ in groups}, key=lambda date: (date is None, date or dt.date.min))
    types = sorted({kind for _, kind, _ in groups if kind}, key=str.lower)
    return Outline(days, types, sum(n for _, _, n in groups))
