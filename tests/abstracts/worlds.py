"""Random archives for hypothesis: meetings in awkward zones, every rule, override and status, awkward times."""

import contextlib
import datetime as dt
import itertools

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Presentation, Session
from abstracts.visibility import Level, Status

# Not shrunk: each attempt writes a whole archive, and a failure would be minutes in coming.
bounded = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)

# Zones and a local day on which their clocks jump or repeat (Asia/Kolkata: never; Apia: a whole day is missing).
ZONES = {
    "America/Chicago": [dt.date(2025, 3, 9), dt.date(2025, 11, 2)],
    "Europe/Berlin": [dt.date(2025, 3, 30), dt.date(2025, 10, 26)],
    "Australia/Lord_Howe": [dt.date(2025, 4, 6), dt.date(2025, 10, 5)],
    "America/St_Johns": [dt.date(2025, 3, 9), dt.date(2025, 11, 2)],
    "Africa/Casablanca": [dt.date(2025, 2, 23), dt.date(2025, 4, 6)],
    "Pacific/Apia": [dt.date(2011, 12, 30), dt.date(2011, 12, 31)],
    "Asia/Kolkata": [dt.date(2025, 6, 1)],
    "UTC": [dt.date(2025, 6, 1)],
}
zones = st.sampled_from(sorted(ZONES))
days = st.sampled_from(sorted({day for found in ZONES.values() for day in found})).flatmap(
    lambda day: st.sampled_from([day, day, day - dt.timedelta(1), day + dt.timedelta(1)])
)
clock_times = st.one_of(
    st.sampled_from([dt.time(0), dt.time(1, 30), dt.time(2), dt.time(2, 30), dt.time(3), dt.time(23, 59, 59)]),
    st.times(),
)
instants = st.integers(0, 14 * 365 * 86_400_000_000).map(
    lambda microseconds: dt.datetime(2011, 12, 28, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
)
listing_levels = st.sampled_from([Level.HIDDEN, Level.SHELL, Level.TITLED, Level.LISTED])
# What is drawn most comes first.
statuses = st.sampled_from(["published", "withdrawn", "corrected", "retracted", "withdrawn", "published", "draft"])
assert set(Status.values) == {"published", "withdrawn", "corrected", "retracted", "draft"}


def maybe(values, times: int = 4):
    """`values`, or None once in `times`."""
    return st.sampled_from([*[True] * (times - 1), False]).flatmap(lambda some: values if some else st.none())


@st.composite
def step_fields(draw, shows):
    """The rule of the step that `shows` this. All rules, and what rules do not use, which then decides nothing."""
    return {
        "shows": shows,
        "rule": draw(st.sampled_from(EmbargoStep.Rule.values)),
        "date": draw(days),
        "time": draw(clock_times),
        "minutes": draw(st.sampled_from([0, 0, 15, -90, 24 * 60])),
        "timezone": draw(st.just("") | zones),
    }


@st.composite
def steps_of_tiers(draw):
    shown = draw(st.lists(st.sampled_from(EmbargoStep.Shows.values), unique=True, max_size=4))
    return [draw(step_fields(shows)) for shows in dict.fromkeys([*shown, "everything"])]


@st.composite
def tier_fields(draw):
    decides = draw(st.sampled_from(EmbargoTier.Decides.values))
    return {"decides": decides, "decides_type": "Poster" if decides == "first_of_type" else ""}


@st.composite
def session_fields(draw):
    date = draw(maybe(days))
    start = draw(maybe(clock_times)) if date else None
    return {
        "type": draw(st.sampled_from(["Poster", "poster", "Oral"])),
        "date": date,
        "start_time": start,
        "end_time": draw(maybe(clock_times)) if start else None,
    }


@st.composite
def talk_fields(draw):
    start = draw(maybe(clock_times, 2))
    return {"start_time": start, "end_time": draw(maybe(clock_times, 2)) if start else None}


@st.composite
def override_fields(draw):
    level = draw(maybe(listing_levels))
    return {
        "override_listing_level": level,
        "override_listed_from": draw(instants) if level else draw(maybe(instants)),
        "override_released_from": draw(maybe(instants)),
    }


@st.composite
def meeting_fields(draw):
    first = draw(maybe(days))
    return {
        "timezone": draw(zones),
        "is_published": draw(st.sampled_from([True, True, True, False])),
        "starts_on": first,
        "ends_on": draw(maybe(st.just(first + dt.timedelta(3)))) if first else None,
    }


@st.composite
def worlds(draw, most_abstracts: int = 5):
    """What `build` stores: plain values only."""
    return {
        "meeting": draw(meeting_fields()),
        "tiers": draw(st.lists(st.tuples(tier_fields(), steps_of_tiers()), min_size=1, max_size=3)),
        "sessions": [draw(session_fields()) for _ in range(draw(st.sampled_from([0, 1, 2, 3])))],
        "abstracts": [
            (
                draw(maybe(st.sampled_from([0, 1, 2]), 8)),
                {i: draw(talk_fields()) for i in draw(chosen_sessions)},
                draw(statuses),
                draw(overridden),
                draw(st.booleans()),
            )
            for _ in range(draw(st.integers(2, most_abstracts)))
        ],
    }


chosen_sessions = st.sampled_from([set(), {0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}])
overridden = st.sampled_from([False, False, True]).flatmap(lambda some: override_fields() if some else st.just({}))


_names = itertools.count()


def build(world) -> list[int]:
    """Store `world`; the keys of its abstracts."""
    n = next(_names)
    meeting = Meeting.objects.create(name=f"World {n}", year=2025, **world["meeting"])
    tiers = EmbargoTier.objects.bulk_create(
        [EmbargoTier(meeting=meeting, name=f"T{i}", **fields) for i, (fields, _) in enumerate(world["tiers"])]
    )
    EmbargoStep.objects.bulk_create(
        EmbargoStep(tier=tier, **fields)
        for tier, (_, steps) in zip(tiers, world["tiers"], strict=True)
        for fields in steps
    )
    sessions = Session.objects.bulk_create(
        [Session(meeting=meeting, title=f"S{i}", slug=f"s{i}", **fields) for i, fields in enumerate(world["sessions"])]
    )
    abstracts = Abstract.unfiltered.bulk_create(
        Abstract(
            meeting=meeting,
            tier=tiers[tier % len(tiers)] if tier is not None else None,
            status=status,
            slug=f"w{n}-{i}",
            title=f"W {n}",
            hides_title=hides,
            **override,
        )
        for i, (tier, _, status, override, hides) in enumerate(world["abstracts"])
    )
    Presentation.unfiltered.bulk_create(
        Presentation(abstract=abstract, session=sessions[i], **talk)
        for abstract, (_, chosen, *_) in zip(abstracts, world["abstracts"], strict=True)
        for i, talk in chosen.items()
        if i < len(sessions)
    )
    return [abstract.pk for abstract in abstracts]


@contextlib.contextmanager
def undone():
    """Everything written inside is gone afterwards: one example of hypothesis does not see another's rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
