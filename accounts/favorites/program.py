"""My program: favorites by day and time of each meeting, and which of them are at the same time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from abstracts.models import Meeting, Session
from abstracts.models.session import session_instants, talk_instants
from abstracts.reading import Row, Slot


@dataclass(eq=False)
class Talk:
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
    """A session with the favorites in it. `clashes`: the sessions at the same time as this session."""

    session: Session
    url: str
    talks: list[Talk]

    @property
    def clashes(self) -> list[Session]:
        sessions = {s.pk: s for talk in self.talks if not talk.has_own_time for s in talk.clashes}
        return list(sessions.values())


@dataclass
class Day:
    date: dt.date
    blocks: list[Block]


@dataclass
class MeetingProgram:
    """The favorites of one meeting: by day, and last those without a day."""

    meeting: Meeting
    days: list[Day]
    undated: list[Row]


def program_of(rows: Iterable[Row]) -> list[MeetingProgram]:
    """The program of `rows`, which are ordered by meeting."""
    every = [(meeting, list(members)) for meeting, members in groupby(rows, key=lambda row: row.abstract.meeting)]
    talks = [talk for _, members in every for talk in talks_of(members)]
    _mark_clashes(talks)
    of_row: defaultdict[int, list[Talk]] = defaultdict(list)
    for talk in talks:
        of_row[id(talk.row)].append(talk)
    return [
        MeetingProgram(
            meeting,
            _days([talk for row in members for talk in of_row[id(row)]]),
            [row for row in members if not of_row[id(row)]],
        )
        for meeting, members in every
    ]


def talks_of(rows: Iterable[Row]) -> Iterator[Talk]:
    """The presentations of `rows` in sessions that have a day."""
    for row in rows:
        for slot in row.slots:
            if date := slot.session.date:
                yield Talk(row, slot, date, *times_of(slot))


def times_of(slot: Slot) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Start and end of a presentation, as UTC instants: its own if it has a time, else those of its session."""
    meeting = slot.session.meeting
    if not slot.start_time:
        return session_instants(slot.session, meeting)
    return talk_instants(slot.session, slot.start_time, slot.end_time, meeting)


def _days(talks: list[Talk]) -> list[Day]:
    days: defaultdict[dt.date, defaultdict[int, list[Talk]]] = defaultdict(lambda: defaultdict(list))
    for talk in talks:
        days[talk.date][talk.slot.session.pk].append(talk)
    return [Day(date, _blocks(days[date].values())) for date in sorted(days)]


def _blocks(sessions: Iterable[list[Talk]]) -> list[Block]:
    blocks = [
        Block(talks[0].slot.session, talks[0].slot.url, sorted(talks, key=_place_in_session)) for talks in sessions
    ]
    return sorted(blocks, key=lambda block: (_or_last(block.session.starts_at), block.session.code, block.session.pk))


def _place_in_session(talk: Talk) -> tuple:
    return _or_last(talk.starts_at), talk.slot.position, talk.row.abstract.number_key, talk.row.abstract.pk


def _or_last(instant: dt.datetime | None) -> dt.datetime:
    return instant or dt.datetime.max.replace(tzinfo=dt.UTC)


def _mark_clashes(talks: list[Talk]) -> None:
    """Two talks clash when their times overlap, in different sessions, and they are not of the same abstract.

    A talk without an end takes no time: it clashes with talks during which it starts, and with those that start when
    it does.
    """
    spans = [(e.starts_at, e.ends_at or e.starts_at, e) for e in talks if e.starts_at]
    spans.sort(key=lambda span: span[0])
    for number, (start, end, talk) in enumerate(spans):
        for other_start, _, other in spans[number + 1 :]:
            if other_start != start and other_start >= end:
                break
            if talk.slot.session.pk != other.slot.session.pk and talk.row is not other.row:
                _add(talk, other.slot.session)
                _add(other, talk.slot.session)


def _add(talk: Talk, session: Session) -> None:
    if all(session.pk != known.pk for known in talk.clashes):
        talk.clashes.append(session)
