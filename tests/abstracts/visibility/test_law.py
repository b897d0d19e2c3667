"""The law in SQL against the oracle, and each rule to the microsecond."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from abstracts import reading
from abstracts.models import (
    Abstract,
    Affiliation,
    AuthorLine,
    EmbargoStep,
    Figure,
    Presentation,
    Section,
)
from abstracts.visibility import ANONYMOUS, LawfulManager, Level, Role, Status, Viewer
from tests.factories import (
    AbstractFactory,
    AffiliationFactory,
    AuthorLineFactory,
    FigureFactory,
    MeetingFactory,
    PresentationFactory,
    SectionFactory,
    SessionFactory,
    TierFactory,
)

from .. import oracle
from ..worlds import bounded, build, instants, undone, worlds

pytestmark = pytest.mark.django_db

AFTER_ALL = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
VIEWERS = [Viewer(role, None if role is Role.ANONYMOUS else 1) for role in Role]
PARTS = {
    Presentation: Level.SHELL,
    AuthorLine: Level.LISTED,
    Affiliation: Level.LISTED,
    Section: Level.FULL,
    Figure: Level.FULL,
}


def around(instant: dt.datetime) -> list[dt.datetime]:
    return [instant - MICROSECOND, instant, instant + MICROSECOND]


def level_at(abstract: Abstract, at: dt.datetime, viewer: Viewer = ANONYMOUS) -> Level:
    abstract_row = Abstract.objects.visible_to(viewer, at).filter(pk=abstract.pk).first()
    return Level(abstract_row.level) if abstract_row else Level.HIDDEN


def expected_level(viewer: Viewer, at: dt.datetime, facts: dict) -> int:
    return oracle.level(viewer.role, at, **facts, ahead_in=viewer.meetings)


def shown(abstract: Abstract) -> dict:
    return {name: value for name, value in vars(abstract).items() if not name.startswith("_")}


@given(data=st.data(), world=worlds())
@bounded
def test_law_agrees_with_the_oracle(data, world):
    with undone():
        facts = {pk: oracle.facts(pk) for pk in build(world)}
        turns = [i for f in facts.values() for i in oracle.embargo(**f)[:5] if i is not None]
        ats = st.sampled_from([at for turn in turns for at in around(turn)]) if turns else instants
        for at in [AFTER_ALL, data.draw(ats), data.draw(ats), data.draw(ats | instants)]:
            public = {pk: oracle.level(Role.ANONYMOUS, at, **f) for pk, f in facts.items()}
            meetings = frozenset(f["abstract"]["meeting_id"] for f in facts.values())
            for viewer in [*VIEWERS, Viewer(Role.PRESS, 2, meetings), Viewer(Role.PRESS, 2, frozenset({0}))]:
                expected = {pk: level for pk, f in facts.items() if (level := expected_level(viewer, at, f))}
                rows = list(Abstract.objects.visible_to(viewer, at).filter(pk__in=facts))
                assert {a.pk: a.level for a in rows} == expected
                assert {a.pk: a.public_level for a in rows} == {pk: public[pk] for pk in expected}
                assert all(bool(a.title) == (a.level >= Level.TITLED) for a in rows)
                by_key = {a.pk: shown(a) for a in reading.in_order_of(list(facts), viewer, at)}
                assert by_key == {a.pk: shown(a) for a in rows}
                least = data.draw(st.sampled_from(Level))
                narrowed = Abstract.objects.visible_to(viewer, at, least).filter(pk__in=facts)
                assert {a.pk for a in narrowed} == {pk for pk, level in expected.items() if level >= least}


@pytest.mark.parametrize(
    ("viewer", "is_of_meeting"),
    [*((viewer, False) for viewer in VIEWERS), (Viewer(Role.PRESS, 1), True)],
    ids=lambda v: v.role.value if isinstance(v, Viewer) else "",
)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("state", ["embargoed", "shell", "listing", "released", "unpublished"])
def test_parts_show_at_their_level_and_never_below(viewer, is_of_meeting, status, state):
    traits = {"released": {}, "unpublished": {"meeting__is_published": False}}.get(state, {state: True})
    abstract = AbstractFactory(status=status, **traits)
    for factory in (PresentationFactory, AuthorLineFactory, AffiliationFactory, SectionFactory, FigureFactory):
        factory(abstract=abstract)
    at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    if viewer.role is Role.PRESS:
        viewer = replace(viewer, meetings=frozenset({abstract.meeting_id} if is_of_meeting else {0}))
    expected = expected_level(viewer, at, oracle.facts(abstract.pk))
    assert level_at(abstract, at, viewer) == expected
    for model, least in PARTS.items():
        assert model.objects.visible_to(viewer, at).count() == (1 if expected >= least else 0), model


def test_press_reads_ahead_in_its_meetings_and_elsewhere_as_the_public():
    one, other, third = (AbstractFactory(listing=True) for _ in range(3))
    shell = AbstractFactory(shell=True, meeting=other.meeting)
    pks = [one.pk, other.pk, third.pk, shell.pk]
    at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)

    def levels(*meetings: int) -> list[int]:
        viewer = Viewer(Role.PRESS, 1, frozenset(meetings))
        rows = {row.pk: row.level for row in Abstract.objects.visible_to(viewer, at)}
        # The same from SQL that is stored: that of one viewer must not serve another.
        assert rows == {row.pk: row.level for row in reading.in_order_of(pks, viewer, at)}
        return [rows[pk] for pk in pks]

    public = [Level.LISTED, Level.LISTED, Level.LISTED, Level.SHELL]
    assert levels(one.meeting_id) == [Level.FULL, *public[1:]]
    assert levels(other.meeting_id) == [Level.LISTED, Level.FULL, Level.LISTED, Level.FULL]
    assert levels(one.meeting_id, third.meeting_id) == [Level.FULL, Level.LISTED, Level.FULL, Level.SHELL]
    assert levels() == public


def test_files_may_hold_only_the_meetings_that_may_be_exported():
    viewer = Viewer(Role.PRESS, 1, frozenset({1, 2}), frozenset({2, 3}))
    assert viewer.of_files.meetings == {2}
    assert viewer.of_files.user_id == 1


def test_scope_is_equal_for_viewers_who_see_the_same():
    one, other = Viewer(Role.PRESS, 1, frozenset({1}), frozenset({1})), Viewer(Role.PRESS, 2, frozenset({1}))
    assert one.scope == other.scope
    assert one.scope != Viewer(Role.PRESS, 1, frozenset({2})).scope
    assert one.scope != Viewer(Role.READER, 1).scope


def lifts(rule: str, zone: str = "America/Chicago", **fields) -> Abstract:
    """An abstract in a session on 2025-10-26, 10:30 to 12:00, with a talk at 10:45, and `rule`."""
    meeting = MeetingFactory(timezone=zone, year=2025)
    tier = TierFactory(meeting=meeting, release_rule=rule, **fields)
    abstract = AbstractFactory(meeting=meeting, tier=tier)
    session = SessionFactory(
        meeting=meeting, date=dt.date(2025, 10, 26), start_time=dt.time(10, 30), end_time=dt.time(12)
    )
    PresentationFactory(abstract=abstract, session=session, start_time=dt.time(10, 45), end_time=dt.time(10, 55))
    return abstract


@pytest.mark.parametrize(
    ("rule", "fields", "release"),
    [
        ("fixed", {"release_date": dt.date(2025, 10, 24), "release_time": dt.time(9)}, "2025-10-24T14:00:00Z"),
        (
            "fixed",
            {"release_date": dt.date(2025, 10, 24), "release_time": dt.time(9), "timezone": "Asia/Kolkata"},
            "2025-10-24T03:30:00Z",
        ),
        ("session_start", {}, "2025-10-26T15:30:00Z"),
        ("session_end", {}, "2025-10-26T17:00:00Z"),
        ("session_day", {"release_time": dt.time(6, 0, 0, 5)}, "2025-10-26T11:00:00.000005Z"),
        ("session_start", {"minutes": -30}, "2025-10-26T15:00:00Z"),
        ("session_end", {"minutes": 90}, "2025-10-26T18:30:00Z"),
        ("talk_start", {}, "2025-10-26T15:45:00Z"),
        ("talk_end", {"minutes": 1}, "2025-10-26T15:56:00Z"),
        ("first_day", {"release_time": dt.time(10)}, "2025-10-24T15:00:00Z"),
        ("last_day", {"release_time": dt.time(10), "timezone": "Asia/Kolkata"}, "2025-10-29T04:30:00Z"),
    ],
)
def test_each_rule_releases_at_its_instant_and_not_a_microsecond_earlier(rule, fields, release):
    abstract = lifts(rule, **fields)
    instant = dt.datetime.fromisoformat(release)
    assert [level_at(abstract, at) for at in around(instant)] == [Level.HIDDEN, Level.FULL, Level.FULL]


def test_held_tier_never_releases():
    assert level_at(lifts("held"), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)) == Level.HIDDEN


def test_no_tier_no_release():
    assert level_at(AbstractFactory(tier=None), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)) == Level.HIDDEN


@pytest.mark.parametrize("level", [Level.SHELL, Level.TITLED, Level.LISTED])
def test_listing_appears_at_its_instant(level):
    abstract = lifts("held", listing_level=level, listing_date=dt.date(2025, 9, 1), listing_time=dt.time(8))
    instant = dt.datetime(2025, 9, 1, 13, tzinfo=dt.UTC)
    assert [level_at(abstract, at) for at in around(instant)] == [Level.HIDDEN, level, level]


def test_override_wins_over_the_tier():
    early, late = dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    fixed = {"release_date": dt.date(2025, 6, 1), "release_time": dt.time(9)}
    for instant in (early, late):
        abstract = lifts("fixed", **fixed)
        abstract.override_released_from = instant
        abstract.save()
        assert [level_at(abstract, at) for at in around(instant)] == [Level.HIDDEN, Level.FULL, Level.FULL]


def test_override_of_the_listing_hides_what_the_tier_lists():
    abstract = AbstractFactory(listing=True, override_listing_level=Level.HIDDEN)
    assert level_at(abstract, dt.datetime(2025, 1, 1, tzinfo=dt.UTC)) == Level.HIDDEN


@pytest.mark.parametrize(
    ("zone", "date", "time", "release"),
    [
        # Clocks jump from 2:00 to 3:00. 2:30 in the old time is 3:30 in the new one.
        ("America/Chicago", dt.date(2025, 3, 9), dt.time(2, 30), "2025-03-09T08:30:00Z"),
        # 1:30 occurs twice; the second one counts.
        ("America/Chicago", dt.date(2025, 11, 2), dt.time(1, 30), "2025-11-02T07:30:00Z"),
        ("Europe/Berlin", dt.date(2025, 10, 26), dt.time(2, 30), "2025-10-26T01:30:00Z"),
        # Clocks jump by half an hour.
        ("Australia/Lord_Howe", dt.date(2025, 10, 5), dt.time(2, 15), "2025-10-04T15:45:00Z"),
        ("Australia/Lord_Howe", dt.date(2025, 4, 6), dt.time(1, 45), "2025-04-05T15:15:00Z"),
        # This day was skipped.
        ("Pacific/Apia", dt.date(2011, 12, 30), dt.time(12), "2011-12-30T22:00:00Z"),
    ],
)
@pytest.mark.parametrize("rule", ["fixed", "session_day", "session_start"])
def test_later_instant_counts_if_clocks_skip_or_repeat_a_time(zone, date, time, release, rule):
    abstract = lifts(rule, zone, release_date=date, release_time=time)
    Presentation.unfiltered.get(abstract=abstract).session.delete()
    session = SessionFactory(meeting=abstract.meeting, date=date, start_time=time, end_time=None)
    PresentationFactory(abstract=abstract, session=session)
    instant = dt.datetime.fromisoformat(release)
    assert [level_at(abstract, at) for at in around(instant)] == [Level.HIDDEN, Level.FULL, Level.FULL]


def test_every_table_with_a_path_to_an_abstract_obeys_the_law_or_is_never_shown():
    """A table with a path to an abstract has `objects.visible_to`, or is named here with a reason."""
    never_shown = {
        "AbstractSource": "what an import read: for imports alone",
        "AlertResult": "which results of a saved search were mailed: each is mailed once",
        "PublicSince": "what the public saw when alerts last ran: to notice what is new",
    }
    from django.apps import apps

    lawful = {m for m in apps.get_models() if isinstance(getattr(m, "objects", None), LawfulManager)}
    for model in apps.get_models():
        if model in lawful or model.__name__.startswith("Historical") or model.__name__ in never_shown:
            continue
        reaches = [f.name for f in model._meta.get_fields() if not f.auto_created and f.related_model in lawful]
        assert not reaches, f"{model.__name__}.{reaches} leads to abstracts without a law"
    for model in lawful:
        assert model._meta.default_manager_name == "unfiltered", model
        for name, attribute in vars(model).items():
            reverse = isinstance(attribute, models.fields.related_descriptors.ReverseManyToOneDescriptor)
            assert not reverse, f"{model.__name__}.{name} goes around the law"


def test_all_embargo_rules_are_tested():
    assert set(EmbargoStep.Rule.values) == {
        "held", "fixed", "session_start", "session_end", "session_day", "talk_start", "talk_end",
        "first_day", "last_day",
    }  # fmt: skip
