"""What lists of abstracts from several meetings share: the headings."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ..models import Meeting
from ..reading import Row


@dataclass(frozen=True)
class Group:
    """Rows under one heading; no meeting where they are not ordered by meeting."""

    meeting: Meeting | None
    rows: list[Row]


def by_meeting(rows: Iterable[Row]) -> list[Group]:
    """`rows`, which are ordered by meeting, each under its meeting."""
    grouped = groupby(rows, key=lambda row: row.abstract.meeting)
    return [Group(meeting, list(members)) for meeting, members in grouped]
