"""The sample's meetings: when they are, what is presented where, and under which embargo."""

import datetime as dt
import random
import zoneinfo
from dataclasses import replace

from ..models import EmbargoTier
from ..models.meeting import to_instant
from ..visibility import Level
from .dice import dice, words
from .people import byline, disclosures
from .plans import AbstractPlan, MeetingPlan, Place
from .specials import SPECIALS
from .study import Study, make_study

ZONE = zoneinfo.ZoneInfo("America/Chicago")
SLUG = r"^sample-(convergence|pediatric-symposium|annual-meeting)-\d{4}$"
SIZES = (1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12, 14, 17, 22)
SERIES = {"plain": "{:04}", "L": "L{:02}", "LB": "LB{:02}", "PP": "PP{:02}", "bare": "{}"}
# Far above any number that the former site gave to an abstract.
FIRST_LEGACY_ID = 2_000_000_000
JOURNAL = {"journal": "J Sample Rheumatol"}
RULE = EmbargoTier.Rule


def sample_meetings(now: dt.datetime, lift_in: int, abstracts: int | None = None) -> list[MeetingPlan]:
    """All meetings of the sample, newest first.

    `now` (aware) is when the current meeting takes place; its late-breaking tiers lift `lift_in` minutes later, on
    the full minute. `abstracts`: about how many in all (at least one a session); None for all of them.
    """
    texts = words("programme")
    specs = [texts["current"], texts["past"], *texts["older"]]
    full = sum(session["count"] for spec in specs for session in spec["sessions"])
    builder = _Builder(now, min(1, abstracts / full) if abstracts else 1)
    local = now.astimezone(ZONE)
    year = local.year
    first, last = local.date() - _days(1), _october(year - 1)
    sessions = {role: texts[role]["sessions"] for role in ("current", "past")}
    current = builder.meeting(
        "current", _current_fields(local), current_tiers(local, lift_in), sessions["current"], first
    )
    past = builder.meeting("past", _past_fields(year - 1), _one_tier(year - 1), sessions["past"], last)
    return [current, past, *(_older(builder, spec, year) for spec in texts["older"])]


def _days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def _october(year: int) -> dt.date:
    return dt.date(year, 10, 24)


def _current_fields(local: dt.datetime) -> dict:
    first = local.date() - _days(1)
    news = dt.datetime.combine(local.date() + _days(1), dt.time(10), ZONE)
    return JOURNAL | {
        "name": f"Sample Convergence {local.year}", "slug": f"sample-convergence-{local.year}", "year": local.year,
        "starts_on": first, "ends_on": first + _days(4), "city": "Larkfield, OH", "timezone": ZONE.key,
        "volume": str(local.year - 1948), "supplement": "suppl 9", "news_embargo_at": news,
        "embargo_policy": words("programme")["policy"]["html"],
    }  # fmt: skip


def _past_fields(year: int) -> dict:
    return JOURNAL | {
        "name": f"Sample Convergence {year}", "slug": f"sample-convergence-{year}", "year": year,
        "starts_on": _october(year), "ends_on": _october(year) + _days(3), "city": "Northmere, MN",
        "timezone": ZONE.key, "volume": str(year - 1948), "supplement": "suppl 9",
        "embargo_policy": words("programme")["policy"]["html"],
    }  # fmt: skip


def _older(builder: "_Builder", spec: dict, current_year: int) -> MeetingPlan:
    year = spec.get("year") or current_year - spec["back"]
    fields = JOURNAL | {
        "name": f"{spec['name']} {year}", "slug": f"{spec['slug']}-{year}", "year": year, "timezone": ZONE.key,
        "kind": spec.get("kind", "annual"), "city": spec.get("city", ""), "is_virtual": spec.get("virtual", False),
        "starts_on": _october(year), "ends_on": _october(year) + _days(2), "volume": str(year - 1948),
        "supplement": "suppl 10", "menu_group": "2020–2009 Meetings" if year <= 2020 else "",
    }  # fmt: skip
    role = f"{spec['slug']} {spec.get('back', year)}"
    return builder.meeting(role, fields, _one_tier(year), spec["sessions"], _october(year))


def _one_tier(year: int) -> list[dict]:
    """Embargoes of a past meeting: all over."""
    rule = {"release_rule": RULE.FIXED, "release_time": dt.time(6, 30)}
    return [
        {"name": "Regular", "release_date": _october(year) - _days(30), **rule},
        {"name": "Late-breaking", "release_date": _october(year) + _days(2), **rule},
    ]


