"""Random archives for hypothesis: meetings in awkward zones, every rule, override and status, awkward times."""

import contextlib
import datetime as dt
import itertools

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from abstracts.models import Abstract, EmbargoTier, Meeting, Presentation, Session
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
listing_levels = st.sampled_from([Level.HIDDEN, Level.SHELL, Level.LISTED])
# What is drawn most comes first.
statuses = st.sampled_from(["published", "withdrawn", "corrected", "retracted", "withdrawn", "published", "draft"])
assert set(Status.values) == {"published", "withdrawn", "corrected", "retracted", "draft"}


def maybe(values, times: int = 4):
    """`values`, or None once in `times`."""
    return st.sampled_from([*[True] * (times - 1), False]).flatmap(lambda some: values if some else st.none())


@st.composite
def tier_fields(draw):
    rule = draw(st.sampled_from(EmbargoTier.Rule.values))
    return {
        "timezone": draw(st.just("") | zones),
        "listing_level": draw(listing_levels),
        "listing_date": draw(days),
        "listing_time": draw(clock_times),
        "release_rule": rule,
        "release_date": draw(days),
        "release_time": draw(clock_times),
    }


@st.composite
def session_fields(draw):
    date = draw(maybe(days))
    start = draw(maybe(clock_times)) if date else None
    return {"date": date, "start_time": start, "end_time": draw(maybe(clock_times)) if start else None}


@st.composite
def override_fields(draw):
    level = draw(maybe(listing_levels))
    return {
        "override_listing_level": level,
        "override_listed_from": draw(instants) if level else draw(maybe(instants)),
        "override_released_from": draw(maybe(instants)),
    }


@st.composite
def worlds(draw, most_abstracts: int = 5):
    """What `build` stores: plain values only."""
    return {
        "meeting": {"timezone": draw(zones), "is_published": draw(st.sampled_from([True, True, True, False]))},
        "tiers": draw(st.lists(tier_fields(), min_size=1, max_size=3)),
        "sessions": [draw(session_fields()) for _ in range(draw(st.sampled_from([0, 1, 2, 3])))],
        "abstracts": [
            (draw(maybe(st.sampled_from([0, 1, 2]), 8)), draw(chosen_sessions), draw(statuses), draw(overridden))
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
        [EmbargoTier(meeting=meeting, name=f"T{i}", **fields) for i, fields in enumerate(world["tiers"])]
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
            **override,
        )
        for i, (tier, _, status, override) in enumerate(world["abstracts"])
    )
    Presentation.unfiltered.bulk_create(
        Presentation(abstract=abstract, session=sessions[i])
        for abstract, (_, chosen, _, _) in zip(abstracts, world["abstracts"], strict=True)
        for i in chosen
        if i < len(sessions)
    )
    return [abstract.pk for abstract in abstracts]


@contextlib.contextmanager
def undone():
    """Everything written inside is gone afterwards: one example of hypothesis does not see another's rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
