"""The programme of a meeting as pages show it: number ranges of sessions, what stands before and after.

Ranges are derived from what the viewer may see, never stored.
"""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, CharField, Count, F, Max, Min, Q, Value, When
from django.db.models.functions import Concat, RPad

from .models import Abstract, Meeting, Presentation, Session
from .visibility import Viewer

_KEY_LENGTH = 160


class NumberRange(NamedTuple):
    """The visible abstracts of a session: first and last number in natural order ("" where none has one), count."""

    first: str
    last: str
    count: int

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


def neighbours_in_session(
    abstract: Abstract, session: Session, position: int, viewer: Viewer, at: dt.datetime
) -> Neighbours:
    """The visible abstracts before and after `abstract`, which is at `position` in `session`, in one query."""
    order = ("position", "abstract__number_key", "abstract_id")
    here = (position, abstract.number_key, abstract.pk)
    others = Presentation.objects.visible_to(viewer, at).filter(session=session)
    before = others.filter(_beyond("lt", order, here)).order_by(*(f"-{name}" for name in order))
    after = others.filter(_beyond("gt", order, here)).order_by(*order)
    found = (
        Abstract.objects.visible_to(viewer, at)
        .filter(Q(pk__in=before.values("abstract_id")[:1]) | Q(pk__in=after.values("abstract_id")[:1]))
        .filter(presentation__session=session)
        .annotate(
            is_before=Case(
                When(_beyond("lt", ("presentation__position", "number_key", "pk"), here), then=True), default=False
            )
        )
        .select_related("meeting")
    )
    sides = {row.is_before: row for row in found}
    return Neighbours(sides.get(True), sides.get(False))


def _beyond(direction: str, names: tuple[str, ...], values: tuple) -> Q:
    """Rows before ("lt") or after ("gt") `values` in the order of the columns `names`."""
    beyond, same = Q(pk__in=[]), Q()
    for name, value in zip(names, values, strict=True):
        beyond |= same & Q(**{f"{name}__{direction}": value})
        same &= Q(**{name: value})
    return beyond


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
    """The sessions before and after `session` in the programme of its meeting."""
    order = list(
        Session.objects.visible_to(viewer)
        .filter(meeting=session.meeting_id)
        .in_programme_order()
        .only("pk", "title", "slug", "meeting_id")
    )
    at = next(i for i, other in enumerate(order) if other.pk == session.pk)
    near = (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)
    for other in near:
        if other:
            other.meeting = session.meeting
    return Neighbours(*near)


class Outline(NamedTuple):
    """A meeting's programme from afar: its days (None for sessions without a date, last), types and size."""

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
