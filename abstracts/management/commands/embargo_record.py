"""The embargo record on the command line: verify it, export it, copy it to a second place."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections

from abstracts import clock
from abstracts.exporting.csv import csv_lines
from abstracts.models import EmbargoRecord, RecordHead
from abstracts.models.record import broken_links, lines_by_entry, table_of


class Command(BaseCommand):
    help = "Verify the record of what the public saw and who decided it; export a meeting's part; copy it elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="Check that every entry is as it was written and none is missing.")
        verify.add_argument("--against", type=Path, metavar="FILE", help="Compare with a copy, too.")
        export = actions.add_parser("csv", help="Write the record of a meeting to the standard output.")
        export.add_argument("meeting", help="Its slug.")
        copy = actions.add_parser("copy", help="Append new entries to a file, one JSON object a line.")
        copy.add_argument("file", type=Path)
        copy.add_argument("--loop", type=float, metavar="SECONDS", help="Go on, and look for new entries that often.")

    def handle(self, *args, action, **options) -> None:
        if action == "verify":
            self._verify(options["against"])
        elif action == "csv":
            self._csv(options["meeting"])
        else:
            self._copy(options["file"], options["loop"])

    def _verify(self, copy: Path | None) -> None:
        problems = [*broken_links(), *(_differences(copy) if copy else ())]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError("The embargo record is broken.")
        head = RecordHead.objects.filter(pk=1).first()
        self.stdout.write(f"{head.number if head else 0} entries; the last digest is {head.digest if head else '–'}.")

    def _csv(self, meeting: str) -> None:
        for line in csv_lines(table_of(meeting)):
            self.stdout.write(line.decode("utf-8-sig"), ending="")

    def _copy(self, file: Path, loop: float | None) -> None:
        if loop is None:
            self._append(file, _last_copied(file))
            return
        last = None
        while True:
            close_old_connections()
            try:
                last = self._append(file, _last_copied(file) if last is None else last)
            except (OperationalError, InterfaceError) as error:
                self.stderr.write(f"The database does not answer: {error}")
                last = None
            time.sleep(loop)

    def _append(self, file: Path, last: int) -> int:
        """Append the entries after number `last`; the number of the newest one that is in the file then."""
        entries = EmbargoRecord.objects.filter(number__gt=last).order_by("number")
        new = 0
        # Only its owner reads it, because reasons are internal; each line is on the disk before the next.
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as target:
            for entry, lines in lines_by_entry(entries):
                target.write(json.dumps(entry.as_dict(lines), ensure_ascii=False) + "\n")
                target.flush()
                os.fsync(target.fileno())
                last, new = entry.number, new + 1
        if new:
            self.stdout.write(f"{clock.now():%Y-%m-%d %H:%M:%S} copied {new} entries, up to {last}.")
        return last


def _last_copied(file: Path) -> int:
    """The number of the last entry in `file`; 0 without a file. An unfinished last line is cut off.

    Raises CommandError if the database does not have that entry: from a backup, it would write others by its number.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return 0
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        with file.open("r+b") as target:
            target.truncate(len(whole))
    if not whole:
        return 0
    try:
        entry = json.loads(whole.splitlines()[-1])
        number, digest = int(entry["number"]), str(entry["digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{file} is no copy of the embargo record: {error}.") from None
    if not EmbargoRecord.objects.filter(number=number, digest=digest).exists():
        raise CommandError(f"The record has no such entry {number} as {file}: keep that file, and begin another.")
    return number


def _differences(copy: Path) -> Iterator[str]:
    """Entries of a copy that the database does not have, or has otherwise."""
    if not copy.exists():
        raise CommandError(f"There is no file {copy}.")
    stored = dict(EmbargoRecord.objects.values_list("number", "digest"))
    with copy.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, 1):
            if not line.endswith("\n"):
                continue  # it is being written; `copy` mends it
            try:
                entry = json.loads(line)
                is_stored = stored.get(entry["number"]) == entry["digest"]
            except (ValueError, KeyError, TypeError):
                yield f"Line {place} of {copy.name} is no entry of the record."
                continue
            if not is_stored:
                yield f"Entry {entry['number']} of {copy.name} is not in the database, or is another one there."
