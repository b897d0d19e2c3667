"""The import, from a file to a report."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.db import Error, connection, transaction
from django.utils import timezone

from ..models import Abstract, ImportRun, Session
from ..search.following import update_index
from ..search.replica import IndexBehind
from ..visibility import ANONYMOUS, Level
from . import columns
from .disclosures import cut_disclosures
from .entries import Entry
from .figures import FigureFiles
from .from_json import JsonConverter
from .from_sheet import SheetConverter
from .images import FileKeeper
from .options import BadInput, ImportOptions
from .plan import Planner
from .readers import Record, Source, open_source
from .report import ImportReport, Outcome
from .sections import learn_labels
from .targets import Target, Targets
from .write import Writer

BATCH = 400
BATCH_WITH_FIGURES = 20


def run_import(source: str | Path | IO[bytes], options: ImportOptions) -> ImportReport:
    """Import `source` (a path, or an open binary file) as `options` say.

    Returns the report; `report.applied` tells whether anything was written: not so for a dry run, nor where rows are
    invalid and `skip_invalid` is off. Raises `BadInput` where the file or the options make no sense at all; then
    nothing was written either.
    """
    started = time.monotonic()
    run = _Run(source, options)
    try:
        run.carry_out()
    finally:
        run.close()
    if run.report.applied:
        _index()
    run.report.seconds = time.monotonic() - started
    return run.report


def _index() -> None:
    """Index what was imported in the same go; where that cannot be now, the next search does."""
    if not connection.in_atomic_block:
        with contextlib.suppress(IndexBehind):
            update_index()


class _Run:
    def __init__(self, source: str | Path | IO[bytes], options: ImportOptions):
        self.options = options
        name = options.file_name or getattr(source, "name", None) or str(source)
        self.report = ImportReport(Path(str(name)).name, options.dry_run)
        self.source = open_source(source, options)
        self.converter = _converter(self.source, options, self.report)
        self.files = FigureFiles(Path(options.figures)) if options.figures else None
        self.keeper = FileKeeper(options.dry_run)
        self.planner = Planner(options, self.report, self.files)

    def close(self) -> None:
        if self.files:
            self.files.close()

    def carry_out(self) -> None:
        """Everything in one transaction; what is not to stay is rolled back, files included."""
        options, report = self.options, self.report
        keys = self._keys()
        try:
            with transaction.atomic():
                self.targets = Targets(options)
                self.run = ImportRun.objects.create(by=options.by, file_name=report.file_name[:300])
                self.writer = Writer(self.run, self.keeper, options.by)
                self._write_all(keys)
                report.applied = not options.dry_run and (report.is_valid or options.skip_invalid)
                if report.applied:
                    self._keep_report()
                else:
                    transaction.set_rollback(True)
        except Error as error:
            self.keeper.undo()
            raise BadInput(f"The database refused the import: {str(error).splitlines()[0]}.") from error
        except BaseException:
            self.keeper.undo()
            raise
        if not report.applied:
            self.keeper.undo()

    # Reading

    def _keys(self) -> dict[tuple[str, str, str], list[int]]:
        """The lines of every abstract of the file; more than one is one too many."""
        lines: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        count = 0
        for count, record in enumerate(self.source.records(), 1):  # noqa: B007
            entry = self.converter.identity(record)
            if entry.name:
                lines[entry.key].append(record.line)
        if not count:
            raise BadInput("The file has a header but no rows." if self.source.headers else "The file has no rows.")
        self.count = count
        return {key: found for key, found in lines.items() if len(found) > 1}

    def _write_all(self, twice: dict[tuple[str, str, str], list[int]]) -> None:
        size = BATCH_WITH_FIGURES if self.files else BATCH
        done = 0
        for records in _batches(self.source.records(), size):
            self._write_batch([self.converter.entry(record) for record in records], twice)
            done += len(records)
            if self.options.progress:
                self.options.progress(done, self.count)
        self.report.rows.sort(key=lambda row: row.line)
        self._conclude()

    def _write_batch(self, entries: list[Entry], twice: dict[tuple[str, str, str], list[int]]) -> None:
        by_target: dict[Any, list[Entry]] = defaultdict(list)
        for entry in entries:
            if others := [n for n in twice.get(entry.key, []) if n != entry.line]:
                entry.errors.append(f"has the same number as line {', '.join(map(str, others[:10]))}")
            try:
                by_target[self.targets[entry.meeting]].append(entry)
            except ValueError as error:
                entry.errors.append(str(error))
                self.planner.refuse(entry)
        for target, its in by_target.items():
            plans = self.planner.plan(target, its)
            self.writer.write(target, plans)
            target.seen |= {plan.row.pk: plan.entry.line for plan in plans}

    # Concluding

    def _conclude(self) -> None:
        report, targets = self.report, list(self.targets.known.values())
        report.notes += self.source.notes
        report.meetings = [target.meeting.slug for target in targets]
        if isinstance(self.converter, JsonConverter):
            report.notes += [f"The key “{key}” was not used." for key in sorted(self.converter.unused)]
        if self.writer.folded:
            report.notes.append(
                f"{self.writer.folded} addresses held letters outside ASCII: they were folded, the former ones lead on."
            )
        if self.planner.names_files:
            report.notes.append("Figure files are named, but --figures was not given: captions only.")
        for target in targets:
            report.notes += dict.fromkeys(target.notes) if len(targets) <= 5 else []
            report.notes += _absent(target)
        report.notes += _empty_sessions(targets)
        self._refuse_empty_pages(targets)
        report.warnings += _not_visible(targets)

    def _refuse_empty_pages(self, targets: list[Target]) -> None:
        """A row without text under a tier that shows everything would be released empty."""
        promised = [row for row in self.report.rows if any("has no text yet" in m for m in row.messages)]
        if not promised:
            return
        for target in targets:
            lines = {line: pk for pk, line in target.seen.items()}
            pks = {lines[row.line]: row for row in promised if row.line in lines}
            shown = Abstract.objects.visible_to(ANONYMOUS, timezone.now(), least=Level.FULL).filter(pk__in=pks)
            for pk in shown.values_list("pk", flat=True):
                row = pks[pk]
                if row.outcome is Outcome.NEW or "tier" in row.fields:
                    row.outcome = Outcome.INVALID
                    row.messages.append("would be released without a text: choose a tier that holds it")
                else:
                    self.report.warnings.append(f"{row.number} has no text, but its embargo shows it to the public.")

    def _keep_report(self) -> None:
        report, run = self.report, self.run
        report.run_id = run.pk
        targets = list(self.targets.known.values())
        run.meeting = targets[0].meeting if len(targets) == 1 else None
        run.counts, run.report = report.counts, report.as_dict()
        run.save()


def _converter(source: Source, options: ImportOptions, report: ImportReport) -> SheetConverter | JsonConverter:
    if source.headers is None:
        if options.mapping:
            raise BadInput("JSON Lines have no columns to map.")
        return JsonConverter()
    headers = source.headers
    used = columns.recognise(headers, options.mapping)
    if "meeting" not in used.values() and not options.meeting:
        raise BadInput("To which meeting do the rows belong? Say --meeting SLUG.")
    left = [header for header in headers if header and header not in used]
    ignored = columns.ignored(headers, options.mapping)
    report.notes += [f"Column “{header}” was not used." for header in left if header not in ignored]
    text = next((column for column, field in used.items() if field == "text"), "")
    labels = learn_labels(cut_disclosures(record.data.get(text) or "")[0] for record in source.records())
    return SheetConverter(used, labels)


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(records, size)):
        yield batch


def _absent(target: Target) -> list[str]:
    """What is in the meeting but not in the file: said, never deleted."""
    rows = Abstract.unfiltered.filter(meeting=target.meeting).order_by("number_key")
    absent = [number or "(no number)" for pk, number in rows.values_list("pk", "number") if pk not in target.seen]
    if not absent:
        return []
    named = ", ".join(absent[:50]) + (" …" if len(absent) > 50 else "")
    return [f"{target.meeting}: {len(absent)} abstracts here are not in the file and were left alone: {named}."]


def _empty_sessions(targets: list[Target]) -> list[str]:
    meetings = [target.meeting for target in targets]
    rows = Session.objects.filter(meeting__in=meetings, presentation__isnull=True)
    empty = [f"“{title}”" for title in rows.values_list("title", flat=True)[:20]]
    return [f"Sessions without abstracts: {', '.join(empty)}."] if empty else []


def _not_visible(targets: list[Target]) -> list[str]:
    """Loud words where the public does not see what was imported."""
    now, meetings = timezone.now(), [target.meeting for target in targets]
    total, seen = (
        Counter(rows.filter(meeting__in=meetings).order_by().values_list("meeting", flat=True))
        for rows in (Abstract.unfiltered.all(), Abstract.objects.visible_to(ANONYMOUS, now, least=Level.FULL))
    )
    found = []
    for target in targets:
        pk = target.meeting.pk
        if hidden := total[pk] - seen[pk]:
            found.append(
                f"NOT VISIBLE TO THE PUBLIC: {hidden} of {total[pk]} abstracts of {target.meeting}. {_remedy(target)}"
            )
    return found[:20] + ([f"… and {len(found) - 20} more meetings."] if len(found) > 20 else [])


def _remedy(target: Target) -> str:
    if not target.meeting.is_published:
        return "The meeting is not published."
    held = [tier.name for tier in target.tiers.values() if tier.release_rule == tier.Rule.HELD]
    if held:
        return f"Held until staff choose a release rule for the embargo tier {', '.join(held)} in the admin."
    return "They wait for their embargo to lift; tiers and overrides are in the admin."
