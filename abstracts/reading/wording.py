"""Dates, times, numbers and statuses as plain text in the language of the request. Docstrings show the English."""

import datetime as dt
import zoneinfo

from django.utils.formats import date_format, number_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Abstract, Meeting, Session
from ..models.session import session_instants, talk_instants
from ..visibility import Level, Status
from . import Slot


def day(date: dt.date | None) -> str:
    """“Sunday, October 26, 2025”; "" for no date."""
    return date_format(date, "LONG_DAY_FORMAT") if date else ""


def clock(time: dt.time | None) -> str:
    """“10:30 AM”."""
    return time_format(time, "TIME_FORMAT") if time else ""


def zone_name(instant: dt.datetime, zone: dt.tzinfo) -> str:
    """The name of the time in `zone` at `instant`: “CDT”; “UTC+03” if there is no abbreviation."""
    name = instant.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _span(starts_at: dt.datetime | None, ends_at: dt.datetime | None, zone: zoneinfo.ZoneInfo) -> str:
    """The clock times of two instants: what clocks skip or show twice reads as it will happen."""
    if not starts_at:
        return ""
    start = clock(starts_at.astimezone(zone).time())
    if not ends_at:
        return f"{start} {zone_name(starts_at, zone)}"
    end = f"{clock(ends_at.astimezone(zone).time())} {zone_name(ends_at, zone)}"
    # Clocks change in between: "12:30 AM CDT–1:30 AM CST".
    changes = zone_name(starts_at, zone) != zone_name(ends_at, zone)
    return f"{start} {zone_name(starts_at, zone)}–{end}" if changes else f"{start}–{end}"


def session_time(session: Session) -> str:
    """“10:30 AM–12:30 PM CDT”; "" for a session without a time. The session needs its meeting."""
    return _span(*session_instants(session, session.meeting), session.meeting.zone)


def slot_time(slot: Slot) -> str:
    """The same for the presentation itself if it has its own time, else for its session."""
    if not slot.start_time:
        return session_time(slot.session)
    meeting = slot.session.meeting
    return _span(*talk_instants(slot.session, slot.start_time, slot.end_time, meeting), meeting.zone)


def short_day(session: Session) -> str:
    """“Sun, Oct 26, 10:30 AM”: a session's start in a list; "" for a session without a date. It needs its meeting."""
    if not session.date:
        return ""
    text = date_format(session.date, "SHORT_DAY_FORMAT")
    starts_at, _ends_at = session_instants(session, session.meeting)
    return f"{text}, {clock(starts_at.astimezone(session.meeting.zone).time())}" if starts_at else text


def instant_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """“October 25, 2025, 10:00 AM CDT”: `instant` in the time of `zone`."""
    return f"{date_format(instant.astimezone(zone), 'DATETIME_FORMAT')} {zone_name(instant, zone)}"


def in_zone(instant: dt.datetime | None, meeting: Meeting) -> str:
    """`instant_text` in the zone of `meeting`; "" for no instant."""
    return instant_text(instant, meeting.zone) if instant else ""


def release_time(abstract: Abstract) -> str:
    """When `abstract` is released, in its meeting's zone; "" if that is not known yet."""
    return in_zone(abstract.released_from, abstract.meeting)


def embargo_line(abstract: Abstract) -> str:
    """The banner above an abstract that its reader sees ahead of the public."""
    if abstract.status == Status.DRAFT:
        return _("DRAFT: seen by staff only")
    if abstract.status == Status.WITHDRAWN and abstract.public_level >= Level.NOTED:
        if abstract.public_level == Level.NOTED:
            return _("WITHDRAWN: the public sees number and note only")
        return _("WITHDRAWN: the public sees title and authors only")
    when = release_time(abstract)
    return _("EMBARGOED UNTIL %(when)s") % {"when": when} if when else _("EMBARGOED: no release time is set")


def status_line(abstract: Abstract) -> str:
    """The first sentence of the note on a withdrawn, retracted or corrected abstract; "" for all others."""
    lines = {
        Status.WITHDRAWN: _("This abstract has been withdrawn."),
        Status.RETRACTED: _("This abstract has been retracted."),
        Status.CORRECTED: _("This abstract has been corrected."),
    }
    return lines.get(Status(abstract.status), "")


def pending_line(abstract: Abstract) -> str:
    """“Details will be released on …”, for a shell or a listing."""
    when = release_time(abstract)
    return _("Details will be released on %(when)s") % {"when": when} if when else _("Details will be released later")


def meeting_dates(meeting: Meeting) -> str:
    """“October 24–29, 2025”; only the year if the days are not known."""
    first, last = meeting.starts_on, meeting.ends_on
    if not first:
        return str(meeting.year)
    if not last or last == first:
        return date_format(first, "DATE_FORMAT")
    if (first.year, first.month) == (last.year, last.month):
        return f"{date_format(first, 'SPAN_FIRST_FORMAT')}–{date_format(last, 'SPAN_LAST_FORMAT')}"
    if first.year == last.year:
        return f"{date_format(first, 'MONTH_DAY_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"
    return f"{date_format(first, 'DATE_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"


def place_of(meeting: Meeting) -> str:
    """“Chicago”, “Chicago and virtual”, “Virtual”; "" if neither is known."""
    if meeting.is_virtual:
        return _("%(city)s and virtual") % {"city": meeting.city} if meeting.city else _("Virtual")
    return meeting.city


def zone_label(meeting: Meeting) -> str:
    """The time zone of `meeting`: “CDT (America/Chicago)”."""
    day = meeting.starts_on or dt.date(meeting.year, 7, 1)
    noon = dt.datetime.combine(day, dt.time(12), meeting.zone)
    return f"{zone_name(noon, meeting.zone)} ({meeting.timezone})"


def label(abstract: Abstract) -> str:
    """“2670 Title”, as far as the viewer may see it."""
    return " ".join(filter(None, [abstract.number, abstract.title_text])) or _("Abstract")


def numbered(abstract: Abstract) -> str:
    """“Abstract 2670”, for an abstract of which the viewer may see no more."""
    return _("Abstract %(number)s") % {"number": abstract.number} if abstract.number else _("Abstract")


def number(value: int) -> str:
    """“2,670”: for counts, not for years and numbers of abstracts."""
    return number_format(value, use_l10n=True, force_grouping=True)


def abstracts(count: int) -> str:
    """“1 abstract”, “2,670 abstracts”."""
    return ngettext("%(count)s abstract", "%(count)s abstracts", count) % {"count": number(count)}
