"""Sessions that were moved after the press could read their abstracts, which are still under embargo."""

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from ...models import Session
from ...reading.signals import press_reads_since
from ...words.counts import counted
from ..steps import clock_time
from .base import Embargo, Link, MeetingWarning, list_link, session_link


class Times(NamedTuple):
    """The local times of a session, from when they were stored on."""

    stored_at: dt.datetime
    date: dt.date | None
    start: dt.time | None
    end: dt.time | None

    def __str__(self) -> str:
        if not self.date:
            return "no date"
        times = "–".join(clock_time(time) for time in (self.start, self.end) if time)
        return f"{self.date:%b} {self.date.day}, {times}".removesuffix(", ")


def moved_sessions(embargo: Embargo) -> list[MeetingWarning]:
    since = press_reads_since(embargo.meeting)
    if since is None:
        return []
    sessions: dict[int, Session] = {}
    opens: dict[int, dt.datetime] = {}
    for group in embargo.groups:
        if press_from := group.resolved.press_from:
            for session, *_ in group.talks:
                sessions[session.pk] = session
                opens[session.pk] = min(opens.get(session.pk, press_from), press_from)
    history = _history(embargo) if sessions else {}
    examples = [
        _moved(session, history[pk], max(since, opens[pk]))
        for pk, session in sessions.items()
        if history.get(pk) and _places(history[pk], max(since, opens[pk]))[1:]
    ]
    if not examples:
        return []
    text = (
        "Moved after the press could read their abstracts, which are not released yet: "
        f"{counted(len(examples), 'session')}. Tell the press, or move them back."
    )
    return [MeetingWarning("moves", text, list_link(embargo.meeting), examples)]


def _history(embargo: Embargo) -> dict[int, list[Times]]:
    rows = Session.history.unfiltered.filter(meeting=embargo.meeting.pk, history_date__lte=embargo.at)
    history = defaultdict(list)
    for pk, *times in rows.order_by("history_date", "history_id").values_list(
        "id", "history_date", "date", "start_time", "end_time"
    ):
        history[pk].append(Times(*times))
    return history


def _places(history: list[Times], since: dt.datetime) -> list[Times]:
    """Where the session was at `since`, if it was there, and where it was moved to after that; without repetitions."""
    before = [times for times in history if times.stored_at <= since]
    places = before[-1:]
    for times in history[len(before) :]:
        if not places or times[1:] != places[-1][1:]:
            places.append(times)
    return places


def _moved(session: Session, history: list[Times], since: dt.datetime) -> Link:
    places = _places(history, since)
    return Link(f"{session}: {places[0]} → {places[-1]}", session_link(session).url)
