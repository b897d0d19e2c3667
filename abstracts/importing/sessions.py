"""Sessions of one meeting: looked up by code, else by title, date and start; created, or updated from the file."""

from typing import Any

from ..models import Meeting, Session
from ..words.text import fold, slugify
from .fields import SESSION, SESSION_NAMES, session_value
from .slugs import SlugPool, taken_slugs

SessionKey = tuple[str, ...]


def session_key(value: dict[str, Any]) -> SessionKey:
    """What identifies a session within its meeting."""
    return ("code", value["code"]) if value["code"] else ("title", fold(value["title"]), value["date"], value["start"])


class SessionIndex:
    """The sessions of a meeting, in memory: there are some hundreds at most."""

    def __init__(self, meeting: Meeting):
        self.meeting = meeting
        self.sessions: dict[SessionKey, Session] = {}
        self.slugs = SlugPool(lambda slugs: taken_slugs(slugs, Session.objects.filter(meeting=meeting)))
        # What the first row of the file with a session says about it, and the line of that row.
        self.first_rows: dict[SessionKey, tuple[dict[str, Any], int]] = {}
        for session in Session.objects.filter(meeting=meeting):
            session.meeting = meeting
            self.sessions[session_key(session_value(session))] = session

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

    def get_or_create(self, values: list[dict[str, Any]]) -> list[Session]:
        """The sessions of `values`, in order; those that do not exist yet are created."""
        new: dict[SessionKey, Session] = {}
        for value in values:
            key = session_key(value)
            if key not in self.sessions and key not in new:
                new[key] = Session(meeting=self.meeting)
                _fill(new[key], value)
        if new:
            bases = [slugify(f"{session.code} {session.title}", 120) or "session" for session in new.values()]
            for session, slug in zip(new.values(), self.slugs.reserve(bases), strict=True):
                session.slug = slug
            self.sessions |= dict(zip(new, Session.objects.bulk_create(new.values()), strict=True))
        return [self.sessions[session_key(value)] for value in values]

    def differs(self, value: dict[str, Any]) -> bool:
        """Whether the session exists and has other fields than `value`."""
        session = self.sessions.get(session_key(value))
        return session is not None and any(value[name] != old for name, old in session_value(session).items())

    def update(self, value: dict[str, Any]) -> None:
        """Give the session the fields of `value`, if it exists and differs."""
        if self.differs(value):
            session = self.sessions[session_key(value)]
            _fill(session, value)
            session.save()


def _fill(session: Session, value: dict[str, Any]) -> None:
    for field in SESSION:
        field.load(session, value[field.name])