def current_tiers(local: dt.datetime, lift_in: int) -> list[dict]:
    """Embargoes of the current meeting: every rule, and everything that can show before release."""
    lift = _full_minute(local.astimezone(dt.UTC) + dt.timedelta(minutes=lift_in))
    if to_instant(lift.astimezone(ZONE).date(), lift.astimezone(ZONE).time(), ZONE) == lift:
        lift = lift.astimezone(ZONE)  # else: in the hour that clocks show twice, where only UTC names this instant
    before = {"listing_date": local.date() - _days(45), "listing_time": dt.time(9)}
    listing, shell = before | {"listing_level": Level.LISTED}, before | {"listing_level": Level.SHELL}
    lifting = {"release_rule": RULE.FIXED, "release_date": lift.date(), "release_time": lift.time()}
    lifting["timezone"] = str(lift.tzinfo)
    regular = {"release_date": local.date() - _days(21), "release_time": dt.time(6, 30)}
    return [
        {"name": "Regular", "release_rule": RULE.FIXED, **regular, **listing},
        {"name": "Late-breaking posters", **lifting, **listing},
        {"name": "Late-breaking abstracts", **lifting, **shell},
        {"name": "Plenary", "release_rule": RULE.SESSION_START, **shell},
        {"name": "Day of presentation", "release_rule": RULE.SESSION_DAY, "release_time": dt.time(6), **listing},
        {"name": "Held", "release_rule": RULE.HELD},
    ]


def _full_minute(instant: dt.datetime) -> dt.datetime:
    """The first full minute at or after `instant`."""
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + dt.timedelta(minutes=1)


class _Builder:
    """Builds meetings; keeps titles and ids on the former site from occurring twice."""

    def __init__(self, now: dt.datetime, share: float):
        self.now, self.share = now, share
        self.titles: set[str] = set()
        self.made = 0
        self.role = ""

    def meeting(self, role: str, fields: dict, tiers: list[dict], sessions: list[dict], first: dt.date) -> MeetingPlan:
        """A meeting; what its abstracts say depends on `role`, not on its year."""
        self.role = role
        plan = MeetingPlan(fields, [t | {"position": i} for i, t in enumerate(tiers)], [])
        counters: dict[str, int] = {}
        second: dict[str, list[AbstractPlan]] = {}
        for spec in sessions:
            count = max(1, len(spec.get("special", ())), round(spec["count"] * self.share))
            plan.sessions.append(_session(spec, count, first))
            for position in range(count):
                number = _number(spec["series"], counters)
                abstract = self.abstract(fields, spec, position, number)
                plan.abstracts.append(abstract)
                if "also" in spec and spec["special"][position : position + 1] == ["both"]:
                    second.setdefault(spec["also"], []).append(abstract)
        for code, abstracts in second.items():
            for position, abstract in enumerate(abstracts):
                abstract.places.append(Place(code, 1000 + position))
        return plan

    def abstract(self, meeting: dict, spec: dict, position: int, number: str | None) -> AbstractPlan:
        rng = dice(self.role, spec["title"], position)
        study = self._fresh_study(rng, spec, position)
        team = byline(rng, 1 if study.kind == "patient" else rng.choice(SIZES))
        if study.kind == "patient":
            team = [replace(team[0], homes=())]
        plan = AbstractPlan(
            number, study.title, spec.get("tier", "Regular"), [_place(spec, position)], study.sections, study.keywords,
            team, study.figures, disclosures(rng, team),
        )  # fmt: skip
        self._add_columns(rng, plan, study, meeting)
        for special in spec.get("special", ())[position : position + 1]:
            SPECIALS[special](rng, plan, study, self.now)
        return plan

    def _fresh_study(self, rng: random.Random, spec: dict, turn: int) -> Study:
        """A study with a title that no other has; neighbors in a session do not sound alike."""
        for attempt in range(200):
            study = make_study(rng, rng.choice(spec["kinds"]), rng.choice(spec["topics"]), turn + attempt)
            if study.title not in self.titles:
                break
        self.titles.add(study.title)
        return study

    def _add_columns(self, rng: random.Random, plan: AbstractPlan, study: Study, meeting: dict) -> None:
        self.made += 1
        plan.fields["legacy_id"] = FIRST_LEGACY_ID + self.made
        if study.kind == "trial":
            plan.fields["trial_ids"] = f"NCT99{rng.randint(0, 999_999):06}"
        if plan.number:
            plan.fields["doi"] = f"10.99999/sample.{meeting['year']}.{plan.number}"
        if plan.tier == "Regular":
            plan.fields["first_published"] = meeting["starts_on"] - _days(20)


def _number(series: str, counters: dict[str, int]) -> str | None:
    if series == "none":
        return None
    counters[series] = counters.get(series, 7 if series == "bare" else 0) + 1
    return SERIES[series].format(counters[series])


def _session(spec: dict, count: int, first: dt.date) -> dict:
    fields = {name: spec[name] for name in ("code", "title", "type", "place") if name in spec}
    if "start" in spec:
        minutes = spec.get("minutes") or spec["each"] * max(count, spec["count"])
        fields |= {
            "date": first + _days(spec["day"]),
            "start_time": spec["start"],
            "end_time": _after(spec["start"], minutes),
        }
    return fields


def _place(spec: dict, position: int) -> Place:
    if "each" not in spec:
        return Place(spec["code"], position)
    start = _after(spec["start"], spec["each"] * position)
    return Place(spec["code"], position, start, _after(start, spec["each"]))


def _after(time: dt.time, minutes: int) -> dt.time:
    return (dt.datetime.combine(dt.date.min, time) + dt.timedelta(minutes=minutes)).time()
