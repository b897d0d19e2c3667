"""What was stored before a migration means the same after it."""

import datetime as dt
import hashlib
import itertools
import json
import re
import zoneinfo

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet

from abstracts.models import Abstract, AbstractSource, EmbargoTier, Figure, HeldChange
from abstracts.models.embargo import resolve_abstracts
from abstracts.models.public_times import Period, public_times
from abstracts.models.record import broken_links
from abstracts.visibility import ANONYMOUS, Level, Role, Viewer, level_of

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE_STEPS = [("abstracts", "0013_base_managers")]
MICROSECOND = dt.timedelta(microseconds=1)
ZONE, TIER_ZONE = zoneinfo.ZoneInfo("America/Chicago"), zoneinfo.ZoneInfo("Europe/Berlin")
DAY = dt.date(2031, 10, 26)


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def old():
    """The models of before there were steps, with their tables; the tables of today again afterwards."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(BEFORE_STEPS)
    migrate(latest)


def today():
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def instant(date: dt.date, time: dt.time, zone: zoneinfo.ZoneInfo = ZONE) -> dt.datetime:
    return dt.datetime.combine(date, time, zone).astimezone(dt.UTC)


# Of each rule: its columns, and the instant of release in a session at 10:30 to 12:30 (None: never), and without one.
FIXED = {"release_rule": "fixed", "release_date": DAY - dt.timedelta(2), "release_time": dt.time(6, 30)}
RULES = [
    ({"release_rule": "held", "release_date": DAY}, None, None),
    (FIXED, instant(DAY - dt.timedelta(2), dt.time(6, 30), TIER_ZONE), "the same"),
    ({"release_rule": "session_start"}, instant(DAY, dt.time(10, 30)), None),
    ({"release_rule": "session_end", "release_time": dt.time(1)}, instant(DAY, dt.time(12, 30)), None),
    ({"release_rule": "session_day", "release_time": dt.time(8)}, instant(DAY, dt.time(8), TIER_ZONE), None),
]
LISTED = dt.date(2031, 9, 1), dt.time(9)
LISTING = instant(*LISTED, TIER_ZONE)
# Later than every release: nothing shows by it before.
LATE = dt.datetime(2031, 12, 24, tzinfo=dt.UTC)
SOON = dt.datetime(2031, 8, 1, tzinfo=dt.UTC)
OVERRIDES = [
    {},
    {"override_listing_level": 0, "override_listed_from": SOON},
    {"override_listing_level": 1, "override_listed_from": SOON},
    {"override_listing_level": 2, "override_listed_from": LATE},
    {"override_released_from": SOON + dt.timedelta(days=3)},
    {
        "override_listing_level": 2,
        "override_listed_from": SOON,
        "override_released_from": LATE + dt.timedelta(days=3),
    },
]
STATUSES = ["draft", "published", "corrected", "withdrawn", "retracted"]
INSTANTS = {LISTING, LATE, SOON, *(row[1] for row in RULES if row[1])}
INSTANTS |= {value for override in OVERRIDES for value in override.values() if isinstance(value, dt.datetime)}
SAMPLED = sorted({instant + step * MICROSECOND for instant in INSTANTS for step in (-1, 0, 1)})


def old_resolved(rule, listing_level: int, override: dict, in_session: bool) -> dict:
    """The columns of an abstract, as they were computed then."""
    release = override.get("override_released_from")
    if release is None and rule:
        release = rule[1] if in_session or rule[2] else None
    level, listed = override.get("override_listing_level"), override.get("override_listed_from")
    if level is None:
        level, listed = listing_level, LISTING
    return {"listing_level": level, "listed_from": listed if level else None, "released_from": release}


def old_levels(model, at: dt.datetime) -> dict[int, int]:
    """The public's levels, by the law as it was then."""
    rule = (
        "CASE WHEN status = 'draft' THEN 0 WHEN released_from <= %s AND status = 'withdrawn' THEN 2"
        " WHEN released_from <= %s THEN 3 WHEN listed_from <= %s THEN listing_level ELSE 0 END"
    )
    value = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {rule} FROM {model._meta.db_table}", [value] * 3)
        return dict(cursor.fetchall())


def old_press_levels(model) -> dict[int, int]:
    rows = QuerySet(model).values_list("pk", "status", "meeting__is_published")
    by_status = {"draft": 0, "withdrawn": 2}
    return {pk: by_status.get(status, 3) if is_published else 0 for pk, status, is_published in rows}


def new_levels(viewer: Viewer, at: dt.datetime) -> dict[int, int]:
    return dict(QuerySet(Abstract).annotate(now=level_of(viewer, at)).values_list("pk", "now"))


NEW = {0: Level.HIDDEN, 1: Level.SHELL, 2: Level.LISTED, 3: Level.FULL}


def renumbered(levels: dict[int, int]) -> dict[int, int]:
    return {pk: NEW[level] for pk, level in levels.items()}


