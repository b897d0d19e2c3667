"""The import, from a file to a report."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import structlog
from django.db import Error, connection

from ..models import ImportRun
from ..models.base import one_revision
from ..models.effects import effects_as_json
from ..models.history import recording
from ..models.judging import refuse_early
from ..search.following import update_index
from ..search.replica import IndexBehind
from .addresses import Addresses
from .bulk import Keys
from .columns import ignored_columns, match_columns
from .disclosures import cut_disclosures
from .figures import FigureFiles
from .forecast import Forecast
from .from_json import JsonConverter
from .from_sheet import SheetConverter
from .incoming import IncomingAbstract
from .notes import add_notes
from .options import BadInput, ImportOptions
from .permissions import Needs
from .plan import Plan, Planner
from .prepare import Preparer
from .readers import open_source
from .records import Record, Source
from .report import ImportReport, Outcome
from .sections import learn_labels
from .spool import Spool
from .stored_files import StoredFiles
from .targets import Target, Targets
from .write import Writer, write_patiently

BATCH = 400
BATCH_WITH_FIGURES = 20

log = structlog.get_logger(__name__)

# Meeting, "number" | "reference" | "slug", and its value.
FileKey = tuple[str, str, str]


def run_import(source: str | Path | IO[bytes], options: ImportOptions) -> ImportReport:
    """Import `source` (a path, or an open binary file) with `options`, and log it.

    Returns the report; `report.applied` says whether anything was written. It is False for a dry run, and where rows
    are invalid without `skip_invalid` or a permission is missing. Raises `BadInput` where the file or the options make
    no sense at all, and `gate.Refused` where it changes what the public sees, by whatever column, and the decision
    around it (`gate.deciding`) does not confirm exactly that. Nothing was written then.
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
    """Plans everything, by reading; then, unless this is a check, writes it in one transaction."""

    def __init__(self, source: Source, report: ImportReport, options: ImportOptions):
        self.source, self.report, self.options = source, report, options
        self.converter = _converter(source, options, report)
        self.figure_files = FigureFiles(Path(options.figures)) if options.figures else None
        self.planner = Planner(options, report, self.figure_files)
        self.addresses, self.forecast, self.needs = Addresses(), Forecast(), Needs()
        self.spool = Spool()
        self.stored_files = StoredFiles()

    def close(self) -> None:
        self.spool.close()
        if self.figure_files:
            self.figure_files.close()

    def execute(self) -> None:
        repeated = self._repeated_lines()
        keys = Keys(is_check=self.options.dry_run)
        self.targets = Targets(self.options, keys)
        (run_id,) = keys.take(ImportRun, 1)
        self.preparer = Preparer(keys, run_id)
        self._plan_all(repeated)
        if not self.options.dry_run and self._may_write():
            refuse_early(self.effects)
            self._write(run_id)

    def _may_write(self) -> bool:
        return not self.report.forbidden and (self.report.is_valid or self.options.skip_invalid)

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

    def _plan_all(self, repeated: dict[FileKey, list[int]]) -> None:
        size = BATCH_WITH_FIGURES if self.figure_files else BATCH
        done = 0
        for records in _batches(self.source.records(), size):
            self._plan_batch([self.converter.convert(record) for record in records], repeated)
            done += len(records)
            if self.options.progress:
                self.options.progress(done, self.count)
        self.report.rows.sort(key=lambda row: row.line)
        self._conclude()

    def _plan_batch(self, batch: list[IncomingAbstract], repeated: dict[FileKey, list[int]]) -> None:
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
            self.addresses.assign(plans)
            plans = self._without_empty_pages(target, plans)
            self.forecast.add(target, plans)
            self.needs.add(plans)
            if not self.options.dry_run and self._may_write():
                self.spool.add(self.preparer.prepare(plans))

    def _without_empty_pages(self, target: Target, plans: list[Plan]) -> list[Plan]:
        """`plans` without those that would release a page without content; their rows are invalid.

        A row without text is refused under a tier that shows everything.
        """
        promises = [
            plan
            for plan in plans
            if plan.incoming.line in self.planner.promises and (plan.abstract is None or "tier" in plan.changes)
        ]
        lines = self.forecast.lines_shown(target, promises)
        for plan in promises:
            if plan.incoming.line in lines:
                plan.report.outcome = Outcome.INVALID
                plan.report.messages.append("would be released without a text: choose a tier that holds it")
        return [plan for plan in plans if plan.incoming.line not in lines]

    # Notes and warnings

    def _conclude(self) -> None:
        report, targets = self.report, list(self.targets.known.values())
        report.notes += self.source.notes
        report.meetings = [target.meeting.slug for target in targets]
        if isinstance(self.converter, JsonConverter):
            report.notes += [f"The key “{key}” was not used." for key in sorted(self.converter.unknown_keys)]
        if folded := self.addresses.folded:
            report.notes.append(
                f"{folded} addresses held letters outside ASCII: they were folded, the former ones lead on."
            )
        if self.planner.misses_files:
            report.notes.append("Figure files are named, but --figures was not given: captions only.")
        for target in targets:
            report.states.sessions |= target.sessions.states
        self.effects = self.forecast.conclude(targets)
        report.effects = effects_as_json(self.effects)
        report.forbidden = self.needs.missing(self.options.by, targets)
        add_notes(report, targets, self.forecast, self.planner.promises)

    # Writing

    def _write(self, run_id: int) -> None:
        try:
            write_patiently(lambda: self._write_once(run_id))
        except Error as error:
            raise BadInput(f"The database refused the import: {str(error).splitlines()[0]}.") from error

    def _write_once(self, run_id: int) -> None:
        """Write everything in one transaction; if it fails nothing stays, files included."""
        report, options, targets = self.report, self.options, list(self.targets.known.values())
        writer = Writer(self.stored_files, report.rows)
        try:
            with one_revision(), recording(f"import {run_id}", options.by):
                run = ImportRun.unfiltered.create(pk=run_id, by=options.by, file_name=report.file_name[:300])
                writer.write(targets, self.spool.read)
                report.applied, report.run_id = True, run.pk
                run.meeting = targets[0].meeting if len(targets) == 1 else None
                run.counts, run.report = report.counts, report.as_dict()
                run.save()
        except BaseException:
            report.applied, report.run_id = False, None
            writer.undo()
            raise


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
