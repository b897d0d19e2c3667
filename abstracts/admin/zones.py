"""Time zones in forms: offered by city, found by typing, with their time on the days of the meeting.

A form takes `ZoneField` for a zone (`field_classes` of its Meta), and tells it the days with `offer_zones`. The admin
of the model takes `OffersZones`, which puts the list once into the page.
"""

import csv
import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterable
from importlib import resources
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from .. import clock
from ..models import Meeting
from ..models.meeting import known_timezones
from ..reading.wording import zone_name
from ..words.text import squeeze, strip_controls

# The id of the list in the page.
LIST = "time-zones"
# How many years back a change of the rules is still told.
YEARS_BACK = 5
LONGEST_MEETING = 31


class City(NamedTuple):
    """A zone by its city: “America/Chicago”, “Chicago, United States, Central (most areas)”."""

    zone: str
    place: str


class Choice(NamedTuple):
    zone: str
    label: str


@functools.cache
def cities() -> tuple[City, ...]:
    """The zones of today's places, from zone.tab of the IANA, by city. Old names (US/Central) are not among them."""
    countries = {code: name for code, name, *_ in _table("iso3166.tab")}
    rows = [
        City(zone, ", ".join([city_of(zone), countries[code], *map(_without_abbreviation, comment)]))
        for code, _coordinates, zone, *comment in _table("zone.tab")
        if zone in known_timezones()
    ]
    return (*sorted(rows, key=lambda city: city.place), City("UTC", "UTC, universal time"))


def _table(name: str) -> list[list[str]]:
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _without_abbreviation(comment: str) -> str:
    """“MST - BC (most areas)” without the name that the time has in winter."""
    return re.sub(r"^[A-Z]{3,4} - ", "", comment)


def city_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def zones_named(typed: str) -> list[str]:
    """The zones that `typed` may mean: an IANA name, or a city; upper and lower case are the same."""
    name = squeeze(strip_controls(typed)).casefold()
    if exact := [zone for zone in known_timezones() if zone.casefold() == name]:
        return exact
    return [city.zone for city in cities() if name in (city_of(city.zone).casefold(), city.place.casefold())]


class Days(NamedTuple):
    first: dt.date
    last: dt.date


def days_of(meeting: Meeting | None) -> Days:
    """The days of `meeting`; July 1 of its year if they are not known, today without a meeting."""
    if meeting is None or not (meeting.starts_on or meeting.year):
        today = clock.now().date()
        return Days(today, today)
    first = meeting.starts_on or dt.date(meeting.year, 7, 1)
    last = max(first, meeting.ends_on or first)
    return Days(first, min(last, first + dt.timedelta(LONGEST_MEETING)))


@functools.lru_cache(maxsize=8)
def choices(days: Days) -> tuple[Choice, ...]:
    """All cities, with the time of their zone on `days`."""
    return tuple(Choice(city.zone, f"{city.place}: {time_on(city.zone, days)}") for city in cities())


@functools.lru_cache(maxsize=5000)
def time_on(name: str, days: Days) -> str:
    """“CDT (UTC−05:00), from Nov 1 CST (UTC−06:00)”; “MST (UTC−07:00), all year from 2026” if rules have changed."""
    zone = zoneinfo.ZoneInfo(name)
    dates = [days.first + dt.timedelta(n) for n in range((days.last - days.first).days + 1)]
    changes = list(_changes(zone, dates))
    words = [_words(zone, changes[0])]
    words += [f"from {date:%b} {date.day} {_words(zone, date)}" for date in changes[1:]]
    if year := _all_year_since(zone, days.last):
        words.append(f"all year from {year}")
    return ", ".join(words)


def _all_year_since(zone: zoneinfo.ZoneInfo, date: dt.date) -> int | None:
    """The year from which its time at `date` holds without changes, if it changed within YEARS_BACK; else None."""
    months = [
        dt.date(year, month, 1) for year in range(date.year - YEARS_BACK, date.year + 2) for month in range(1, 13)
    ]
    *_, last_change = _changes(zone, [first for first in months if first <= date + dt.timedelta(366)])
    return last_change.year if months[0] < last_change <= date else None


def _changes(zone: zoneinfo.ZoneInfo, dates: Iterable[dt.date]) -> Iterable[dt.date]:
    """The first of `dates`, and those at which the time in `zone` is another than at the one before."""
    former = None
    for date in dates:
        noon = dt.datetime.combine(date, dt.time(12), zone)
        if (time := (noon.utcoffset(), noon.tzname())) != former:
            yield date
        former = time


def _words(zone: zoneinfo.ZoneInfo, date: dt.date) -> str:
    noon = dt.datetime.combine(date, dt.time(12), zone)
    offset = f"UTC{noon.isoformat()[19:]}".replace("-", "−")
    name = zone_name(noon, zone)
    return offset if name.startswith("UTC") else f"{name} ({offset})"


class ZoneInput(forms.TextInput):
    """A text field with the page's list of zones; behind it, what the zone in it means on `days`."""

    days: Days | None = None

    def __init__(self, attrs=None):
        super().__init__({"list": LIST, "autocomplete": "off", "size": 30, **(attrs or {})})

    def render(self, name, value, attrs=None, renderer=None):
        field = super().render(name, value, attrs, renderer)
        if not (self.days and value in known_timezones()):
            return field
        return format_html('{} <span class="zone-time">{}</span>', field, time_on(value, self.days))


class ZoneField(forms.CharField):
    """The IANA name of a zone. Takes the name of a city, too."""

    def __init__(self, **kwargs):
        # Always its own widget: the admin gives one to all fields of text.
        super().__init__(**{**kwargs, "widget": ZoneInput})

    def to_python(self, value) -> str:
        typed = super().to_python(value)
        if typed in self.empty_values:
            return ""
        zones = zones_named(typed)
        if len(zones) == 1:
            return zones[0]
        shown = squeeze(strip_controls(typed))[:64]
        if zones:
            raise ValidationError("“%(typed)s” may be %(zones)s.", params={"typed": shown, "zones": " or ".join(zones)})
        raise ValidationError(
            "“%(typed)s” is not a time zone; type a city, and choose one of the list.", params={"typed": shown}
        )


def offer_zones(field: forms.Field | None, days: Days) -> None:
    """Let `field`, if it is a ZoneField (the form may have none), tell the time of its zone on `days`."""
    if isinstance(field, ZoneField):
        field.widget.days = days


class OffersZones:
    """Admin of a meeting, or of what belongs to one, whose forms have fields for zones."""

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context["time_zones"] = choices(days_of(getattr(obj, "meeting", obj)))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)
