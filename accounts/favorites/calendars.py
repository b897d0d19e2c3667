"""The program as an iCalendar (RFC 5545) file, for downloads and for calendars that subscribe to it.

Times are UTC instants, which every calendar shows on its own clocks: no time zone has to be described, and none can
be described wrongly where clocks change. What is in the file is what the public may know of each abstract, for its
address works without a sign-in; and no note of anybody.
"""

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.db.models import Count, Max
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vDuration, vText

from abstracts.models import Session
from abstracts.reading import Row
from abstracts.reading.wording import label
from abstracts.visibility import Status

from .program import Entry, entries_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
REFRESH = dt.timedelta(hours=1)


def calendar_of(rows: Iterable[Row], added: dict[int, dt.datetime], name: str, site_name: str, site_url: str) -> bytes:
    """The file of `rows`, each presentation an event; those without a day are in none.

    `added`: when each abstract (by primary key) was saved; it dates events of sessions that never changed since.
    `site_url` has no trailing slash.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{site_name}//My program//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", vText(name))
    # How often to ask again: by RFC 7986, and as older programs understand it.
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    entries = list(entries_of(rows))
    changes = _changes({entry.slot.session.pk for entry in entries})
    for entry in entries:
        calendar.add_component(_event(entry, added, changes, site_url))
    if not entries:
        # A calendar holds one component at least (RFC 5545, 3.6).
        calendar.add_component(_universal_time())
    return calendar.to_ical()


def _event(entry: Entry, added: dict[int, dt.datetime], changes: dict, site_url: str) -> Event:
    abstract, session = entry.row.abstract, entry.slot.session
    sequence, changed_at = changes.get(session.pk, (0, None))
    saved_at = added[abstract.pk]
    stamp = max(saved_at, changed_at or saved_at).replace(microsecond=0)
    event = Event()
    # The same presentation keeps its UID when it moves: calendars then move the event.
    event.add("uid", f"abstract-{abstract.pk}-session-{session.pk}@{urlsplit(site_url).hostname}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", sequence)
    _add_time(event, entry)
    event.add("summary", _plain(_summary(entry)))
    event.add("description", _description(entry, site_url))
    if session.place:
        event.add("location", _plain(session.place))
    if entry.row.url:
        event.add("url", site_url + entry.row.url)
    event.add("status", "CANCELLED" if abstract.status == Status.WITHDRAWN else "CONFIRMED")
    event.add("class", "PUBLIC")
    return event


def _add_time(event: Event, entry: Entry) -> None:
    if not entry.starts_at:
        event.add("dtstart", entry.date)
        event.add("transp", "TRANSPARENT")
        return
    event.add("dtstart", entry.starts_at.astimezone(dt.UTC))
    # An end is to be later than the start; without one the event takes no time.
    if entry.ends_at and entry.ends_at > entry.starts_at:
        event.add("dtend", entry.ends_at.astimezone(dt.UTC))


def _summary(entry: Entry) -> str:
    abstract = entry.row.abstract
    return label(abstract) if entry.row.is_listed else f"Abstract {abstract.number or ''}".strip()


def _description(entry: Entry, site_url: str) -> str:
    session, meeting = entry.slot.session, entry.row.abstract.meeting
    address = f"{site_url}{entry.row.url}" if entry.row.url else ""
    type_and_title = f"{session.title} ({session.type})" if session.type else session.title
    return "\n".join(filter(None, [_plain(type_and_title), _plain(meeting.name), address]))


def _plain(text: str) -> str:
    """`text` on one line, without the control characters that RFC 5545 forbids."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _changes(sessions: set[int]) -> dict[int, tuple[int, dt.datetime | None]]:
    """How often each session was changed since it was made, and when last.

    The program is public with its meeting; changes of an abstract itself would tell of text that is not.
    """
    history = Session.history.filter(id__in=sessions).order_by().values_list("id")
    counted = history.annotate(times=Count("history_id"), last=Max("history_date"))
    return {pk: (times - 1, last) for pk, times, last in counted}


def _universal_time() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", dt.datetime(1970, 1, 1))  # noqa: DTZ001  (local, as RFC 5545 wants it here)
    standard.add("tzoffsetfrom", dt.timedelta(0))
    standard.add("tzoffsetto", dt.timedelta(0))
    standard.add("tzname", "UTC")
    zone.add_component(standard)
    return zone
