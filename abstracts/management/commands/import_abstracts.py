"""Import a meeting's abstracts: `manage.py import_abstracts FILE --meeting SLUG`. See docs/import.md."""

import contextlib
import functools
import gc
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from abstracts.importing import BadInput, ImportOptions, run_import
from abstracts.importing.report import effects_as_text
from abstracts.importing.values import parse_date, parse_instant
from abstracts.models.effects import effects_as_json
from abstracts.models.gate import Decision, Refused, deciding


class Command(BaseCommand):
    help = "Import abstracts from XLSX, CSV, TSV or JSON Lines, all or nothing, and report every row."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("file", help="XLSX, CSV, TSV, JSON Lines; .gz is unpacked.")
        add("--meeting", default="", metavar="SLUG", help="The meeting that all rows belong to.")
        add("--create", default="", metavar="NAME", help="Create the meeting under this printed name.")
        add("--start", metavar="DATE", help="Its first day, 2025-10-24.")
        add("--end", metavar="DATE", help="Its last day.")
        add("--timezone", default="", metavar="ZONE", help="Its time zone, America/Chicago.")
        add(
            "--meetings",
            type=Path,
            metavar="FILE",
            help="JSON Lines with the meetings that rows name; they are created.",
        )
        add("--tier", default="", metavar="NAME", help="Embargo tier of new abstracts whose number no rule takes.")
        add("--shell-tier", default="", metavar="NAME", help="The embargo tier of rows that only promise their text.")
        add("--release", metavar="WHEN", help="Release rule of tiers this import creates: a date and time, or now.")
        add("--map", action="append", default=[], metavar="COLUMN=FIELD", help="What a column is. Can be repeated.")
        add("--sheet", default="", metavar="NAME", help="Which sheet of the workbook.")
        add("--figures", type=Path, metavar="DIR_OR_ZIP", help="Where the image files are that rows name.")
        add("--dry-run", action="store_true", help="Plan everything and report it; write nothing.")
        add("--skip-invalid", action="store_true", help="Import the valid rows although others are invalid.")
        add("--overwrite-edits", action="store_true", help="Let the file win over what staff edited since.")
        add("--reason", default="", metavar="TEXT", help="Why, if it changes what the public sees; it is recorded.")
        add("--expect", type=int, metavar="N", help="Of how many abstracts it changes what the public sees.")
        add("--report", type=Path, metavar="FILE.json", help="Write the whole report there.")

    def handle(self, *args, **options) -> None:
        if options["report"] and not options["report"].parent.is_dir():
            raise CommandError(f"The report cannot be written: there is no folder {options['report'].parent}.")
        name = Path(options["file"]).name
        decision = Decision(door=f"Import {name}", reason=options["reason"], expected=options["expect"])
        try:
            has_bar = sys.stderr.isatty() and options["verbosity"] > 0
            bar = tqdm(unit=" rows", file=sys.stderr, disable=not has_bar)
            with rare_garbage_collection(), deciding(decision), bar:
                report = run_import(options["file"], _import_options(options, bar))
        except BadInput as error:
            raise CommandError(str(error)) from None
        except Refused as refused:
            raise CommandError(_how_to_confirm(refused)) from None
        if options["report"]:
            _write_report(options["report"], report.as_dict())
        self.stdout.write(report.as_text())
        if report.dry_run and (asking := report.effects["asking"]):
            self.stdout.write(f"With these effects it needs --reason and --expect {asking}.")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stdout.write(f"{report.seconds:.1f} s, {memory:.0f} MB at most.")
        if not report.applied and not (report.dry_run and report.is_valid):
            raise CommandError(f"{report.counts['invalid']} invalid rows; nothing was written. See --skip-invalid.")


def _how_to_confirm(refused: Refused) -> str:
    effects = effects_as_json(refused.effects)
    lines = [*effects_as_text(effects), str(refused)]
    return "\n".join([*lines, f"If it is meant: --reason “Why” --expect {effects['asking']}"])


@contextlib.contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Let Python look for reference cycles rarely: among a million rows it takes a third of the time and finds none."""
    threshold = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)


def _show_progress(bar: tqdm, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _import_options(options: dict, bar: tqdm) -> ImportOptions:
    names = ("meeting", "create", "timezone", "tier", "shell_tier", "sheet", "figures", "meetings")
    flags = ("dry_run", "skip_invalid", "overwrite_edits")
    try:
        start, end = (parse_date(options[name]) if options[name] else None for name in ("start", "end"))
        release = options["release"]
        return ImportOptions(
            **{name: options[name] for name in names + flags},
            start=start,
            end=end,
            release=release if release in (None, "now") else parse_instant(release),
            mapping=_mapping(options["map"]),
            progress=functools.partial(_show_progress, bar),
        )
    except ValueError as error:
        raise CommandError(str(error)) from None


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals or not column.strip() or not field.strip():
            raise CommandError(f"--map {pair}: write it as --map COLUMN=FIELD.")
        mapping[column.strip()] = field.strip()
    return mapping


def _write_report(path: Path, report: dict) -> None:
    try:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report cannot be written: {error}.") from None
