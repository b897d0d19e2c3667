"""Staff decide while an import is checked or runs: nobody waits for it, and what staff decided stays."""

import datetime as dt
import re
import threading
import time

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from abstracts.importing import BadInput, ImportOptions, Outcome, run_import
from abstracts.importing import run as running
from abstracts.importing import write as writing
from abstracts.importing.write import Writer, write_patiently
from abstracts.models import Abstract, ArchiveState, ImportRun, Presentation, Section, Session, SlugRedirect, gate
from tests.factories import FAR_AHEAD, SessionFactory, TierFactory

from .files import csv, row

SESSION = {
    "session_code": "A12",
    "session_title": "Posters",
    "session_date": "2025-10-26",
    "session_time": "10:30-11:00",
}
MOVED = SESSION | {"session_date": "2025-10-27"}


@pytest.fixture
def meeting(db):
    meeting = TierFactory(meeting__slug="forum", name="Regular").meeting
    TierFactory(meeting=meeting, name="Late", position=1)
    TierFactory(meeting=meeting, name="Held", position=2, release_rule="held")
    return meeting


@pytest.fixture
def load(tmp_path, meeting):
    def load(*rows, **options):
        blank = dict.fromkeys([*OLD, "Remarks"], "")
        sheet = csv(tmp_path / "sheet.csv", [blank | cells for cells in rows])
        return run_import(sheet, ImportOptions(**{"meeting": "forum", "tier": "Regular"} | options))

    return load


def get(number="0001"):
    return Abstract.unfiltered.get(number=number)


def withdraw():
    abstract = get()
    abstract.status, abstract.status_note = "withdrawn", "At the authors' request."
    abstract.save()


def hold():
    abstract = get()
    abstract.tier = abstract.meeting.tiers.get(name="Held")
    abstract.save()


def postpone():
    abstract = get()
    abstract.override_released_from = FAR_AHEAD
    abstract.save()


def postpone_session():
    session = Session.objects.get(code="A12")
    session.date = dt.date(2026, 1, 1)
    session.save()


def present_elsewhere():
    presentation = Presentation.unfiltered.get()
    presentation.session = SessionFactory(meeting=presentation.session.meeting, code="B1")
    presentation.save()


def decided():
    abstract = get()
    return {
        "status": (abstract.status, abstract.status_note),
        "tier": (abstract.tier.name, abstract.override_released_from),
        "session": str(Session.objects.get(code="A12").date),
        "sessions": [row.session.code for row in Presentation.unfiltered.filter(abstract=abstract)],
    }


# What staff decide, the part of `decided` that it is, and how the report says that it stays.
DECISIONS = [
    (withdraw, "status", "kept status as it is here"),
    (hold, "tier", "kept tier as it is here"),
    (postpone, "tier", "kept tier as it is here"),
    (postpone_session, "session", "session “Posters” is kept as it is here"),
    (present_elsewhere, "sessions", "kept sessions as it is here"),
]
OLD = row(status="published", status_note="", tier="Regular", **SESSION, position="1")
NEW = row(title="New title", status="corrected", status_note="A misprint.", tier="Late", **MOVED, position="7")
AS_IN_FILE = {
    "status": ("corrected", "A misprint."), "tier": ("Late", None), "session": "2025-10-27", "sessions": ["A12"],
}  # fmt: skip


def before_writing(monkeypatch, act):
    """Let `act` run after an import has planned, before it writes."""

    def act_then_write(write):
        act()
        write_patiently(write)

    monkeypatch.setattr(running, "write_patiently", act_then_write)


def test_the_file_would_overwrite_all_that_staff_decide(load):
    load(OLD)
    report = load(NEW, overwrite_edits=True)
    assert decided() == AS_IN_FILE
    assert report.rows[0].messages == []


@pytest.mark.parametrize(("decide", "name", "words"), DECISIONS)
def test_what_staff_decide_while_an_import_runs_stays(load, monkeypatch, decide, name, words):
    load(OLD)
    before_writing(monkeypatch, decide)
    report = load(NEW, overwrite_edits=True)
    assert report.applied
    assert decided()[name] != AS_IN_FILE[name]
    assert get().title_text == "New title"
    assert f"{words}; it was changed while the import ran" in report.rows[0].messages
    stored = ImportRun.unfiltered.get(pk=report.run_id).report["rows"][0]
    assert stored["messages"] == report.rows[0].messages
    assert stored["outcome"] == "changed"
    assert stored.get("fields") == report.rows[0].fields


