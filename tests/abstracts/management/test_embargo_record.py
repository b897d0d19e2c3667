"""The command of the embargo record."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from abstracts.management.commands import embargo_record
from abstracts.models import EmbargoRecord
from abstracts.models.gate import bypassing
from tests import factories

pytestmark = pytest.mark.django_db


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("embargo_record", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def abstract():
    with bypassing("Invented"):
        return factories.AbstractFactory(number="0489")


def test_it_verifies(abstract):
    entry = EmbargoRecord.objects.get()
    assert f"1 entries; the last digest is {entry.digest}." in run("verify")
    EmbargoRecord.objects.update(reason="Another")
    with pytest.raises(CommandError, match="is broken"):
        run("verify")


def test_it_writes_a_meeting_as_csv(abstract):
    head, row = run("csv", abstract.meeting.slug).splitlines()
    assert head.startswith("entry,at,")
    assert "0489" in row.split(",")


def test_it_copies_new_entries_only_and_mends_an_unfinished_line(abstract, tmp_path):
    copy = tmp_path / "record.jsonl"
    assert "copied 1 entries, up to 1" in run("copy", copy)
    assert run("copy", copy) == ""
    assert copy.stat().st_mode & 0o077 == 0
    with bypassing("Invented"):
        factories.AbstractFactory()
    run("copy", copy)
    whole = copy.read_text()
    assert [json.loads(line)["number"] for line in whole.splitlines()] == [1, 2]
    copy.write_text(whole[:-40])
    run("copy", copy)
    assert copy.read_text() == whole
    assert json.loads(whole.splitlines()[0])["lines"][0]["number"] == "0489"


def test_a_copy_shows_a_record_that_was_written_anew(abstract, tmp_path):
    copy = tmp_path / "record.jsonl"
    run("copy", copy)
    assert "1 entries" in run("verify", "--against", copy)
    EmbargoRecord.objects.update(digest="0" * 64)
    with pytest.raises(CommandError, match="is broken"):
        run("verify", "--against", copy)


def test_a_copy_of_a_newer_state_than_that_of_the_database_is_not_continued(abstract, tmp_path):
    copy = tmp_path / "record.jsonl"
    run("copy", copy)
    whole = copy.read_text()
    newer = json.loads(whole) | {"number": 2}
    for digest in (newer["digest"], "0" * 64):
        copy.write_text(whole + json.dumps(newer | {"digest": digest}) + "\n")
        with pytest.raises(CommandError, match="keep that file"):
            run("copy", copy)
    copy.write_text(whole.replace(newer["digest"], "0" * 64))
    with pytest.raises(CommandError, match="keep that file"):
        run("copy", copy)


def test_a_harmed_copy_is_told_and_a_line_being_written_is_not(abstract, tmp_path):
    copy = tmp_path / "record.jsonl"
    run("copy", copy)
    whole = copy.read_text()
    copy.write_text(whole + whole[:-40])
    assert "1 entries" in run("verify", "--against", copy)
    for line in (whole[:-40], "[]", '{"number": []}', '{"number": [], "digest": 1}', ""):
        copy.write_text(f"{whole}{line}\n")
        with pytest.raises(CommandError, match="is broken"):
            run("verify", "--against", copy)


def test_a_file_that_is_no_copy_is_left_alone(abstract, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("Notes\n")
    with pytest.raises(CommandError, match="is no copy"):
        run("copy", other)
    assert other.read_text() == "Notes\n"


def test_the_loop_goes_on_while_the_database_is_away(abstract, tmp_path, monkeypatch):
    class Enough(Exception):
        pass

    rounds = []
    append = embargo_record.Command._append

    def append_sometimes(self, file, last):
        rounds.append(last)
        if len(rounds) == 2:
            raise OperationalError("away")
        if len(rounds) == 4:
            raise Enough
        return append(self, file, last)

    monkeypatch.setattr(embargo_record.Command, "_append", append_sometimes)
    monkeypatch.setattr(embargo_record, "close_old_connections", lambda: None)
    with pytest.raises(Enough):
        run("copy", tmp_path / "record.jsonl", "--loop", "0")
    assert rounds == [0, 1, 1, 1]
    assert len((tmp_path / "record.jsonl").read_text().splitlines()) == 1
