"""The headings of lists: abstracts under their meetings, meetings under the groups of the menu."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ..models import Meeting
from ..reading import Row


@dataclass(frozen=True)
class Group:
    """Rows under one heading; no meeting where they are not ordered by meeting."""

    meeting: Meeting | None
    rows: Sequence[Row]


def by_meeting(rows: Iterable[Row]) -> list[Group]:
    """`rows`, which are ordered by meeting, each under its meeting."""
    grouped = groupby(rows, key=lambda row: row.abstract.meeting)
    return [Group(meeting, list(members)) for meeting, members in grouped]


def by_menu_group(meetings: Iterable[Meeting]) -> list[tuple[str, list[Meeting]]]:
    """(name, meetings) of each group of the menu, in the order of `meetings`; "" for those without a group."""
    groups: dict[str, list[Meeting]] = {}
    for meeting in meetings:
        groups.setdefault(meeting.menu_group, []).append(meeting)
    return list(groups.items())
