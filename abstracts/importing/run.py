"""The import, from a file to a report."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import structlog
from django.db import Error, connection, transaction
from django.utils import timezone

from ..models import Abstract, ImportRun, Session
from ..models.gate import passing
from ..models.history import recording
from ..search.following import update_index
from ..search.replica import IndexBehind
from ..visibility import ANONYMOUS, Level
from .columns import ignored_columns, match_columns
from .disclosures import cut_disclosures
from .figures import FigureFiles
from .from_json import JsonConverter
from .from_sheet import SheetConverter
from .incoming import IncomingAbstract
from .options import BadInput, ImportOptions
from .plan import Planner
from .readers import open_source
from .records import Record, Source
from .report import ImportReport, Outcome
from .sections import learn_labels
from .stored_files import StoredFiles
from .targets import Target, Targets
from .write import Writer

BATCH = 400
BATCH_WITH_FIGURES = 20
MAX_LISTED = 20

log = structlog.get_logger(__name__)

# Meeting, "number" | "reference" | "slug", and its value.
FileKey = tuple[str, str, str]


def run_import(source: str | Path | IO[bytes], options: ImportOptions) -> ImportReport:
    """Import `source` (a path, or an open binary file) with `options`, and log it.

    Returns the report; `report.applied` says whether anything was written. It is False for a dry run, and where rows
    are invalid without `skip_invalid`. Raises `BadInput` where the file or the options make no sense at all; nothing
    was written then.
    """
    started = time.monotonic()
    name = Path(str(options.file_name or getattr(source, "name", None) or source)).name
    context = log.bind(file=name, dry_run=options.dry_run)
    context.info("import_started", meeting=options.meeting, user_id=options.by.pk if options.by else None)
    try:
        report = _run(source, ImportReport(name, options.dry_run), options)
    except BaseException as error:
        reason = str(error)[:500] if isinstance(error, BadInput) else type(error).__name__
        context.warning("import_failed", reason=reason, seconds=round(time.monotonic() - started, 1))
        raise
    report.seconds = time.monotonic() - started
    seconds = round(report.seconds, 1)
    context.info("import_finished", run=report.run_id, applied=report.applied, seconds=seconds, **report.counts)
    return report


def _run(source: str | Path | IO[bytes], report: ImportReport, options: ImportOptions) -> ImportReport:
    with contextlib.closing(_Run(open_source(source, options), report, options)) as run:
        run.execute()
    if report.applied and not connection.in_atomic_block:
        # Index it now; where that is not possible, the next search does.
        with contextlib.suppress(IndexBehind):
            update_index()
    return report


class _Run:
    def __init__(self, source: Source, report: ImportReport, options: ImportOptions):
        self.source, self.report, self.options = source, report, options
        self.converter = _converter(source, options, report)
        self.figure_files = FigureFiles(Path(options.figures)) if options.figures else None
        self.stored_files = StoredFiles(options.dry_run)
        self.planner = Planner(options, report, self.figure_files)

    def close(self) -> None:
        if self.figure_files:
            self.figure_files.close()

    def execute(self) -> None:
        """Do everything in one transaction, and roll back, files included, what must not stay."""
        options, report = self.options, self.report
        repeated = self._repeated_lines()
        try:
            with passing():
                self.targets = Targets(options)
                self.run = ImportRun.objects.create(by=options.by, file_name=report.file_name[:300])
                self.writer = Writer(self.run, self.stored_files)
                with recording(f"import {self.run.pk}", options.by):
                    self._write_all(repeated)
                report.applied = not options.dry_run and (report.is_valid or options.skip_invalid)
                if report.applied:
                    self._save_report()
                else:
                    transaction.set_rollback(True)
        except Error as error:
            self.stored_files.undo()
            raise BadInput(f"The database refused the import: {str(error).splitlines()[0]}.") from error
        except BaseException:
            self.stored_files.undo()
            raise
        if not report.applied:
            self.stored_files.undo()

    # Reading

    def _repeated_lines(self) -> dict[FileKey, list[int]]:
        """The lines of each abstract that is in the file more than once."""
        lines: dict[FileKey, list[int]] = defaultdict(list)
        self.count = 0
        for record in self.source.records():
            self.count += 1
            if key := _file_key(self.converter.identify(record)):
                lines[key].append(record.line)
        if not self.count:
            raise BadInput("The file has a header but no rows." if self.source.headers else "The file has no rows.")
        return {key: numbers for key, numbers in lines.items() if len(numbers) > 1}

    def _write_all(self, repeated: dict[FileKey, list[int]]) -> None:
        size = BATCH_WITH_FIGURES if self.figure_files else BATCH
        done = 0
        for records in _batches(self.source.records(), size):
            self._write_batch([self.converter.convert(record) for record in records], repeated)
            done += len(records)
            if self.options.progress:
                self.options.progress(done, self.count)
        self.report.rows.sort(key=lambda row: row.line)
        self._conclude()

    def _write_batch(self, batch: list[IncomingAbstract], repeated: dict[FileKey, list[int]]) -> None:
        by_target: dict[Target, list[IncomingAbstract]] = defaultdict(list)
        for incoming in batch:
            lines = repeated.get(_file_key(incoming) or ("", "", ""), [])
            if others := [str(line) for line in lines if line != incoming.line]:
                incoming.errors.append(f"has the same number as line {', '.join(others[:10])}")
            try:
                by_target[self.targets[incoming.meeting]].append(incoming)
            except ValueError as error:
                incoming.errors.append(str(error))
                self.planner.refuse(incoming)
        for target, members in by_target.items():
            plans = self.planner.plan(target, members)
            self.writer.write(target, plans)
            target.seen |= {plan.row.pk: plan.incoming.line for plan in plans}

    # Notes and warnings

    def _conclude(self) -> None:
        report, targets = self.report, list(self.targets.known.values())
        report.notes += self.source.notes
        report.meetings = [target.meeting.slug for target in targets]
        if isinstance(self.converter, JsonConverter):
            report.notes += [f"The key “{key}” was not used." for key in sorted(self.converter.unknown_keys)]
        if folded := self.writer.folded_addresses:
            report.notes.append(
                f"{folded} addresses held letters outside ASCII: they were folded, the former ones lead on."
            )
        if self.planner.misses_files:
            report.notes.append("Figure files are named, but --figures was not given: captions only.")
        for target in targets:
            report.notes += dict.fromkeys(target.notes) if len(targets) <= 5 else []
            report.notes += _note_on_absent(target)
        report.notes += _note_on_empty_sessions(targets)
        self._refuse_empty_pages(targets)
        report.warnings += _warnings_on_hidden(targets)

    def _refuse_empty_pages(self, targets: list[Target]) -> None:
        """A row without text under a tier that shows everything would be released without content."""
        rows = {row.line: row for row in self.report.rows if row.line in self.planner.promises}
        for target in targets:
            by_pk = {pk: rows[line] for pk, line in target.seen.items() if line in rows}
            shown = Abstract.objects.visible_to(ANONYMOUS, timezone.now(), least=Level.FULL).filter(pk__in=by_pk)
            for pk in shown.values_list("pk", flat=True):
                row = by_pk[pk]
                if row.outcome is Outcome.NEW or "tier" in row.fields:
                    row.outcome = Outcome.INVALID
                    row.messages.append("would be released without a text: choose a tier that holds it")
                else:
                    self.report.warnings.append(f"{row.number} has no text, but its embargo shows it to the public.")

    def _save_report(self) -> None:
        report, run = self.report, self.run
        report.run_id = run.pk
        targets = list(self.targets.known.values())
        run.meeting = targets[0].meeting if len(targets) == 1 else None
        run.counts, run.report = report.counts, report.as_dict()
        run.save()


def _file_key(incoming: IncomingAbstract) -> FileKey | None:
    """Two rows of a file with the same key are the same abstract; None for a row that nothing identifies."""
    return (incoming.meeting, *incoming.keys[0]) if incoming.keys else None


def _converter(source: Source, options: ImportOptions, report: ImportReport) -> SheetConverter | JsonConverter:
    if source.headers is None:
        if options.mapping:
            raise BadInput("JSON Lines have no columns to map.")
        return JsonConverter()
    headers = source.headers
    fields = match_columns(headers, options.mapping)
    if "meeting" not in fields.values() and not options.meeting:
        raise BadInput("To which meeting do the rows belong? Say --meeting SLUG.")
    explained = fields.keys() | ignored_columns(headers, options.mapping)
    report.notes += [f"Column “{header}” was not used." for header in headers if header and header not in explained]
    text = next((column for column, field in fields.items() if field == "text"), "")
    labels = learn_labels(cut_disclosures(record.data.get(text) or "")[0] for record in source.records())
    return SheetConverter(fields, labels)


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(records, size)):
        yield batch


def _note_on_absent(target: Target) -> list[str]:
    """What is in the meeting but not in the file: reported, never deleted."""
    rows = Abstract.unfiltered.filter(meeting=target.meeting).order_by("number_key")
    absent = [number or "(no number)" for pk, number in rows.values_list("pk", "number") if pk not in target.seen]
    if not absent:
        return []
    numbers = ", ".join(absent[:50]) + (" …" if len(absent) > 50 else "")
    return [f"{target.meeting}: {len(absent)} abstracts here are not in the file and were left alone: {numbers}."]


def _note_on_empty_sessions(targets: list[Target]) -> list[str]:
    meetings = [target.meeting for target in targets]
    rows = Session.objects.filter(meeting__in=meetings, presentation__isnull=True)
    empty = [f"“{title}”" for title in rows.values_list("title", flat=True)[:MAX_LISTED]]
    return [f"Sessions without abstracts: {', '.join(empty)}."] if empty else []


def _warnings_on_hidden(targets: list[Target]) -> list[str]:
    """Conspicuous warnings of what was imported and the public does not see."""
    meetings = [target.meeting for target in targets]
    shown = Abstract.objects.visible_to(ANONYMOUS, timezone.now(), least=Level.FULL)
    totals, visible = (
        Counter(rows.filter(meeting__in=meetings).order_by().values_list("meeting", flat=True))
        for rows in (Abstract.unfiltered.all(), shown)
    )
    warnings = []
    for target in targets:
        meeting, total = target.meeting, totals[target.meeting.pk]
        if hidden := total - visible[meeting.pk]:
            warnings.append(f"NOT VISIBLE TO THE PUBLIC: {hidden} of {total} abstracts of {meeting}. {_remedy(target)}")
    more = len(warnings) - MAX_LISTED
    return warnings[:MAX_LISTED] + ([f"… and {more} more meetings."] if more > 0 else [])


def _remedy(target: Target) -> str:
    if not target.meeting.is_published:
        return "The meeting is not published."
    held = [tier.name for tier in target.tiers.values() if tier.release_rule == tier.Rule.HELD]
    if held:
        return f"Held until staff choose a release rule for the embargo tier {', '.join(held)} in the admin."
    return "They wait for their embargo to lift; tiers and overrides are in the admin."
