"""The visibility rules a second time, in plain Python, from docs/architecture.md and the models' documentation.

Nothing of the product is imported but the names of levels, roles and rules: it reads the rows as staff typed them
(wall-clock times, dates, overrides), never the instants that the product stored.
"""

import datetime as dt
import zoneinfo
from collections.abc import Collection
from typing import Any

from abstracts.models import Abstract, EmbargoTier, Presentation
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


def first(values) -> Any:
    known = [value for value in values if value is not None]
    return min(known) if known else None


def release(tier: dict[str, Any], zone: str, sessions: list[dict[str, Any]]) -> dt.datetime | None:
    tier_zone = tier["timezone"] or zone
    match tier["release_rule"]:
        case "fixed":
            return instant(tier["release_date"], tier["release_time"], tier_zone)
        case "session_start":
            return first(session_instants(s, zone)[0] for s in sessions)
        case "session_end":
            return first(session_instants(s, zone)[1] for s in sessions)
        case "session_day":
            day = first(s["date"] for s in sessions)
            return day and instant(day, tier["release_time"], tier_zone)
    return None


def embargo(abstract: dict, tier: dict | None, meeting: dict, sessions: list[dict]):
    """(level before release, instant from which it shows, instant of release); None: never."""
    if not meeting["is_published"]:
        return Level.HIDDEN, None, None
    zone = meeting["timezone"]
    released = abstract["override_released_from"]
    if released is None and tier:
        released = release(tier, zone, sessions)
    if abstract["override_listing_level"] is not None:
        level, listed = abstract["override_listing_level"], abstract["override_listed_from"]
    elif tier and tier["listing_level"]:
        level = tier["listing_level"]
        listed = instant(tier["listing_date"], tier["listing_time"], tier["timezone"] or zone)
    else:
        level, listed = Level.HIDDEN, None
    return (level, listed, released) if level else (Level.HIDDEN, None, released)


def level(
    role: Role,
    at: dt.datetime,
    abstract: dict,
    tier: dict | None,
    meeting: dict,
    sessions: list[dict],
    ahead_in: Collection[int] = (),
) -> int:
    """What `role` may see of the abstract at `at`; `ahead_in`: meetings of the press (keys)."""
    if role is Role.STAFF:
        return Level.FULL
    if abstract["status"] == "draft" or not meeting["is_published"]:
        return Level.HIDDEN
    most = Level.LISTED if abstract["status"] == "withdrawn" else Level.FULL
    before, listed, released = embargo(abstract, tier, meeting, sessions)
    is_ahead = role is Role.PRESS and abstract["meeting_id"] in ahead_in
    if is_ahead or (released is not None and at >= released):
        return most
    return before if listed is not None and at >= listed else Level.HIDDEN


def facts(pk: int) -> dict[str, Any]:
    """The rows that decide about the abstract `pk`, as typed: the keyword arguments of `embargo` and `level`."""
    abstract = Abstract.unfiltered.filter(pk=pk).values().get()
    meeting = Abstract.unfiltered.filter(pk=pk).values("meeting__is_published", "meeting__timezone").get()
    shown = Presentation.unfiltered.filter(abstract=pk)
    sessions = [
        dict(zip(("date", "start_time", "end_time"), row, strict=True))
        for row in shown.values_list("session__date", "session__start_time", "session__end_time")
    ]
    return {
        "abstract": abstract,
        "tier": EmbargoTier.objects.filter(pk=abstract["tier_id"]).values().first(),
        "meeting": {name.removeprefix("meeting__"): value for name, value in meeting.items()},
        "sessions": sessions,
    }
