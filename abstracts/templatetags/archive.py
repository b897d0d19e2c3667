"""How the archive's values are written on pages: HTML that was sanitised, dates and times, number ranges, bylines."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from django import template
from django.core.paginator import Page
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..models import Abstract, Meeting, Session
from ..reading import Author, Slot
from ..text import slugify

register = template.Library()

SHORT_BYLINE = 6


@register.filter
def sanitised(html: str) -> SafeString:
    """HTML of a field that its model's `derive` sanitised (title, caption, section, disclosures, page), as it is."""
    return mark_safe(html)  # noqa: S308


@register.filter
def day(date: dt.date | None) -> str:
    """“Sunday, October 26, 2025”; "" for no date."""
    return date_format(date, "l, F j, Y") if date else ""


@register.filter
def clock(time: dt.time | None) -> str:
    """“10:30 AM”."""
    return date_format(time, "g:i A") if time else ""


def zone_name(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """What clocks in `zone` are called at `instant`: “CDT”; “UTC+03” where there is no abbreviation."""
    name = instant.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


def _span(date: dt.date, start: dt.time, end: dt.time | None, zone: zoneinfo.ZoneInfo) -> str:
    times = f"{clock(start)}–{clock(end)}" if end else clock(start)
    return f"{times} {zone_name(dt.datetime.combine(date, start, zone), zone)}"


@register.filter
def session_time(session: Session) -> str:
    """“10:30 AM–12:30 PM CDT”; "" for a session without a time. The session needs its meeting."""
    if not session.date or not session.start_time:
        return ""
    return _span(session.date, session.start_time, session.end_time, session.meeting.zone)


@register.filter
def slot_time(slot: Slot) -> str:
    """As `session_time`, of the presentation itself where it has a time of its own."""
    if not slot.start_time or not slot.session.date:
        return session_time(slot.session)
    return _span(slot.session.date, slot.start_time, slot.end_time, slot.session.meeting.zone)


@register.filter
def short_day(session: Session) -> str:
    """“Sun, Oct 26, 10:30 AM”: a session's start in a list; "" for a session without a date."""
    if not session.date:
        return ""
    text = date_format(session.date, "D, M j")
    return f"{text}, {clock(session.start_time)}" if session.start_time else text


def instant_text(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """“October 25, 2025, 10:00 AM CDT”: `instant` on the clocks of `zone`."""
    return f"{date_format(instant.astimezone(zone), 'F j, Y, g:i A')} {zone_name(instant, zone)}"


@register.filter
def in_zone(instant: dt.datetime | None, meeting: Meeting) -> str:
    """`instant_text` in the zone of `meeting`; "" for no instant."""
    return instant_text(instant, meeting.zone) if instant else ""


@register.filter
def release_time(abstract: Abstract) -> str:
    """When `abstract` is released, in its meeting's zone; "" where nobody knows yet."""
    return in_zone(abstract.released_from, abstract.meeting)


@register.filter
def embargo_line(abstract: Abstract) -> str:
    """The banner of what its reader sees ahead of the public."""
    when = release_time(abstract)
    return f"EMBARGOED UNTIL {when}" if when else "EMBARGOED; no release time is set"


@register.filter
def pending_line(abstract: Abstract) -> str:
    """What a shell or a listing promises."""
    when = release_time(abstract)
    return f"Details will be released on {when}" if when else "Details will be released later"


@register.filter
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


@register.filter
def place_of(meeting: Meeting) -> str:
    """“Chicago”, “Chicago and virtual”, “Virtual”; "" where neither is known."""
    if meeting.is_virtual:
        return f"{meeting.city} and virtual" if meeting.city else "Virtual"
    return meeting.city


def _author_html(author: Author) -> SafeString:
    name = (
        format_html('<a href="{}">{}</a>', author.url, author.name) if author.url else conditional_escape(author.name)
    )
    if not author.numbers:
        return name
    return format_html("{}<sup>{}</sup>", name, ",".join(map(str, author.numbers)))


@register.filter
def byline(authors: Iterable[Author]) -> SafeString:
    """All authors, linked to the index, with the superscript numbers of their affiliations."""
    return mark_safe(", ".join(_author_html(a) for a in authors))  # noqa: S308  (each part is escaped)


@register.filter
def authors_short(authors: list[Author]) -> SafeString:
    """The first six authors, linked, “and N more”."""
    shown = authors[:SHORT_BYLINE]
    linked = [format_html('<a href="{}">{}</a>', a.url, a.name) if a.url else conditional_escape(a.name) for a in shown]
    text = format_html_join(", ", "{}", ((name,) for name in linked))
    hidden = len(authors) - len(shown)
    return format_html("{} <span>and {} more</span>", text, hidden) if hidden else text


@register.filter
def group_anchor(name: str) -> str:
    """Where the page of all meetings shows the group `name` of the menu."""
    return f"group-{slugify(name) or 'more'}"


@register.filter
def elided(page: Page) -> list[int | str]:
    """Page numbers around `page`, with “…” for what is left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))