@pytest.mark.parametrize(("decide", "name", "words"), DECISIONS)
def test_what_staff_decide_between_check_and_import_stays(load, decide, name, words):
    load(OLD)
    check = load(NEW, overwrite_edits=True, dry_run=True)
    decide()
    report = load(NEW, overwrite_edits=True, checked=check.states)
    assert report.applied
    assert decided()[name] != AS_IN_FILE[name]
    assert get().title_text == "New title"
    if decide is postpone_session:
        words = "kept sessions as it is here"
    assert f"{words}: it was changed after the check" in report.rows[0].messages


def test_the_file_wins_over_what_was_decided_before_the_check(load):
    load(OLD)
    for decide, _, _ in DECISIONS[:2]:
        decide()
    check = load(NEW, overwrite_edits=True, dry_run=True)
    load(NEW, overwrite_edits=True, checked=check.states)
    assert decided() == AS_IN_FILE


def test_abstract_deleted_after_the_check_does_not_come_back(load):
    load(OLD, row("0002"))
    check = load(NEW, row("0002"), dry_run=True)
    get().delete()
    report = load(NEW, row("0002"), checked=check.states)
    assert not report.applied
    assert report.rows[0].messages == ["was deleted here after the check"]


def test_abstract_deleted_while_an_import_runs_stops_it(load, monkeypatch):
    load(OLD)
    before_writing(monkeypatch, lambda: get().delete())
    with pytest.raises(BadInput, match="line 2 was deleted while the import ran"):
        load(NEW)
    assert not Abstract.unfiltered.exists()
    assert not Section.unfiltered.exists()


def test_other_edits_while_an_import_runs_stay_field_by_field(load, monkeypatch):
    load(OLD)

    def edit():
        abstract = get()
        abstract.title, abstract.slug = "As <i>staff</i> want it", "as-staff-want-it"
        abstract.save()

    before_writing(monkeypatch, edit)
    report = load(NEW | {"link_final": "https://example.org/abstract/elsewhere/"})
    abstract = get()
    assert (abstract.title, abstract.title_text) == ("As <i>staff</i> want it", "As staff want it")
    assert (abstract.slug, abstract.status, abstract.tier.name) == ("as-staff-want-it", "corrected", "Late")
    assert not SlugRedirect.unfiltered.filter(slug="elsewhere").exists()
    assert report.rows[0].fields == ["sessions", "status", "status_note", "tier"]


def test_what_only_the_database_finds_rolls_everything_back(load, monkeypatch):
    load(OLD)

    def take_address():
        other = get()
        other.pk, other.key, other.number, other.slug = None, "0" * 16, "0009", "counting-invented-joints-0002"
        other._state.adding = True
        other.save()

    before_writing(monkeypatch, take_address)
    with pytest.raises(BadInput, match="The database refused the import"):
        load(NEW, row("0002"))
    assert get().title_text != "New title"
    assert ImportRun.unfiltered.count() == 1


def test_a_check_only_reads(load):
    load(OLD)
    with CaptureQueriesContext(connection) as queries:
        report = load(NEW, row("0002", tier="Held", **SESSION | {"session_code": "B7"}), dry_run=True)
    assert report.is_valid
    assert len(queries) > 5
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT") or "FOR " in q["sql"]] == []


def test_an_import_moves_the_revision_once_and_last(load):
    load(OLD)
    before = ArchiveState.current_revision()
    with CaptureQueriesContext(connection) as queries:
        load(NEW, row("0002"))
    assert ArchiveState.current_revision() == before + 1
    written = [re.match(r'(?:\d+ times: )?(?:UPDATE|INSERT INTO) "?(\w+)', q["sql"]) for q in queries]
    tables = [match[1] for match in written if match]
    moved = tables.index("abstracts_archivestate")
    assert {"abstracts_abstract", "abstracts_session", "abstracts_importrun"} <= set(tables[:moved])
    assert set(tables[moved:]) <= {
        "abstracts_archivestate", "abstracts_pastrevision", "abstracts_abstract", "abstracts_documentchange",
        "abstracts_historicalabstract", "abstracts_historicalsession",
    }  # fmt: skip


