"""The visibility rules a second time, in plain Python, from docs/architecture.md and the models' documentation.

Nothing of the product is imported but the names of levels, roles and rules: it reads the rows as staff typed them
(wall-clock times, dates, overrides), never the instants that the product stored.
"""

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Collection
from typing import Any

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Presentation
from abstracts.visibility import Level, Role

SPAN = [dt.timedelta(hours=h) for h in range(-54, 55, 6)]


def instant(date: dt.date, time: dt.time, zone: str) -> dt.datetime:
    """When clocks in `zone` show `date` `time`: the last such instant; in a gap, by the clocks of before it."""
    wall, tz = dt.datetime.combine(date, time), zoneinfo.ZoneInfo(zone)
    offsets = {(wall.replace(tzinfo=dt.UTC) + step).astimezone(tz).utcoffset() for step in SPAN}
    readings = [(wall - offset).replace(tzinfo=dt.UTC) for offset in offsets]
    shown = [r for r in readings if r.astimezone(tz).replace(tzinfo=None) == wall]
    return max(shown or readings)


def session_instants(session: dict[str, Any], zone: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Start and end of a session; an end before the start is on the next day."""
    if session["date"] is None or session["start_time"] is None:
        return None, None
    start = instant(session["date"], session["start_time"], zone)
    if session["end_time"] is None:
        return start, None
    over_midnight = session["end_time"] < session["start_time"]
    day = session["date"] + dt.timedelta(days=1 if over_midnight else 0)
    return start, max(start, instant(day, session["end_time"], zone))


def talk_instants(session: dict[str, Any], zone: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Start and end of the abstract's own talk; what is in the six hours after midnight of a late session is of the
    next day."""
    start, end = session["talk_start"], session["talk_end"]
    if session["date"] is None or start is None:
        return None, None
    day = session["date"]
    if session["start_time"] and start < session["start_time"]:
        night = dt.datetime.combine(day + dt.timedelta(1), start) - dt.datetime.combine(day, session["start_time"])
        if night <= dt.timedelta(hours=6):
            day += dt.timedelta(1)
    begins = instant(day, start, zone)
    if end is None:
        return begins, None
    return begins, max(begins, instant(day + dt.timedelta(1) if end < start else day, end, zone))


def of_several(values: list, tier: dict[str, Any]) -> Any:
    """The first of the known ones, or the last if all are known."""
    known = [value for value in values if value is not None]
    if tier["decides"] == "last":
        return max(known) if known and len(known) == len(values) else None
    return min(known) if known else None


def step_instant(step: dict, tier: dict, meeting: dict, sessions: list[dict]) -> dt.datetime | None:
    zone = meeting["timezone"]
    if tier["decides"] == "first_of_type":
        sessions = [s for s in sessions if s["type"].lower() == tier["decides_type"].lower()]
    minutes = dt.timedelta(minutes=step["minutes"])

    def on(day: dt.date | None) -> dt.datetime | None:
        return day and instant(day, step["time"], step["timezone"] or zone)

    def after(moment: dt.datetime | None) -> dt.datetime | None:
        return moment and moment + minutes

    match step["rule"]:
        case "fixed":
            return on(step["date"])
        case "session_start":
            return after(of_several([session_instants(s, zone)[0] for s in sessions], tier))
        case "session_end":
            return after(of_several([session_instants(s, zone)[1] for s in sessions], tier))
        case "talk_start":
            return after(of_several([talk_instants(s, zone)[0] for s in sessions], tier))
        case "talk_end":
            return after(of_several([talk_instants(s, zone)[1] for s in sessions], tier))
        case "session_day":
            return on(of_several([s["date"] for s in sessions], tier))
        case "first_day":
            return on(meeting["starts_on"])
        case "last_day":
            return on(meeting["ends_on"])
    assert step["rule"] == "held"
    return None


ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LADDER = ["number", "title", "listing", "everything"]
LEVELS = dict(zip(LADDER, [Level.SHELL, Level.TITLED, Level.LISTED, Level.FULL], strict=True))


def embargo(abstract: dict, tier: dict | None, steps: list[dict], meeting: dict, sessions: list[dict]):
    """From when number, title, listing and everything show; from when press may read; the end of the news embargo."""
    if not meeting["is_published"]:
        return (None,) * 6
    by_step = {step["shows"]: step_instant(step, tier, meeting, sessions) for step in steps}  # type: ignore[arg-type]
    begins = {shows: by_step.get(shows) for shows in LADDER}
    if abstract["override_listing_level"] is not None:
        for shows in LADDER[:-1]:
            shown = LEVELS[shows] <= abstract["override_listing_level"]
            begins[shows] = abstract["override_listed_from"] if shown else None
    if abstract["override_released_from"] is not None:
        begins["everything"] = abstract["override_released_from"]
    for lower, higher in reversed(list(itertools.pairwise(LADDER))):
        known = [value for value in (begins[lower], begins[higher]) if value is not None]
        begins[lower] = min(known, default=None)
    press = by_step.get("press", ALWAYS if tier or not meeting["closes_to_press"] else None)
    return (*(begins[shows] for shows in LADDER), press, by_step.get("news"))


def level(
    role: Role,
    at: dt.datetime,
    abstract: dict,
    tier: dict | None,
    steps: list[dict],
    meeting: dict,
    sessions: list[dict],
    ahead_in: Collection[int] = (),
) -> int:
    """What `role` may see of the abstract at `at`; `ahead_in`: meetings of the press (keys)."""
    if role is Role.STAFF:
        return Level.FULL
    if abstract["status"] == "draft" or not meeting["is_published"]:
        return Level.HIDDEN
    most = Level.FULL
    if abstract["status"] == "withdrawn":
        most = Level.NOTED if abstract["hides_title"] else Level.LISTED
    *begins, press, _ = embargo(abstract, tier, steps, meeting, sessions)
    is_ahead = role is Role.PRESS and abstract["meeting_id"] in ahead_in
    if is_ahead and press is not None and at >= press:
        return most
    reached = [LEVELS[shows] for shows, begin in zip(LADDER, begins, strict=True) if begin is not None and at >= begin]
    if most == Level.NOTED and reached:
        return most
    return min(max(reached, default=Level.HIDDEN), most)


def facts(pk: int) -> dict[str, Any]:
    """The rows that decide about the abstract `pk`, as typed: the keyword arguments of `embargo` and `level`."""
    abstract = Abstract.unfiltered.filter(pk=pk).values().get()
    names = ("is_published", "timezone", "starts_on", "ends_on")
    meeting = Meeting.objects.filter(pk=abstract["meeting_id"]).values(*names).get()
    steps = EmbargoStep.objects.filter(tier__meeting=abstract["meeting_id"], shows="press")
    meeting["closes_to_press"] = steps.exists()
    shown = Presentation.unfiltered.filter(abstract=pk)
    columns = {"type": "session__type", "date": "session__date", "start_time": "session__start_time"}
    columns |= {"end_time": "session__end_time", "talk_start": "start_time", "talk_end": "end_time"}
    return {
        "abstract": abstract,
        "tier": EmbargoTier.objects.filter(pk=abstract["tier_id"]).values().first(),
        "steps": list(EmbargoStep.objects.filter(tier=abstract["tier_id"]).values()),
        "meeting": meeting,
        "sessions": [dict(zip(columns, row, strict=True)) for row in shown.values_list(*columns.values())],
    }
