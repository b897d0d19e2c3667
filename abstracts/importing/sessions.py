"""Sessions of one meeting: looked up by code, else by title, date and start; planned, or changed as the file says."""

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from ..models import Meeting, Session
from ..models.session import base_of_slug
from ..words.text import first_free, fold
from .bulk import Keys
from .decided import States, digest
from .fields import SESSION, SESSION_NAMES, session_value

SessionKey = tuple[str, ...]


def session_key(value: dict[str, Any]) -> SessionKey:
    """What identifies a session within its meeting."""
    return ("code", value["code"]) if value["code"] else ("title", fold(value["title"]), value["date"], value["start"])


@dataclass
class ChangedSession:
    """A session that the file changes: as it was when the import read it, and the lines that say so."""

    session: Session
    before: dict[str, Any]
    lines: set[int] = dataclasses.field(default_factory=set)


class SessionIndex:
    """The sessions of a meeting, in memory as they will be: there are some hundreds at most."""

    def __init__(self, meeting: Meeting, keys: Keys):
        self.meeting, self.keys = meeting, keys
        self.sessions: dict[SessionKey, Session] = {}
        self.slugs: set[str] = set()
        # What the first row of the file with a session says about it, and the line of that row.
        self.first_rows: dict[SessionKey, tuple[dict[str, Any], int]] = {}
        self.new: list[Session] = []
        self.are_new = False
        self.changed: dict[SessionKey, ChangedSession] = {}
        # What is stored, by primary key, as digests.
        self.states: dict[str, str] = {}
        for session in Session.objects.filter(meeting=meeting):
            session.meeting = meeting
            value = session_value(session)
            self.sessions[session_key(value)] = session
            self.slugs.add(session.slug)
            self.states[str(session.pk)] = digest(value)

    def contradiction(self, value: dict[str, Any], line: int) -> str:
        """The error of a row that says something else about a session than an earlier row of the file; or ""."""
        first, first_line = self.first_rows.setdefault(session_key(value), (value, line))
        names = [name for name in SESSION_NAMES if first[name] != value[name]]
        if not names:
            return ""
        return (
            f"says of the session “{value['title']}” another {', '.join(names)} than line {first_line} "
            "(times of each abstract belong into presentation_start and presentation_end)"
        )

    def get_or_plan(self, values: list[dict[str, Any]]) -> list[Session]:
        """The sessions of `values`, in order; those that do not exist yet are planned."""
        new: dict[SessionKey, Session] = {}
        for value in values:
            key = session_key(value)
            if key not in self.sessions and key not in new:
                new[key] = Session(meeting=self.meeting)
                _fill(new[key], value)
        if new:
            for session in new.values():
                session.slug = first_free(base_of_slug(session), self.slugs)
                self.slugs.add(session.slug)
                session.derive()
            self.keys.give(list(new.values()))
            self.sessions |= new
            self.new += new.values()
            self.are_new = True
        return [self.sessions[session_key(value)] for value in values]

    def take_new(self) -> list[Session]:
        """The planned sessions that the caller now creates."""
        taken, self.new = self.new, []
        return taken

    def far_away(self) -> list[str]:
        """The sessions that the file names with a date outside of the meeting's days, in words."""
        dated = [value for value, _ in self.first_rows.values() if value["date"]]
        far = [value for value in dated if self.meeting.is_far(dt.date.fromisoformat(value["date"]))]
        return [f"“{value['title']}” on {value['date']}" for value in far]

    def differs(self, value: dict[str, Any]) -> bool:
        """Whether the session exists and has other fields than `value`."""
        session = self.sessions.get(session_key(value))
        return session is not None and any(value[name] != old for name, old in session_value(session).items())

    def is_late(self, value: dict[str, Any], checked: States) -> bool:
        """Whether the session exists and was changed after a check that saw `checked`."""
        session = self.sessions.get(session_key(value))
        stored = session and self.states.get(str(session.pk))
        return bool(session and stored and checked.sessions.get(str(session.pk)) != stored)

    def change(self, value: dict[str, Any], line: int) -> None:
        """Give the session the fields of `value`, as `line` says, if it exists and differs."""
        key = session_key(value)
        if self.differs(value):
            session = self.sessions[key]
            self.changed[key] = ChangedSession(session, session_value(session))
            _fill(session, value)
            session.derive()
        if key in self.changed:
            self.changed[key].lines.add(line)


def _fill(session: Session, value: dict[str, Any]) -> None:
    for field in SESSION:
        field.load(session, value[field.name])
