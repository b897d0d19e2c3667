import io
import json

import pytest
from django.core.management import CommandError, call_command

from abstracts.models import Abstract, EmbargoRecord, Meeting
from tests.abstracts.importing.files import csv, row, xlsx
from tests.factories import TierFactory

pytestmark = pytest.mark.django_db


def run(*args) -> str:
    out = io.StringIO()
    call_command("import_abstracts", *map(str, args), stdout=out)
    return out.getvalue()


@pytest.fixture
def sheet(tmp_path):
    return xlsx(tmp_path / "a.xlsx", [row("0001"), row("0002")])


def test_creates_a_meeting_and_warns(sheet, tmp_path):
    output = run(
        sheet, "--meeting", "forum-2031", "--create", "Forum 2031", "--start", "2031-10-24", "--end", "2031-10-29",
        "--timezone", "America/Chicago", "--report", tmp_path / "report.json",
    )  # fmt: skip
    assert "2 rows, 2 new, 0 changed" in output
    assert "NOT VISIBLE TO THE PUBLIC: 2 of 2 abstracts of Forum 2031" in output
    assert "MB at most" in output
    assert Meeting.objects.get().ends_on.day == 29
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["applied"], report["counts"]["new"]) == (True, 2)


def test_dry_run_writes_nothing_and_succeeds(sheet):
    TierFactory(meeting__slug="forum", number_prefixes="0-9")
    assert "Dry run: nothing was written." in run(sheet, "--meeting", "forum", "--dry-run")
    assert not Abstract.unfiltered.exists()


def test_invalid_rows_are_listed_by_line_and_fail(tmp_path):
    TierFactory(meeting__slug="forum", number_prefixes="0-9", release_rule="held")
    path = csv(tmp_path / "a.csv", [row("0001", abstract_text="x"), row("0002", title="", abstract_text="x")])
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 invalid rows; nothing was written"):
        call_command("import_abstracts", str(path), meeting="forum", stdout=out)
    assert "line 3: 0002: invalid; has no title" in out.getvalue()
    assert "1 invalid" in run(path, "--meeting", "forum", "--skip-invalid")
    assert Abstract.unfiltered.count() == 1


def test_what_becomes_public_needs_a_reason_and_its_number(sheet):
    TierFactory(meeting__slug="forum", number_prefixes="0-9")
    with pytest.raises(CommandError) as refused:
        run(sheet, "--meeting", "forum")
    lines = str(refused.value).splitlines()
    assert lines[0] == "PUBLIC AT ONCE: 2 of forum: nothing before, everything now: 0001, 0002"
    assert lines[-1] == "If it is meant: --reason “Why” --expect 2"
    for wrong in (["--reason", "The meeting is over."], ["--expect", "2"], ["--reason", "Over.", "--expect", "1"]):
        with pytest.raises(CommandError, match="nothing was written"):
            run(sheet, "--meeting", "forum", *wrong)
    assert not Abstract.unfiltered.exists()
    assert "Imported." in run(sheet, "--meeting", "forum", "--reason", "The meeting is over.", "--expect", 2)
    entry = EmbargoRecord.objects.get()
    assert (entry.reason, entry.door, entry.abstracts) == ("The meeting is over.", "Import a.xlsx", 2)


def test_dry_run_says_how_many_to_expect(sheet):
    TierFactory(meeting__slug="forum", number_prefixes="0-9")
    assert "With these effects it needs --reason and --expect 2." in run(sheet, "--meeting", "forum", "--dry-run")


def test_columns_are_mapped(tmp_path):
    TierFactory(meeting__slug="forum", number_prefixes="0-9", release_rule="held")
    path = csv(tmp_path / "a.csv", [{"Code": "7", "Head=line": "T", "title": "no"}], delimiter=";")
    run(path, "--meeting", "forum", "--map", "Code=number", "--map", "Head=line=title", "--map", "title=ignore")
    assert Abstract.unfiltered.get().title == "T"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--meeting", "nowhere"], "There is no meeting nowhere"),
        (["--meeting", "forum", "--tier", "Gold"], "no embargo tier"),
        (["--meeting", "forum", "--start", "2025-02-29"], "“2025-02-29” is not a date"),
        (["--meeting", "forum", "--release", "soon"], "“soon” is not a date and time"),
        (["--meeting", "forum", "--map", "title"], "write it as --map COLUMN=FIELD"),
        (["--meeting", "forum", "--map", "x=title"], "no column “x”"),
        (["--meeting", "forum", "--timezone", "Mars"], "“Mars” is not a time zone"),
        (["--meeting", "forum", "--sheet", "Two"], "no sheet “Two”"),
        (["--meeting", "forum", "--figures", "/nowhere"], "no folder or zip"),
        (["--meeting", "forum", "--report", "/nowhere/r.json"], "cannot be written"),
        ([], "Say --meeting SLUG"),
    ],
)
def test_bad_input_gives_one_message(sheet, args, words):
    TierFactory(meeting__slug="forum", number_prefixes="0-9")
    with pytest.raises(CommandError, match=words):
        run(sheet, *args)
    assert not Abstract.unfiltered.exists()


def test_missing_file():
    with pytest.raises(CommandError, match="There is no file"):
        run("/nowhere.xlsx", "--meeting", "forum")
