"""What an import writes to the log."""

import pytest
from structlog.testing import capture_logs

from abstracts.importing import BadInput, ImportOptions, run_import
from abstracts.models import ImportRun
from tests.factories import StaffFactory, TierFactory

from .files import csv, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(tmp_path):
    TierFactory(meeting__slug="forum", name="Regular", number_prefixes="0-9")
    return csv(tmp_path / "sheet.csv", [row("0001"), row("0002")])


def logged(path, **options):
    with capture_logs() as lines:
        run_import(path, ImportOptions(meeting="forum", **options))
    return [line for line in lines if line["event"].startswith("import_")]


def test_start_and_end_are_logged(sheet):
    user = StaffFactory()
    start, end = logged(sheet, by=user)
    assert start == {
        "event": "import_started", "log_level": "info", "file": "sheet.csv", "dry_run": False, "meeting": "forum",
        "user_id": user.pk,
    }  # fmt: skip
    assert end.pop("seconds") >= 0
    assert end == {
        "event": "import_finished", "log_level": "info", "file": "sheet.csv", "dry_run": False,
        "run": ImportRun.unfiltered.get().pk, "applied": True,
        "rows": 2, "new": 2, "changed": 0, "unchanged": 0, "skipped": 0, "invalid": 0,
    }  # fmt: skip


def test_dry_run_has_no_run_id(sheet):
    start, end = logged(sheet, dry_run=True)
    assert start["user_id"] is None
    assert (end["dry_run"], end["applied"], end["run"], end["new"]) == (True, False, None, 2)


def test_refused_import_is_logged_with_its_reason(sheet):
    with capture_logs() as lines, pytest.raises(BadInput):
        run_import(sheet, ImportOptions(meeting="elsewhere"))
    failure = lines[-1]
    assert (failure["event"], failure["log_level"]) == ("import_failed", "warning")
    assert failure["reason"].startswith("There is no meeting elsewhere.")
    assert failure["seconds"] >= 0


def test_unexpected_error_is_logged_by_its_name_only(sheet, monkeypatch):
    """Its message may contain text of abstracts."""

    def fail(*args):
        raise RuntimeError("secret text")

    monkeypatch.setattr("abstracts.importing.run.Writer.write", fail)
    with capture_logs() as lines, pytest.raises(RuntimeError):
        run_import(sheet, ImportOptions(meeting="forum"))
    assert lines[-1]["reason"] == "RuntimeError"
    assert "secret" not in str(lines)
