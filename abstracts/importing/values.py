"""Single values of a cell: dates, times, numbers, lists."""

import datetime as dt
import re
from urllib.parse import unquote, urlsplit

from ..words.text import slugify, squeeze

_WEEKDAY = re.compile(
    r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+|^(?:mon|tue|wed|thu|fri|sat|sun)\.?,?\s+", re.I
)
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%B %d, %Y", "%B %d %Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")
_TIME_FORMATS = ("%H:%M", "%H:%M:%S", "%I:%M%p", "%I:%M:%S%p", "%I%p")
_SLUG = re.compile(r"[a-z0-9_-]+")
# Dates outside of these years are slips.
FIRST_YEAR, LAST_YEAR = 1900, 2200
# The largest that the database stores in an integer.
MAX_INTEGER = 2_147_483_647


def parse_date(text: str) -> dt.date:
    """A date as people and spreadsheets write it. Raises ValueError with a message, also for 5/10/2025."""
    date = _parse_date(text)
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise ValueError(f"“{text}” is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return date


def _parse_date(text: str) -> dt.date:
    plain = _WEEKDAY.sub("", squeeze(text)).removesuffix(" 00:00:00").removesuffix("T00:00:00")
    if slashed := _SLASHED.fullmatch(plain):
        month, day, year = (int(n) for n in slashed.groups())
        if month != day and month <= 12 and day <= 12:
            raise ValueError(f"“{text}” can be read as two dates; write it as 2025-10-05")
        return _date(text, year, *((day, month) if month > 12 else (month, day)))
    for form in _DATE_FORMATS:
        try:
            return dt.datetime.strptime(plain, form).date()  # noqa: DTZ007 (a calendar date has no zone)
        except ValueError:
            continue
    raise ValueError(f"“{text}” is not a date; write it as 2025-10-05")


def _date(text: str, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text}” is not a date; write it as 2025-10-05") from None


def parse_time(text: str) -> dt.time:
    """A clock time: 10:30, 10:30:00, 10:30 AM, 1 p.m. Raises ValueError with a message."""
    plain = re.sub(r"[\s.]", "", text).upper()
    for form in _TIME_FORMATS:
        try:
            return dt.datetime.strptime(plain, form).time()  # noqa: DTZ007 (a wall clock)
        except ValueError:
            continue
    raise ValueError(f"“{text}” is not a time; write it as 14:30")


def parse_time_range(text: str) -> tuple[dt.time, dt.time | None]:
    """“11:45AM-12:00PM”, or a single time without an end. Raises ValueError with a message."""
    first, dash, last = re.sub(r"[–—]|\bto\b", "-", text).partition("-")
    if dash and not re.search(r"[ap]\.?m", first, re.I) and (half := re.search(r"[ap]\.?m\.?\s*$", last, re.I)):
        # “10:30-11:30 AM” is one half of the day; in “11:30-12:30 PM” the start is before noon.
        try:
            start = parse_time(first + half[0])
            end = parse_time(last)
        except ValueError:
            raise ValueError(f"“{text}” is not a time; write it as 14:30") from None
        return (parse_time(first + "AM") if start > end else start), end
    return parse_time(first), parse_time(last) if dash else None


def parse_instant(text: str) -> dt.datetime:
    """An ISO date and time, naive or with an offset. Raises ValueError with a message."""
    try:
        return dt.datetime.fromisoformat(squeeze(text))
    except ValueError:
        raise ValueError(f"“{text}” is not a date and time; write it as 2025-10-05T09:00") from None


def parse_flag(value: object) -> bool:
    """Whether a cell or a JSON value means yes."""
    return value is True or str(value).strip().lower() in ("1", "true", "yes", "y", "x")


def split_list(text: str, separator: str = ";") -> list[str]:
    """The parts of a cell, trimmed, without empty ones."""
    return [part for part in map(squeeze, text.split(separator)) if part]


def parse_whole_number(text: str) -> int | None:
    """A whole number from 0 to 2,147,483,647; None for "". Raises ValueError with a message."""
    digits = text.strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= MAX_INTEGER):
        raise ValueError(f"“{digits}” is not a whole number")
    return int(digits)


def slug_of(address: str) -> tuple[str, str]:
    """The slug at the end of an address, in ASCII; and the one that stands there, if that is another."""
    segment = unquote(urlsplit(address.strip()).path.rstrip("/").rpartition("/")[2]).strip().lower()
    if _SLUG.fullmatch(segment) and len(segment) <= 220:
        return segment, ""
    return slugify(segment, 220), segment[:220]
