"""The embargo record: append-only, chained, and what it answers."""

import csv
import datetime as dt
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from abstracts.exporting.csv import csv_lines
from abstracts.models import Abstract, EmbargoRecord, RecordHead, RecordLine
from abstracts.models.append_only import make_triggers
from abstracts.models.gate import bypassing
from abstracts.models.public_times import Period, public_times
from abstracts.models.record import broken_links, table_of
from abstracts.visibility import Level, Status
from tests import factories
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


@pytest.fixture
def recorded():
    with bypassing("Invented", records=True):
        yield


@contextmanager
def clock(when: dt.datetime):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: when)
        yield


def save(row, when: dt.datetime | None = None, **values):
    for name, value in values.items():
        setattr(row, name, value)
    with clock(when or at(1)):
        row.save()


def test_an_entry_says_how_each_abstract_stood_and_stands(recorded):
    tier = factories.TierFactory()
    abstracts = factories.AbstractFactory.create_batch(3, meeting=tier.meeting, tier=tier)
    former = EmbargoRecord.objects.count()
    save(factories.step_of(tier), date=dt.date(2099, 1, 1))
    entry = EmbargoRecord.objects.get(number=former + 1)
    lines = RecordLine.objects.filter(entry=entry)
    assert {line.abstract_id for line in lines} == {abstract.pk for abstract in abstracts}
    assert {(line.old_level, line.new_level) for line in lines} == {(Level.FULL, Level.HIDDEN)}
    assert {line.new_released_from for line in lines} == {dt.datetime(2099, 1, 1, 15, tzinfo=dt.UTC)}
    assert (entry.reason, entry.abstracts) == ("Invented", 3)


def test_what_moves_nothing_leaves_no_entry(recorded):
    abstract = factories.AbstractFactory()
    former = EmbargoRecord.objects.count()
    save(abstract, title="Another")
    assert EmbargoRecord.objects.count() == former


def test_the_record_of_a_deleted_abstract_stays(recorded):
    abstract = factories.AbstractFactory(number="0489")
    pk = abstract.pk
    abstract.delete()
    last = RecordLine.objects.filter(abstract_id=pk).latest("entry_id")
    assert (last.number, last.meeting, last.new_status) == ("0489", abstract.meeting.slug, "")


def test_first_public_instant_and_every_time_it_was_hidden_again(recorded):
    with clock(at(1)):
        abstract = factories.AbstractFactory(tier=None)
    save(abstract, at(2), override_released_from=at(3))
    save(abstract, at(4), override_released_from=at(20))  # hidden again
    save(abstract, at(5), override_released_from=at(4))  # public again at once
    save(abstract, at(6), status=Status.WITHDRAWN, status_note="Why.")
    times = public_times(abstract.pk, at(7))
    assert times[Level.FULL] == [Period(at(3), at(4)), Period(at(5), at(6))]
    assert times[Level.LISTED] == [Period(at(3), at(4)), Period(at(5), None)]
    save(abstract, at(8), status=Status.PUBLISHED, status_note="", override_released_from=at(9))
    assert public_times(abstract.pk, at(8))[Level.FULL][-1] == Period(at(9), None)
    with clock(at(10)):
        Abstract.unfiltered.filter(pk=abstract.pk).delete()
    assert public_times(abstract.pk, at(11))[Level.FULL][-1] == Period(at(9), at(10))


def test_an_abstract_from_before_the_record_is_public_from_its_instant():
    abstract = factories.AbstractFactory(override_released_from=LONG_AGO)
    assert not RecordLine.objects.exists()
    assert public_times(abstract.pk)[Level.FULL] == [Period(LONG_AGO, None)]


def test_a_whole_record_has_no_broken_links(recorded):
    assert list(broken_links()) == []
    factories.AbstractFactory.create_batch(2)
    assert EmbargoRecord.objects.count() >= 2
    assert list(broken_links()) == []


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (lambda: EmbargoRecord.objects.filter(number=1).update(reason="Nothing"), "Entry 1 is not as it was written."),
        (lambda: RecordLine.objects.filter(entry=1).update(new_released_from=None), "Entry 1 is not as it was"),
        (lambda: RecordLine.objects.filter(entry=2).delete(), "Entry 2 is not as it was written."),
        (
            lambda: (RecordLine.objects.filter(entry=2).delete(), EmbargoRecord.objects.filter(number=2).delete()),
            "Entries 2 to 2 are missing.",
        ),
        (
            lambda: (RecordLine.objects.filter(entry=3).delete(), EmbargoRecord.objects.filter(number=3).delete()),
            "The last entry is 2, but 3 entries were written.",
        ),
    ],
)
def test_a_changed_or_missing_entry_shows(recorded, harm, problem):
    factories.AbstractFactory.create_batch(3)
    assert EmbargoRecord.objects.count() == 3
    harm()
    assert any(sentence.startswith(problem) for sentence in broken_links()), list(broken_links())


@pytest.mark.parametrize("table", [EmbargoRecord, RecordLine])
def test_the_database_itself_refuses_to_change_or_delete(recorded, table):
    factories.AbstractFactory()
    make_triggers()
    make_triggers()
    try:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            table.objects.all()._raw_delete("default")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            table.objects.update(**{table._meta.pk.attname: 7})
        assert table.objects.exists()
        factories.AbstractFactory()
    finally:
        if connection.vendor == "sqlite":
            _drop_triggers()
    assert RecordHead.objects.get().number == EmbargoRecord.objects.count()


def test_triggers_come_back_with_each_migrate(settings):
    settings.RECORD_TRIGGERS = True
    call_command("migrate", verbosity=0)
    try:
        with bypassing("Invented"):
            factories.AbstractFactory()
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            RecordLine.objects.all()._raw_delete("default")
    finally:
        if connection.vendor == "sqlite":
            _drop_triggers()


def _drop_triggers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}")


def test_the_record_of_a_meeting_as_a_table(recorded):
    abstract = factories.AbstractFactory(number="=1")
    factories.AbstractFactory()
    lines = csv_lines(table_of(abstract.meeting.slug))
    head, *rows = csv.reader(line.decode("utf-8-sig") for line in lines)
    [row] = [dict(zip(head, row, strict=True)) for row in rows]
    assert (row["number"], row["meeting"], row["old_level"], row["new_level"]) == (
        "'=1", abstract.meeting.slug, "0", str(Level.FULL.value),
    )  # fmt: skip
    assert (row["reason"], row["entry"]) == ("Invented", "1")
