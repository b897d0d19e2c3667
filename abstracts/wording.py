"""How dates, times and states are worded: plain text, from values and models, for pages, prints and exports."""

import datetime as dt
import zoneinfo

from django.utils.formats import date_format, time_format

from .models import Abstract, Meeting, Session
from .reading import Slot
from .visibility import Level, Status


def day(date: dt.date | None) -> str:
    """“Sunday, October 26, 2025”; "" for no date."""
    return date_format(date, "l, F j, Y") if date else ""


def clock(time: dt.time | None) -> str:
    """“10:30 AM”."""
    return time_format(time, "g:i A") if time else ""


def zone_name(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """What clocks in `zone` are called at `instant`: “CDT”; “UTC+03” where there is no abbreviation."""
    name = instant.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _span(date: dt.date, start: dt.time, end: dt.time | None, zone: zoneinfo.ZoneInfo) -> str:
    times = f"{clock(start)}–{clock(end)}" if end else clock(start)
    return f"{times} {zone_name(dt.datetime.combine(date, start, zone), zone)}"


def session_time(session: Session) -> str:
    """“10:30 AM–12:30 PM CDT”; "" for a session without a time. The session needs its meeting."""
    if not session.date or not session.start_time:
        return ""
    return _span(session.date, session.start_time, session.end_time, session.meeting.zone)


def slot_time(slot: Slot) -> str:
    """As `session_time`, of the presentation itself where it has a time of its own."""
    if not slot.start_time or not slot.session.date:
        return session_time(slot.session)
    return _span(slot.session.date, slot.start_time, slot.end_time, slot.session.meeting.zone)


def short_day(session: Session) -> str:
    """“Sun, Oct 26, 10:30 AM”: a session's start in a list; "" for a session without a date."""
    if not session.date:
        return ""
    text = date_format(session.date, "D, M j")
    return f"{text}, {clock(session.start_time)}" if session.start_time else text


def instant_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """“October 25, 2025, 10:00 AM CDT”: `instant` on the clocks of `zone`."""
    return f"{date_format(instant.astimezone(zone), 'F j, Y, g:i A')} {zone_name(instant, zone)}"


def in_zone(instant: dt.datetime | None, meeting: Meeting) -> str:
    """`instant_text` in the zone of `meeting`; "" for no instant."""
    return instant_text(instant, meeting.zone) if instant else ""


def release_time(abstract: Abstract) -> str:
    """When `abstract` is released, in its meeting's zone; "" where nobody knows yet."""
    return in_zone(abstract.released_from, abstract.meeting)


def embargo_line(abstract: Abstract) -> str:
    """The banner of what its reader sees ahead of the public."""
    if abstract.status == Status.DRAFT:
        return "DRAFT: seen by staff only"
    if abstract.status == Status.WITHDRAWN and abstract.public_level >= Level.LISTED:
        return "WITHDRAWN: the public sees title and authors only"
    when = release_time(abstract)
    return f"EMBARGOED UNTIL {when}" if when else "EMBARGOED: no release time is set"


def pending_line(abstract: Abstract) -> str:
    """What a shell or a listing promises."""
    when = release_time(abstract)
    return f"Details will be released on {when}" if when else "Details will be released later"


def meeting_dates(meeting: Meeting) -> str:
    """“October 24–29, 2025”; the year where the days are not known."""
    first, last = meeting.starts_on, meeting.ends_on
    if not first:
        return str(meeting.year)
    if not last or last == first:
        return date_format(first, "F j, Y")
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'F j')}–{date_format(last, 'j, Y')}"
    if first.year == last.year:
        return f"{date_format(first, 'F j')} – {date_format(last, 'F j, Y')}"
    return f"{date_format(first, 'F j, Y')} – {date_format(last, 'F j, Y')}"


def place_of(meeting: Meeting) -> str:
    """“Chicago”, “Chicago and virtual”, “Virtual”; "" where neither is known."""
    if meeting.is_virtual:
        return f"{meeting.city} and virtual" if meeting.city else "Virtual"
    return meeting.city


def zone_label(meeting: Meeting) -> str:
    """The zone of all times of `meeting`: “CDT (America/Chicago)”."""
    day = meeting.starts_on or dt.date(meeting.year, 7, 1)
    noon = dt.datetime.combine(day, dt.time(12), meeting.zone)
    return f"{zone_name(noon, meeting.zone)} ({meeting.timezone})"


def label(abstract: Abstract) -> str:
    """“2670 Title”, or as much of it as may be said."""
    return " ".join(filter(None, [abstract.number, abstract.title_text])) or "Abstract"
