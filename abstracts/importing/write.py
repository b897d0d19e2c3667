"""Writes what a run has prepared, in one transaction in which nobody waits for long.

First comes what locks no abstract that exists: new rows, and rows that refer to an abstract (PostgreSQL locks its key
then, which lets it change otherwise). Then the import queues for the archive's revision; the abstracts and sessions
that change are locked, compared with what the plan saw, and changed. On SQLite there is one lock for all; there it
helps that everything was prepared before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import OperationalError, connection

from .. import clock
from ..models import Abstract, ArchiveState, Figure, Presentation, Session, SlugRedirect, gate
from ..models.embargo import resolve_abstracts
from ..models.history import record_changes
from ..models.imaging import put_image
from . import bulk
from .decided import DECIDED, DECIDED_COLUMNS
from .existing import presentations_of
from .fields import SESSION, session_value
from .options import BadInput
from .prepare import COLUMNS, READ, WRITTEN, Batch, Change, Figures
from .report import Outcome, RowReport
from .sessions import ChangedSession
from .stored_files import StoredFiles
from .targets import Target

# On PostgreSQL an import waits for so long (milliseconds) for others, who may wait for what it wrote, as for a keyword
# that both add. Then it gives way, and begins again.
PATIENCE = 500
TRIES = 8
LATE = "it was changed while the import ran"


def write_patiently(write: Callable[[], None]) -> None:
    """Call `write`, which is one transaction; again and again if others hold what it needs."""
    for attempt in range(1, TRIES + 1):
        try:
            write()
        except OperationalError as error:
            if attempt == TRIES or getattr(error.__cause__, "sqlstate", "") not in ("55P03", "40P01"):
                raise
            time.sleep(attempt / 2)
        else:
            return


class Writer:
    """Writes one run, inside of `one_revision`."""

    def __init__(self, files: StoredFiles, rows: Iterable[RowReport]):
        self.files = files
        self.rows = {row.line: row for row in rows}
        # The rows whose report this changed, as they were.
        self.former_rows: dict[int, RowReport] = {}

    def undo(self) -> None:
        """Forget what was rolled back: stored files, and what was reported."""
        self.files.undo()
        for line, former in self.former_rows.items():
            row = self.rows[line]
            row.outcome, row.fields[:], row.messages[:] = former.outcome, former.fields, former.messages

    def write(self, targets: list[Target], batches: Callable[[], Iterator[Batch]]) -> None:
        """Write the new meetings and tiers of `targets`, and the `batches`, which are read twice."""
        for target in targets:
            if target.is_new:
                target.meeting.save(force_insert=True)
            for rules in target.new_tiers:
                rules.tier.save(force_insert=True)
                for step in rules.steps:
                    step.save(force_insert=True)
        for batch in batches():
            self._add(batch)
            # Nobody waits yet. When the revision moves it is done again, to see what others changed meanwhile, and
            # hardly anything is left to write.
            resolve_abstracts(batch.new, "import")
        self._queue()
        self._change_sessions([changed for target in targets for changed in target.sessions.changed.values()])
        for batch in batches():
            for start in range(0, len(batch.changes), 500):
                self._change(batch.changes[start : start + 500])

    def _queue(self) -> None:
        """Wait for the other writers, as every writer does before it locks what exists. From here on they wait."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Foreign keys are checked now, not at the end, while others wait.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE}")
        ArchiveState.queue()

    # What locks no abstract

    def _add(self, batch: Batch) -> None:
        for model, abstracts in batch.replaced:
            bulk.delete_children(model, abstracts)
        for rows in batch.rows:
            bulk.insert(rows)
        for rows in batch.sources:
            bulk.update(rows)
        for figures in batch.figures:
            self._add_figures(figures)
        record_changes(Abstract, batch.new, created=True)
        gate.note_new(batch.new)
        Abstract.after_change(batch.new)

    def _add_figures(self, figures: Figures) -> None:
        stored = list(Figure.unfiltered.filter(abstract=figures.abstract).order_by("position", "pk"))
        for surplus in stored[len(figures.values) :]:
            self.files.delete(surplus)
        for place, value in enumerate(figures.values):
            figure = stored[place] if place < len(stored) else Figure(abstract_id=figures.abstract)
            figure.position = place + 1
            figure.label, figure.caption, figure.alt = value["label"], value["caption"], value["alt"]
            figure.save()
            if image := figures.images.get(place):
                put_image(figure, image, value["file"], self.files.store)

    # What others may be changing

    def _change_sessions(self, changes: list[ChangedSession]) -> None:
        """Change sessions, but for those that somebody changed since the import read them."""
        by_pk = {changed.session.pk: changed for changed in changes}
        written = []
        for session in Session.objects.filter(pk__in=by_pk).select_for_update(no_key=True).order_by("pk"):
            changed = by_pk[session.pk]
            if session_value(session) == changed.before:
                written.append(changed.session)
                continue
            for line in changed.lines:
                self._row(line).messages.append(f"session “{session.title}” is kept as it is here; {LATE}")
        names = [field.attribute or field.name for field in SESSION]
        for rows in bulk.changes_of(written, [*names, "starts_at", "ends_at"]):
            bulk.update(rows)
        pks = [session.pk for session in written]
        record_changes(Session, pks)
        if pks:
            Session.after_change(pks)

    def _change(self, changes: list[Change]) -> None:
        locked = Abstract.unfiltered.filter(pk__in=[change.pk for change in changes]).select_for_update(no_key=True)
        stored = {pk: columns for pk, *columns in locked.order_by("pk").values_list("pk", *READ)}
        presented = presentations_of([change.pk for change in changes if change.presentations is not None])
        values, presentations, moved = [], [], []
        for change in changes:
            if change.pk not in stored:
                raise BadInput(f"The abstract of line {change.line} was deleted while the import ran. Import again.")
            columns = dict(zip(READ, stored[change.pk], strict=True))
            kept = _late_fields(change, columns)
            if change.presentations is None:
                kept.discard("sessions")
            elif presented[change.pk] != change.presentations_before:
                kept.add("sessions")
            if kept:
                self._report_kept(change, kept)
            if change.presentations is not None and "sessions" not in kept:
                presentations.append(change)
            if "slug" in change.after and "slug" not in kept:
                moved.append(change)
            values.append(_values_without(change, kept, columns) if kept else change.values)
        Abstract.note_standing(change.pk for change in changes if "status" in change.after)
        bulk.update(bulk.Rows(Abstract._meta.db_table, (*WRITTEN, "id"), values))
        self._write_presentations(presentations)
        self._redirect(moved)
        pks = [change.pk for change in changes]
        record_changes(Abstract, pks)
        Abstract.after_change(pks)

    def _row(self, line: int) -> RowReport:
        row = self.rows[line]
        if line not in self.former_rows:
            self.former_rows[line] = replace(row, fields=list(row.fields), messages=list(row.messages))
        return row

    def _report_kept(self, change: Change, kept: set[str]) -> None:
        if not (names := sorted(kept & set(change.fields))):
            return
        row = self._row(change.line)
        for name in names:
            row.messages.append(f"kept {name} as it is here; {LATE}")
            row.fields.remove(name)
        if not row.fields:
            row.outcome = Outcome.SKIPPED

    def _redirect(self, changes: list[Change]) -> None:
        """Let former addresses of abstracts lead to them; what is an address again no longer redirects."""
        slugs, pks = [change.after["slug"] for change in changes], [change.pk for change in changes]
        SlugRedirect.unfiltered.filter(slug__in=slugs, abstract__in=pks).delete()
        redirects = [SlugRedirect(slug=slug, abstract_id=change.pk) for change in changes for slug in change.redirects]
        SlugRedirect.unfiltered.bulk_create(redirects, ignore_conflicts=True)

    def _write_presentations(self, changes: list[Change]) -> None:
        bulk.delete_children(Presentation, [change.pk for change in changes])
        for rows in bulk.rows_of(row for change in changes for row in change.presentations or ()):
            bulk.insert(rows)


def _late_fields(change: Change, stored: dict[str, Any]) -> set[str]:
    """The fields that somebody changed since the plan read them; if staff decided one, all that they decide."""
    late = {name for name, value in zip(READ, change.before, strict=True) if stored[name] != value}
    fields = {name for name, columns in COLUMNS.items() if late & set(columns)}
    return fields | set(DECIDED) if late & set(DECIDED_COLUMNS) else fields


def _values_without(change: Change, kept: set[str], stored: dict[str, Any]) -> tuple[Any, ...]:
    """The values of WRITTEN for a change without the fields `kept`."""
    columns = {name for field in kept & COLUMNS.keys() for name in COLUMNS[field]}
    values = stored | {name: value for name, value in change.after.items() if name not in columns}
    row = Abstract(pk=change.pk, updated_at=clock.now(), **values)
    return bulk.changes_of([row], WRITTEN)[0].values[0]
