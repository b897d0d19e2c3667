"""An import makes nothing public by itself, by whatever column: each is refused until somebody confirms its effects."""

import datetime as dt

import pytest
from django.utils import timezone

from abstracts.importing import ImportOptions, run_import
from abstracts.importing.write import Writer
from abstracts.models import Abstract, EmbargoRecord, Session, gate
from abstracts.models.effects import digest_of, effects_as_json
from abstracts.visibility import ANONYMOUS
from tests.factories import FAR_AHEAD, TierFactory

from .files import csv, row

pytestmark = pytest.mark.django_db

TOMORROW = timezone.now() + dt.timedelta(1)
SESSION = {
    "session_code": "A12",
    "session_title": "Posters",
    "session_date": "2099-01-01",
    "session_time": "10:30-11:00",
}
PLAIN = {"tier": "Held", "status": "published", "status_note": ""}


@pytest.fixture
def meeting():
    meeting = TierFactory(meeting__slug="forum", name="Open").meeting
    TierFactory(meeting=meeting, name="Later", release_date=TOMORROW.date(), position=1)
    TierFactory(meeting=meeting, name="Far", embargoed=True, position=2)
    TierFactory(meeting=meeting, name="At its session", release_rule="session_start", position=3)
    TierFactory(meeting=meeting, name="Held", release_rule="held", position=4)
    return meeting


@pytest.fixture
def load(tmp_path, meeting):
    def load(*rows, **options):
        sheet = csv(tmp_path / "sheet.csv", list(rows))
        return run_import(sheet, ImportOptions(**{"meeting": "forum"} | options))

    return load


def get():
    return Abstract.unfiltered.get(number="0001")


def public():
    """How much the public sees of each abstract, and from when it will see more."""
    levels = Abstract.objects.visible_to(ANONYMOUS, timezone.now()).values_list("number", "level")
    return set(levels), set(Abstract.unfiltered.values_list("number", "status", "listed_from", "released_from"))


def withdraw():
    Abstract.unfiltered.update(tier=get().meeting.tiers.get(name="Open"), status="withdrawn", status_note="Asked for.")


def embargo_again():
    Abstract.unfiltered.update(tier=get().meeting.tiers.get(name="Far"))


def postpone_session():
    Session.objects.update(date="2098-01-01")


def nothing():
    pass


