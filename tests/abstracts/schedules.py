"""Published embargo rules of societies, as staff type them into the admin's forms, and what is public when by them.

The meetings are invented, in 2031. Instants are counted out by hand.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, EmbargoTier, Keyword, Meeting, Session
from abstracts.visibility import Level
from tests.abstracts.admin.posting import answer, asks, edit
from tests.abstracts.exits import COMMON, FAMILY, KEYWORD, NOTE, NUMBER, TEXT, TITLE

EASTERN = "America/New_York"


def utc(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2031, month, day, hour, minute, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Talk:
    """A session with its date and local times, and the abstract's own times in it."""

    type: str
    date: str
    start: str
    end: str
    own_start: str = ""
    own_end: str = ""


@dataclass(frozen=True)
class Schedule:
    """What is typed: the meeting's zone and days, the steps of the tier by what they show, which presentation decides,
    the presentations. What follows: the public's levels with their instants, the end of the news embargo, and from when
    the press may read (None: at any time)."""

    zone: str
    days: tuple[str, str]
    steps: dict[str, dict[str, Any]]
    expected: list[tuple[dt.datetime, Level]]
    decides: str = "last"
    decides_type: str = ""
    talks: tuple[Talk, ...] = (Talk("Poster Session", "2031-10-26", "10:30", "12:30"),)
    news: dt.datetime | None = None
    press: dt.datetime | None = None
    status: dict[str, str] = field(default_factory=dict)


def at(date: str, time: str, zone: str = "") -> dict[str, Any]:
    return {"rule": "fixed", "date": date, "time": time, "timezone": zone}


def on(rule: str, time: str) -> dict[str, Any]:
    return {"rule": rule, "time": time}


def after(rule: str, minutes: int = 0) -> dict[str, Any]:
    return {"rule": rule, "minutes": minutes}


SCHEDULES = {
    # Listed in September; everything at 6:30 AM Eastern, wherever the meeting is.
    "ACR regular": Schedule(
        "America/Chicago",
        ("2031-10-25", "2031-10-29"),
        {"listing": at("2031-09-15", "10:00"), "everything": at("2031-10-24", "06:30", EASTERN)},
        [(utc(9, 15, 15), Level.LISTED), (utc(10, 24, 10, 30), Level.FULL)],
    ),
    # Number and title, no authors; the text at 10:00 AM Central.
    "ACR late-breaking": Schedule(
        "America/Chicago",
        ("2031-10-25", "2031-10-29"),
        {"title": at("2031-10-01", "10:00"), "everything": at("2031-10-27", "10:00")},
        [(utc(10, 1, 15), Level.TITLED), (utc(10, 27, 15), Level.FULL)],
    ),
    # Three steps: number, title, text; at 5:00 PM Eastern.
    "ASCO": Schedule(
        "America/Chicago",
        ("2031-05-30", "2031-06-03"),
        {
            "number": at("2031-04-23", "08:00", EASTERN),
            "title": at("2031-05-15", "17:00", EASTERN),
            "everything": at("2031-05-22", "17:00", EASTERN),
        },
        [(utc(4, 23, 12), Level.SHELL), (utc(5, 15, 21), Level.TITLED), (utc(5, 22, 21), Level.FULL)],
        talks=(Talk("Oral Abstract Session", "2031-05-31", "09:00", "10:30"),),
    ),
    # Regular abstracts on one date, late-breaking ones, of which the listing is known by then, on another.
    "ASH regular": Schedule(
        "America/Los_Angeles",
        ("2031-12-06", "2031-12-09"),
        {"everything": at("2031-11-06", "09:00", EASTERN)},
        [(utc(11, 6, 14), Level.FULL)],
        talks=(Talk("Poster Session", "2031-12-06", "17:30", "19:30"),),
    ),
    "ASH late-breaking": Schedule(
        "America/Los_Angeles",
        ("2031-12-06", "2031-12-09"),
        {"listing": at("2031-11-06", "09:00", EASTERN), "everything": at("2031-11-24", "09:00", EASTERN)},
        [(utc(11, 6, 14), Level.LISTED), (utc(11, 24, 14), Level.FULL)],
        talks=(Talk("Late-Breaking Abstracts", "2031-12-09", "07:30", "09:00"),),
    ),
    # Titles first; news about an abstract from the start of its session on.
    "AACR": Schedule(
        "America/Chicago",
        ("2031-04-19", "2031-04-24"),
        {
            "title": at("2031-03-10", "16:30", EASTERN),
            "everything": at("2031-04-18", "13:00", EASTERN),
            "news": after("session_start"),
        },
        [(utc(3, 10, 20, 30), Level.TITLED), (utc(4, 18, 17), Level.FULL)],
        talks=(Talk("Minisymposium", "2031-04-20", "14:00", "16:00", "14:35", "14:50"),),
        news=utc(4, 20, 19),
    ),
    # Each at the start of its own talk. The poster of it, the day before, decides nothing.
    "ESMO": Schedule(
        "Europe/Berlin",
        ("2031-10-17", "2031-10-21"),
        {"title": at("2031-10-09", "00:05"), "everything": after("talk_start")},
        [(utc(10, 8, 22, 5), Level.TITLED), (utc(10, 18, 12, 45), Level.FULL)],
        decides="first_of_type",
        decides_type="Proffered Paper",
        talks=(
            Talk("Poster", "2031-10-17", "09:00", "17:00"),
            Talk("Proffered Paper", "2031-10-18", "14:00", "15:30", "14:45", "14:55"),
        ),
    ),
    # Half an hour after the end of its last session; the number on that day at eight; the press two days before.
    "ESMO GI": Schedule(
        "Europe/Madrid",
        ("2031-07-02", "2031-07-05"),
        {
            "number": on("session_day", "08:00"),
            "everything": after("session_end", 30),
            "press": after("session_start", -2 * 24 * 60),
        },
        [(utc(7, 4, 6), Level.SHELL), (utc(7, 4, 8, 30), Level.FULL)],
        talks=(
            Talk("Poster", "2031-07-02", "10:00", "11:00"),
            Talk("Oral", "2031-07-04", "09:00", "10:00", "09:10", "09:20"),
        ),
        press=utc(7, 2, 7),
    ),
    # A minute after midnight on the first day; news of this tier later.
    "EULAR": Schedule(
        "Europe/Vienna",
        ("2031-06-04", "2031-06-07"),
        {"everything": on("first_day", "00:01"), "news": at("2031-06-05", "10:00")},
        [(utc(6, 3, 22, 1), Level.FULL)],
        talks=(Talk("Poster View", "2031-06-05", "09:30", "10:30"),),
        news=utc(6, 5, 8),
    ),
    # When its session ends, past midnight, at 1:30 AM, which comes twice that night.
    "Psych Congress": Schedule(
        "America/Los_Angeles",
        ("2031-10-31", "2031-11-03"),
        {"number": on("first_day", "12:00"), "everything": after("session_end")},
        [(utc(10, 31, 19), Level.SHELL), (utc(11, 2, 9, 30), Level.FULL)],
        talks=(Talk("Poster Session", "2031-11-01", "22:30", "01:30"),),
    ),
    # Withdrawn before the meeting, and the title with it: the number and the note, whatever comes.
    "ACG": Schedule(
        EASTERN,
        ("2031-10-24", "2031-10-29"),
        {"number": at("2031-10-01", "09:00"), "everything": at("2031-10-26", "09:00")},
        [(utc(10, 1, 13), Level.NOTED), (utc(10, 26, 13), Level.NOTED)],
        status={"status": "withdrawn", "status_note": f"Withdrawn by {NOTE}.", "hides_title": "on"},
    ),
}