def store_abstracts(old) -> list[int]:
    """Abstracts with every rule, listing level, override and status, in a session and without one; the meetings."""
    tables = {name: QuerySet(old.get_model("abstracts", name)) for name in ("Meeting", "EmbargoTier", "Session")}
    links = QuerySet(old.get_model("abstracts", "Presentation"))
    abstracts = QuerySet(old.get_model("abstracts", "Abstract"))
    names = itertools.count()
    meetings = []
    for is_published in (True, False):
        meeting = tables["Meeting"].create(
            name="M", slug=f"m-{is_published}", year=2031, timezone=ZONE.key, is_published=is_published
        )
        meetings.append(meeting.pk)
        times = [(DAY, dt.time(10, 30), dt.time(12, 30)), (DAY + dt.timedelta(1), dt.time(9), dt.time(10))]
        sessions = [
            tables["Session"].create(
                meeting=meeting, title="S", slug=f"s-{n}", date=date, start_time=start, end_time=end,
                starts_at=instant(date, start), ends_at=instant(date, end),
            )
            for n, (date, start, end) in enumerate(times)
        ]  # fmt: skip
        for rule, listing_level in itertools.product([*RULES, None], (0, 1, 2)):
            tier = None
            if rule:
                listing = dict(zip(("listing_date", "listing_time"), LISTED, strict=True)) if listing_level else {}
                tier = tables["EmbargoTier"].create(
                    meeting=meeting, name=f"{next(names)}", timezone=TIER_ZONE.key, listing_level=listing_level,
                    **rule[0], **listing,
                )  # fmt: skip
            for override, status, in_session in itertools.product(OVERRIDES, STATUSES, (True, False)):
                columns = old_resolved(rule, listing_level if tier else 0, override, in_session)
                n = next(names)
                abstract = abstracts.create(
                    meeting=meeting, tier=tier, number=f"{n}", title="T", title_text="T", slug=f"t-{n}", status=status,
                    **override, **(columns if is_published else {}),
                )  # fmt: skip
                if in_session:
                    links.bulk_create(links.model(abstract=abstract, session=session) for session in sessions)
    return meetings


def test_steps_move_no_instant(old):
    model = old.get_model("abstracts", "Abstract")
    meetings = store_abstracts(old)
    before = {at: renumbered(old_levels(model, at)) for at in SAMPLED}
    press_before = renumbered(old_press_levels(model))
    assert {level for levels in before.values() for level in levels.values()} == set(NEW.values())
    today()
    press = Viewer(Role.PRESS, 1, frozenset(meetings))
    for at in SAMPLED:
        assert new_levels(ANONYMOUS, at) == before[at], at
    for at in (SAMPLED[0], SAMPLED[-1]):
        assert new_levels(press, at) == press_before
    columns = ("pk", "numbered_from", "titled_from", "listed_from", "released_from", "press_from", "news_embargo_at")
    stored = list(QuerySet(Abstract).order_by("pk").values_list(*columns))
    resolve_abstracts([pk for pk, *_ in stored], "a test")
    assert list(QuerySet(Abstract).order_by("pk").values_list(*columns)) == stored
    assert set(EmbargoTier.objects.values_list("decides", flat=True)) == {"first"}


def test_history_has_the_same_instants(old):
    model = old.get_model("abstracts", "HistoricalAbstract")
    columns = {"listing_level": 1, "listed_from": SOON, "released_from": LATE, "override_listing_level": 2}
    fields = {"id": 7, "title": "T", "title_text": "T", "slug": "t", "status": "published", "history_type": "+"}
    stamps = {"created_at": SOON, "updated_at": SOON, "history_date": SOON}
    row = QuerySet(model).create(**fields, **columns, **stamps)
    today()
    stored = Abstract.history.unfiltered.get(pk=row.pk)
    instants = stored.numbered_from, stored.titled_from, stored.listed_from, stored.released_from
    assert instants == (SOON, LATE, LATE, LATE)
    assert stored.override_listing_level == Level.LISTED


def digest_of(entry, lines) -> str:
    """The digest of an entry, as it was computed then."""
    names = ["at", "by_id", "by_name", "proposed_by_id", "proposed_by_name", "door", "reason", "abstracts"]
    head = [entry.number, entry.previous, *(_plain(getattr(entry, name)) for name in names)]
    skipped = ("id", "entry")
    rows = sorted(
        [json.dumps(_plain(getattr(line, f.attname))) for f in line._meta.concrete_fields if f.name not in skipped]
        for line in lines
    )
    return hashlib.sha256(json.dumps([head, rows], ensure_ascii=True).encode()).hexdigest()


def _plain(value):
    return value.astimezone(dt.UTC).isoformat(timespec="microseconds") if isinstance(value, dt.datetime) else value


ABSENT = ("", 0, 0, None, None)
LISTS, RELEASES, WITHDRAWN = (instant(dt.date(2031, 1, day), dt.time(9)) for day in (10, 20, 25))
PLANNED = ("published", 0, 1, LISTS, RELEASES)
TAKEN = ("withdrawn", 2, 1, LISTS, RELEASES)


