"""My program: favorites by day and time of each meeting, and which of them are at the same time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from abstracts.models import Meeting, Session
from abstracts.models.meeting import to_instant
from abstracts.reading import Row, Slot


@dataclass(eq=False)
class Entry:
    """A favorite in a session. `starts_at` and `ends_at` are UTC instants, its own or else the session's, or None."""

    row: Row
    slot: Slot
    date: dt.date
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    clashes: list[Session] = field(default_factory=list)

    @property
    def has_own_time(self) -> bool:
        return bool(self.slot.start_time)


@dataclass
class Block:
    """A session with the favorites in it. `clashes`: the sessions at the same time as the whole of it."""

    session: Session
    url: str
    entries: list[Entry]

    @property
    def clashes(self) -> list[Session]:
        found = {s.pk: s for entry in self.entries if not entry.has_own_time for s in entry.clashes}
        return list(found.values())


@dataclass
class Day:
    date: dt.date
    blocks: list[Block]


@dataclass
class MeetingProgram:
    """What is saved of one meeting: by day, and at the end what has no day."""

    meeting: Meeting
    days: list[Day]
    undated: list[Row]


def program_of(rows: Iterable[Row]) -> list[MeetingProgram]:
    """The program of `rows`, which are ordered by meeting."""
    every = [(meeting, list(members)) for meeting, members in groupby(rows, key=lambda row: row.abstract.meeting)]
    entries = [entry for _, members in every for entry in entries_of(members)]
    _mark_clashes(entries)
    of_row: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        of_row[id(entry.row)].append(entry)
    return [
        MeetingProgram(
            meeting,
            _days([entry for row in members for entry in of_row[id(row)]]),
            [row for row in members if not of_row[id(row)]],
        )
        for meeting, members in every
    ]


def entries_of(rows: Iterable[Row]) -> Iterator[Entry]:
    """The presentations of `rows` that have a day, at least."""
    for row in rows:
        for slot in row.slots:
            if date := slot.session.date:
                yield Entry(row, slot, date, *times_of(slot, date))


def times_of(slot: Slot, date: dt.date) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Start and end of a presentation, as UTC instants: its own where it has some, else those of its session."""
    session = slot.session
    if not slot.start_time:
        return session.starts_at, session.ends_at
    starts = _instant(session, date, slot.start_time)
    return starts, max(starts, _instant(session, date, slot.end_time)) if slot.end_time else None


def _instant(session: Session, date: dt.date, time: dt.time) -> dt.datetime:
    """The instant of a clock time in a session, which may go past midnight."""
    opening, end = session.start_time, session.end_time
    past_midnight = opening and end and end < opening and time < opening
    return to_instant(date + dt.timedelta(days=1 if past_midnight else 0), time, session.meeting.zone)


def _days(entries: list[Entry]) -> list[Day]:
    days: defaultdict[dt.date, defaultdict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        days[entry.date][entry.slot.session.pk].append(entry)
    return [Day(date, _blocks(days[date].values())) for date in sorted(days)]


def _blocks(sessions: Iterable[list[Entry]]) -> list[Block]:
    blocks = [
        Block(entries[0].slot.session, entries[0].slot.url, sorted(entries, key=_place_in_session))
        for entries in sessions
    ]
    return sorted(blocks, key=lambda block: (_or_last(block.session.starts_at), block.session.code, block.session.pk))


def _place_in_session(entry: Entry) -> tuple:
    return _or_last(entry.starts_at), entry.slot.position, entry.row.abstract.number_key, entry.row.abstract.pk


def _or_last(instant: dt.datetime | None) -> dt.datetime:
    return instant or dt.datetime.max.replace(tzinfo=dt.UTC)


def _mark_clashes(entries: list[Entry]) -> None:
    """Two entries clash when their times overlap, their sessions differ and they are not the same abstract.

    What has no end takes no time: it clashes with what it falls into, and with what starts at the same instant.
    """
    spans = [(e.starts_at, e.ends_at or e.starts_at, e) for e in entries if e.starts_at]
    spans.sort(key=lambda span: span[0])
    for number, (start, end, entry) in enumerate(spans):
        for other_start, _, other in spans[number + 1 :]:
            if other_start != start and other_start >= end:
                break
            if entry.slot.session.pk != other.slot.session.pk and entry.row is not other.row:
                _add(entry, other.slot.session)
                _add(other, entry.slot.session)


def _add(entry: Entry, session: Session) -> None:
    if all(session.pk != known.pk for known in entry.clashes):
        entry.clashes.append(session)