def enter(client: Client, name: str, schedule: Schedule) -> Abstract:
    """Type `schedule` into the admin's forms, one after the other; whoever does so confirms what is asked."""
    meeting = _enter_meeting(client, name, schedule)
    tier = _enter_tier(client, meeting, schedule)
    sessions = [_enter_session(client, meeting, talk) for talk in schedule.talks]
    _add(client, "keyword", name=KEYWORD)
    rows: dict[str, str] = {}
    presentations = [
        {"session": session.pk, "position": "0", "start_time": talk.own_start, "end_time": talk.own_end}
        for session, talk in zip(sessions, schedule.talks, strict=True)
    ]
    rows |= _rows("presentation", presentations)
    author = {"position": "0", "name": f"Ada {FAMILY}", "given": "Ada", "family": FAMILY}
    rows |= _rows("authorline", [author])
    keyword = {"position": "0", "keyword": Keyword.unfiltered.get(name=KEYWORD).pk}
    rows |= _rows("abstractkeyword", [keyword])
    section = {"position": "0", "label": "Results", "html": f"<p>{TEXT} was given.</p>"}
    rows |= _rows("section", [section])
    title = f"{TITLE} and {COMMON}"
    _add(client, "abstract", meeting=meeting.pk, tier=tier.pk, number=NUMBER, title=title, **schedule.status, **rows)
    return Abstract.unfiltered.select_related("meeting").get(meeting=meeting)


def _enter_meeting(client: Client, name: str, schedule: Schedule) -> Meeting:
    days = dict(zip(("starts_on", "ends_on"), schedule.days, strict=True))
    _add(client, "meeting", name=name, slug="forum-2031", year="2031", timezone=schedule.zone, **days)
    return Meeting.objects.get(slug="forum-2031")


def _enter_tier(client: Client, meeting: Meeting, schedule: Schedule) -> EmbargoTier:
    steps = [{"shows": shows, "minutes": "0", **rule} for shows, rule in schedule.steps.items()]
    rows = _rows("embargostep", steps)
    decides = {"decides": schedule.decides, "decides_type": schedule.decides_type}
    _add(client, "embargotier", meeting=meeting.pk, name="Tier", **decides, **rows)
    return EmbargoTier.objects.get(meeting=meeting)


def _enter_session(client: Client, meeting: Meeting, talk: Talk) -> Session:
    times = {"date": talk.date, "start_time": talk.start, "end_time": talk.end}
    _add(client, "session", meeting=meeting.pk, title=f"A {talk.type}", type=talk.type, **times)
    return Session.objects.get(meeting=meeting, type=talk.type)


def _rows(prefix: str, rows: list[dict[str, Any]]) -> dict[str, str]:
    """The fields of `rows` of an inline of a page that has none stored: in the empty rows that it offers, or added."""
    fields = {f"{prefix}-{index}-{name}": str(value) for index, row in enumerate(rows) for name, value in row.items()}
    return fields | {f"{prefix}-TOTAL_FORMS": str(len(rows))}


def _add(client: Client, model: str, **fields: Any) -> None:
    response = edit(client, reverse(f"admin:abstracts_{model}_add"), f"{model}_form", **fields)
    if asks(response):
        response = answer(client, response)
    assert "was added successfully" in response.content.decode(), response.context["errors"]