def store_record(old, abstract: int) -> None:
    """Added with its number shown at LISTS and its text at RELEASES; withdrawn at WITHDRAWN."""
    model, lines_model = (old.get_model("abstracts", name) for name in ("EmbargoRecord", "RecordLine"))
    columns = ("status", "level", "listing_level", "listed_from", "released_from")
    previous = ""
    changes = [(LISTS - dt.timedelta(days=1), ABSENT, PLANNED), (WITHDRAWN, ("published", 3, *PLANNED[2:]), TAKEN)]
    for number, (at, former, new) in enumerate(changes, 1):
        entry = model(number=number, at=at, by_name="boss", door="Change", reason="So", abstracts=1, previous=previous)
        sides = zip(("old", "new"), (former, new), strict=True)
        values = {
            f"{side}_{name}": value for side, standing in sides for name, value in zip(columns, standing, strict=True)
        }
        line = lines_model(abstract_id=abstract, meeting="m", number="1", **values)
        previous = entry.digest = digest_of(entry, [line])
        entry.save()
        line.entry = entry
        line.save()
    QuerySet(old.get_model("abstracts", "RecordHead")).update_or_create(
        pk=1, defaults={"number": 2, "digest": previous}
    )


def test_the_embargo_record_still_verifies_and_answers(old):
    meeting = QuerySet(old.get_model("abstracts", "Meeting")).create(name="M", slug="m", year=2031)
    of_abstract = {"title": "T", "title_text": "T", "slug": "t", "number": "1", "meeting": meeting}
    status, _, *columns = TAKEN
    instants = dict(zip(("listing_level", "listed_from", "released_from"), columns, strict=True))
    abstract = QuerySet(old.get_model("abstracts", "Abstract")).create(status=status, **of_abstract, **instants)
    store_record(old, abstract.pk)
    today()
    assert list(broken_links()) == []
    seen = public_times(abstract.pk, LATE)
    assert seen == {
        Level.SHELL: [Period(LISTS)],
        # With the text came its title, which stays of a withdrawn abstract.
        Level.TITLED: [Period(RELEASES)],
        Level.LISTED: [Period(RELEASES)],
        Level.FULL: [Period(RELEASES, WITHDRAWN)],
    }


def test_levels_in_imports_and_proposals_get_their_new_numbers(old):
    meeting = QuerySet(old.get_model("abstracts", "Meeting")).create(name="M", slug="m", year=2031)
    abstracts, sources = (QuerySet(old.get_model("abstracts", name)) for name in ("Abstract", "AbstractSource"))
    for n, level in enumerate((1, 2, None)):
        abstract = abstracts.create(title="T", slug=f"t-{n}", number=f"{n}", meeting=meeting)
        override = {"level": level, "listed_from": LISTS.isoformat()} if level else None
        sources.create(abstract=abstract, imported={"override": override, "status": "published"})
    group = {
        "kind": "earlier", "meeting": "m", "level_before": 1, "level_after": 3, "abstracts": [["1", "T"]],
        "opens_before": [LISTS.isoformat(), None, None], "opens_after": ["a", "b", "c"],
    }  # fmt: skip
    effects = {"asking": 1, "groups": [group]}
    held = QuerySet(old.get_model("abstracts", "HeldChange")).create(path="/", door="x", effects=effects)
    today()
    rows = AbstractSource.unfiltered.order_by("abstract_id").values_list("imported", flat=True)
    overrides = [row["override"] for row in rows]
    assert [override and override["level"] for override in overrides] == [Level.SHELL, Level.LISTED, None]
    assert overrides[0]["listed_from"] == LISTS.isoformat()
    (group,) = HeldChange.unfiltered.get(pk=held.pk).effects["groups"]
    assert (group["level_before"], group["level_after"]) == (Level.SHELL, Level.FULL)
    # Number, title, listing, everything: the title came with the listing.
    assert group["opens_before"] == [LISTS.isoformat(), None, None, None]
    assert group["opens_after"] == ["a", "b", "b", "c"]


@pytest.fixture
def without_keys():
    """The models of before abstracts and figures had keys, with their tables; the tables of today again afterwards."""
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate([("abstracts", "0019_note_shows_with_the_title")])
    migrate(latest)


def test_every_abstract_and_figure_gets_a_key_of_its_own(without_keys):
    tables = {name: QuerySet(without_keys.get_model("abstracts", name)) for name in ("Meeting", "Abstract", "Figure")}
    meeting = tables["Meeting"].create(name="M", slug="m", year=2031)

    def store(number: int) -> None:
        abstract = tables["Abstract"].create(
            meeting=meeting, number=str(number), title="T", title_text="T", slug=f"t-{number}"
        )
        tables["Figure"].create(abstract=abstract, position=number)

    for number in range(50):
        store(number)
    today()
    # Processes with the code of before still write until they are started again.
    store(50)
    for model in (Abstract, Figure):
        keys = list(model.unfiltered.values_list("key", flat=True))
        assert len(keys) == len(set(keys)) == 51
        assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
