"""Sessions of one meeting: found by code, else by title, date and start; created or brought up to date."""

import datetime as dt
from typing import Any

from ..models import Meeting, Session
from ..words.text import fold, slugify, squeeze
from .entries import SESSION_FIELDS

Key = tuple[str, ...]


def session_key(value: dict[str, Any]) -> Key:
    """What a session is known by within its meeting."""
    return ("code", value["code"]) if value["code"] else ("title", fold(value["title"]), value["date"], value["start"])


class SessionIndex:
    """The sessions of a meeting, kept in memory: there are some hundreds at most."""

    def __init__(self, meeting: Meeting):
        self.meeting = meeting
        self.sessions: dict[Key, Session] = {}
        self.slugs: set[str] = set()
        self.said: dict[Key, tuple[dict[str, Any], int]] = {}
        for session in Session.objects.filter(meeting=meeting):
            session.meeting = meeting
            self.sessions[session_key(as_value(session))] = session
            self.slugs.add(session.slug)

    def contradiction(self, value: dict[str, Any], line: int) -> str:
        """What is wrong where another row of the file says otherwise of the same session; ""."""
        mine = {name: value[name] for name in SESSION_FIELDS}
        said, where = self.said.setdefault(session_key(value), (mine, line))
        wrong = [name for name in SESSION_FIELDS if said[name] != mine[name]]
        if not wrong:
            return ""
        return (
            f"says of the session “{value['title']}” another {', '.join(wrong)} than line {where} "
            "(times of each abstract belong into presentation_start and presentation_end)"
        )

    def obtain(self, values: list[dict[str, Any]]) -> list[Session]:
        """The sessions of `values`, created where they are new."""
        new: dict[Key, Session] = {}
        for value in values:
            key = session_key(value)
            if key not in self.sessions and key not in new:
                new[key] = Session(meeting=self.meeting, slug=self._slug(value))
                _fill(new[key], value)
        if new:
            self.sessions |= dict(zip(new, Session.objects.bulk_create(new.values()), strict=True))
        return [self.sessions[session_key(value)] for value in values]

    def differs(self, value: dict[str, Any]) -> bool:
        """Whether the session is there and says otherwise than `value`."""
        session = self.sessions.get(session_key(value))
        return session is not None and any(as_value(session)[name] != value[name] for name in SESSION_FIELDS)

    def update(self, value: dict[str, Any]) -> None:
        """Make the session say what `value` says."""
        if self.differs(value):
            session = self.sessions[session_key(value)]
            _fill(session, value)
            session.save()

    def _slug(self, value: dict[str, Any]) -> str:
        base = slugify(f"{value['code']} {value['title']}", 120) or "session"
        number, slug = 1, base
        while slug in self.slugs:
            number += 1
            slug = f"{base}-{number}"
        self.slugs.add(slug)
        return slug


def as_value(session: Session) -> dict[str, str]:
    """A session's own fields, as in `entries`."""
    return {
        "code": session.code,
        "title": session.title,
        "type": session.type,
        "date": session.date.isoformat() if session.date else "",
        "start": session.start_time.isoformat() if session.start_time else "",
        "end": session.end_time.isoformat() if session.end_time else "",
        "place": session.place,
    }


def _fill(session: Session, value: dict[str, Any]) -> None:
    session.code, session.title = value["code"], squeeze(value["title"])
    session.type, session.place = value["type"], value["place"]
    session.date = dt.date.fromisoformat(value["date"]) if value["date"] else None
    session.start_time, session.end_time = time_of(value["start"]), time_of(value["end"])


def time_of(text: str) -> dt.time | None:
    """A time of `entries` as a time."""
    return dt.time.fromisoformat(text) if text else None