def test_report_of_a_check_is_that_of_the_import(load, meeting):
    SessionFactory(meeting=meeting, title="Nobody presents here")
    load(OLD, row("0003", **SESSION | {"session_code": "C1"}))
    same = "https://example.org/abstract/il-%ce%b3/"
    rows = [
        NEW, row("0002", link_final=same), row("0003"), row("0007", link_final=same), row("0004", title=""),
        row("LB05", tier="Late", authors_and_affiliations="", abstract_text="Its text will be released later."),
        row("0006", tier="Held", **SESSION | {"session_code": "D1", "session_title": "New session"}),
    ]  # fmt: skip
    check, run = (
        load(*rows, dry_run=is_check, skip_invalid=True, shell_tier="Regular").as_dict() for is_check in (True, False)
    )
    different = {"dry_run", "applied", "seconds"}
    assert {k: v for k, v in check.items() if k not in different} == {
        k: v for k, v in run.items() if k not in different
    }
    assert "the address il-gamma was taken; it got counting-invented-joints-0007-forum-0007" in str(check["rows"])
    assert check["counts"] == {"rows": 7, "new": 3, "changed": 2, "unchanged": 0, "skipped": 0, "invalid": 2}


def test_row_that_would_be_released_without_a_text_is_left_out(load):
    promise = {"authors_and_affiliations": "", "abstract_text": "Its text will be released later."}
    report = load(row("0001"), row("0002", **promise), skip_invalid=True, shell_tier="Regular")
    assert [row.outcome for row in report.rows] == [Outcome.NEW, Outcome.INVALID]
    assert list(Abstract.unfiltered.values_list("number", flat=True)) == ["0001"]


# Several connections: PostgreSQL


def in_thread(work):
    """Run `work` in another connection, and ask nobody; the thread."""

    def run():
        try:
            with gate.bypassing("a test", records=False):
                work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
@pytest.mark.several_connections
def test_a_check_waits_for_nobody(load):
    load(OLD)
    with transaction.atomic():
        withdraw()
        reports = []
        check = in_thread(lambda: reports.append(load(NEW, row("0002"), dry_run=True)))
        check.join(timeout=30)
        assert not check.is_alive()
    assert reports[0].is_valid


@pytest.mark.django_db(transaction=True)
@pytest.mark.several_connections
def test_a_withdrawal_of_an_abstract_of_the_file_waits_for_no_bulk_write(load, monkeypatch):
    """What can take long is written, but not committed, when the abstract is withdrawn."""
    load(OLD)
    queue = Writer._queue

    def withdraw_then_queue(writer):
        assert Section.unfiltered.filter(abstract__number="0002").exists()
        other = in_thread(withdraw)
        other.join(timeout=30)
        assert not other.is_alive()
        queue(writer)

    monkeypatch.setattr(Writer, "_queue", withdraw_then_queue)
    report = load(NEW | {"abstract_text": "Methods: Others."}, row("0002"), overwrite_edits=True)
    assert report.applied
    assert decided()["status"] == ("withdrawn", "At the authors' request.")
    assert list(Section.unfiltered.filter(abstract=get()).values_list("html", flat=True)) == ["<p>Others.</p>"]
    assert "kept status as it is here; it was changed while the import ran" in report.rows[0].messages


@pytest.mark.django_db(transaction=True)
@pytest.mark.several_connections
@pytest.mark.parametrize("patience", [5000, 200])
def test_a_withdrawal_for_which_an_import_waits_stays(load, monkeypatch, patience):
    """It is not committed yet when the import comes to its row; with little patience the import begins again."""
    monkeypatch.setattr(writing, "PATIENCE", patience)
    load(OLD)
    is_written, may_commit = threading.Event(), threading.Event()

    def withdraw_slowly():
        with transaction.atomic():
            withdraw()
            is_written.set()
            may_commit.wait(timeout=30)
            time.sleep(1)

    queue = Writer._queue

    def queue_when_written(writer):
        may_commit.set()
        queue(writer)

    monkeypatch.setattr(Writer, "_queue", queue_when_written)
    other = in_thread(withdraw_slowly)
    is_written.wait(timeout=30)
    report = load(NEW, overwrite_edits=True)
    other.join(timeout=30)
    assert report.applied
    assert decided()["status"] == ("withdrawn", "At the authors' request.")
    assert get().title_text == "New title"
    assert report.rows[0].messages.count("kept status as it is here; it was changed while the import ran") == 1
