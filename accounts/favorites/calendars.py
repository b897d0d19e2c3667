"""The program as an iCalendar (RFC 5545) file, for downloads and for calendars that subscribe to it.

Times are UTC instants, which every calendar shows in its own zone: no time zone has to be described, and none can be
described wrongly where clocks change. The file holds what the public may see of each abstract, as its address works
without a sign-in, and no notes.
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

from .program import Talk, talks_of

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
REFRESH = dt.timedelta(hours=1)


def calendar_of(rows: Iterable[Row], added: dict[int, dt.datetime], name: str, site_name: str, site_url: str) -> bytes:
    """The iCalendar file of `rows`: each presentation that has a day is an event.

    `added`: when each abstract (by primary key) was saved; the date of events whose sessions did not change since.
    `site_url` has no trailing slash.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{site_name}//My program//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", vText(name))
    # How often to read it again: by RFC 7986, and in the form that older programs understand.
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    talks = list(talks_of(rows))
    changes = _changes({talk.slot.session.pk for talk in talks})
    for talk in talks:
        calendar.add_component(_event(talk, added, changes, site_url))
    if not talks:
        # A calendar holds one component at least (RFC 5545, 3.6).
        calendar.add_component(_universal_time())
    return calendar.to_ical()


def _event(talk: Talk, added: dict[int, dt.datetime], changes: dict, site_url: str) -> Event:
    abstract, session = talk.row.abstract, talk.slot.session
    sequence, changed_at = changes.get(session.pk, (0, None))
    saved_at = added[abstract.pk]
    stamp = max(saved_at, changed_at or saved_at).replace(microsecond=0)
    event = Event()
    # The same presentation keeps its UID when it moves: calendars then move the event.
    event.add("uid", f"{abstract.key}-{session.slug}@{urlsplit(site_url).hostname}")
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", sequence)
    _add_time(event, talk)
    event.add("summary", _plain(_summary(talk)))
    event.add("description", _description(talk, site_url))
    if session.place:
        event.add("location", _plain(session.place))
    if talk.row.url:
        event.add("url", site_url + talk.row.url)
    event.add("status", "CANCELLED" if abstract.status == Status.WITHDRAWN else "CONFIRMED")
    event.add("class", "PUBLIC")
    return event


def _add_time(event: Event, talk: Talk) -> None:
    if not talk.starts_at:
        event.add("dtstart", talk.date)
        event.add("transp", "TRANSPARENT")
        return
    event.add("dtstart", talk.starts_at.astimezone(dt.UTC))
    # An end is to be later than the start; without one the event takes no time.
    if talk.ends_at and talk.ends_at > talk.starts_at:
        event.add("dtend", talk.ends_at.astimezone(dt.UTC))


def _summary(talk: Talk) -> str:
    abstract = talk.row.abstract
    return label(abstract) if talk.row.is_titled else f"Abstract {abstract.number or ''}".strip()


def _description(talk: Talk, site_url: str) -> str:
    session, meeting = talk.slot.session, talk.row.abstract.meeting
    address = f"{site_url}{talk.row.url}" if talk.row.url else ""
    type_and_title = f"{session.title} ({session.type})" if session.type else session.title
    return "\n".join(filter(None, [_plain(type_and_title), _plain(meeting.name), address]))


def _plain(text: str) -> str:
    """`text` on one line, without the control characters that RFC 5545 forbids."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _changes(sessions: set[int]) -> dict[int, tuple[int, dt.datetime | None]]:
    """How often each session was changed since it was created, and when last, by its primary key.

    Of sessions, because the program of a published meeting is public; changes of an abstract would disclose edits of
    hidden text.
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