# What is imported first, what staff do then, what is imported then, with which options, and what that does.
DOORS = {
    "new row under a released tier": (None, nothing, PLAIN | {"tier": "Open"}, {}, "rises"),
    "new row under a tier that will be released": (None, nothing, PLAIN | {"tier": "Later"}, {}, "earlier"),
    "new row that a number rule puts under a released tier": (None, nothing, PLAIN | {"tier": ""}, {}, "rises"),
    "tier column that releases": (PLAIN, nothing, PLAIN | {"tier": "Open"}, {}, "rises"),
    "tier column that is earlier": (PLAIN | {"tier": "Far"}, nothing, PLAIN | {"tier": "Later"}, {}, "earlier"),
    "tier column that hides": (PLAIN | {"tier": "Open"}, nothing, PLAIN, {}, "hides"),
    "status column that publishes a draft": (
        PLAIN | {"tier": "Open", "status": "draft"}, nothing, PLAIN | {"tier": "Open"}, {}, "rises",
    ),
    "status column that withdraws": (
        PLAIN | {"tier": "Open"}, nothing,
        PLAIN | {"tier": "Open", "status": "withdrawn", "status_note": "Asked for."}, {}, "hides",
    ),
    "session date that is past": (
        PLAIN | SESSION | {"tier": "At its session"}, nothing,
        PLAIN | SESSION | {"tier": "At its session", "session_date": "2020-01-01"}, {}, "rises",
    ),
    "session date that is earlier": (
        PLAIN | SESSION | {"tier": "At its session"}, nothing,
        PLAIN | SESSION | {"tier": "At its session", "session_date": "2098-12-01"}, {}, "earlier",
    ),
    "session time that is earlier": (
        PLAIN | SESSION | {"tier": "At its session"}, nothing,
        PLAIN | SESSION | {"tier": "At its session", "session_time": "9:00-11:00"}, {}, "earlier",
    ),
    "another session that is earlier": (
        PLAIN | SESSION | {"tier": "At its session"}, nothing,
        PLAIN | SESSION | {"tier": "At its session", "session_code": "B1", "session_date": "2098-01-01"}, {}, "earlier",
    ),
    "overwrite edits: a session moves": (
        PLAIN | SESSION | {"tier": "At its session", "session_date": "2097-01-01"}, postpone_session,
        PLAIN | SESSION | {"tier": "At its session", "session_date": "2097-01-01"}, {"overwrite_edits": True},
        "earlier",
    ),
    "overwrite edits: a withdrawal is undone": (
        PLAIN | {"tier": "Open"}, withdraw, PLAIN | {"tier": "Open"}, {"overwrite_edits": True}, "rises",
    ),
    "overwrite edits: an embargo is undone": (
        PLAIN | {"tier": "Open"}, embargo_again, PLAIN | {"tier": "Open"}, {"overwrite_edits": True}, "rises",
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_import_is_refused_until_its_effects_are_confirmed(load, meeting, door):
    first, act, then, options, kind = DOORS[door]
    meeting.tiers.filter(name="Open").update(number_prefixes="0-9")
    if first:
        load(row(**first))
        act()
    before = public()
    check = load(row(**then), dry_run=True, **options)
    assert [group["kind"] for group in check.effects["groups"]] == [kind]
    assert check.effects["asking"] == 1
    assert "0001" in check.as_text().splitlines()[0]

    with pytest.raises(gate.Refused) as refused, gate.deciding(None):
        load(row(**then), **options)
    assert effects_as_json(refused.value.effects) == check.effects
    assert public() == before

    for wrong in (gate.Decision(expected=1), gate.Decision(reason="Agreed.", expected=2)):
        with pytest.raises(gate.Refused), gate.deciding(wrong):
            load(row(**then), **options)
    assert public() == before
    with gate.deciding(gate.Decision(reason="Agreed.", confirmed=digest_of(refused.value.effects))):
        assert load(row(**then), **options).applied
    assert public() != before
    assert EmbargoRecord.objects.get().reason == "Agreed."


def test_abstract_that_is_not_in_the_file_moves_with_its_session(load):
    rows = [row(number, **PLAIN | SESSION | {"tier": "At its session"}) for number in ("0001", "0002")]
    load(*rows)
    check = load(rows[0] | {"session_date": "2020-01-01"}, dry_run=True)
    [group] = check.effects["groups"]
    assert [number for number, _ in group["abstracts"]] == ["0001", "0002"]
    with pytest.raises(gate.Refused) as refused, gate.deciding(None):
        load(rows[0] | {"session_date": "2020-01-01"})
    assert effects_as_json(refused.value.effects) == check.effects


@pytest.mark.parametrize(
    "then", [PLAIN | {"title": "New title"}, PLAIN | {"tier": "Far", "title": "Another"}, PLAIN | {"keywords": "Gout"}]
)
def test_what_changes_nothing_for_the_public_needs_nobody(load, then):
    load(row(**PLAIN))
    Abstract.unfiltered.update(override_released_from=FAR_AHEAD)
    with gate.deciding(None):
        report = load(row(**then))
    assert report.applied
    assert report.effects["asking"] == 0


def test_nothing_is_asked_of_a_meeting_that_is_not_published(load, meeting):
    type(meeting).objects.update(is_published=False)
    with gate.deciding(None):
        assert load(row(**PLAIN | {"tier": "Open"})).applied


def test_report_lists_first_what_becomes_public_then_what_stays_hidden(load):
    rows = [row(f"{n:04}", **PLAIN | {"tier": "Open"}) for n in range(1, 13)] + [row("0100", **PLAIN)]
    lines = load(*rows, dry_run=True).as_text().splitlines()
    assert lines[0].startswith("PUBLIC AT ONCE: 12 of forum: nothing before, everything now: 0001, 0002, ")
    assert lines[0].endswith("0010 and 2 more")
    assert lines[1].startswith("NOT VISIBLE TO THE PUBLIC: 1 of 13 abstracts")
    text = load(row("0200", **PLAIN | {"tier": "Later"}), dry_run=True).as_text()
    assert text.startswith(f"PUBLIC EARLIER THAN SO FAR: 1 of forum: nothing now; everything from {TOMORROW:%Y-%m-%d}T")
    assert "on (so far never): 0200" in text


def test_what_nobody_confirmed_is_refused_before_anything_is_written(load, monkeypatch):
    monkeypatch.setattr(Writer, "write", lambda *args: pytest.fail("written"))
    with gate.deciding(None), pytest.raises(gate.Refused):
        load(row("0001", tier="Open"))
