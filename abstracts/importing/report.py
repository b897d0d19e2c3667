"""The report of an import, row by row: one object for the command, the admin and the stored `ImportRun`."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .decided import States


class Outcome(enum.StrEnum):
    """What happened to one row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    INVALID = "invalid"


@dataclass(slots=True)
class RowReport:
    """One row of the file.

    `line` counts from 1 (a sheet's header is line 1). `fields` names what changed. `messages` say what is wrong, which
    edits of the staff stay, and how unusual input was understood.
    """

    line: int
    number: str
    outcome: Outcome
    fields: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    meeting: str = ""

    def as_dict(self) -> dict[str, Any]:
        required = {"line": self.line, "number": self.number, "outcome": self.outcome.value}
        optional = {"meeting": self.meeting, "fields": self.fields, "messages": self.messages}
        return required | {name: value for name, value in optional.items() if value}

    def as_text(self) -> str:
        place = f"line {self.line}: {self.meeting + ' ' if self.meeting else ''}{self.number or '(no number)'}"
        fields = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{place}: {self.outcome}{fields}" + "".join(f"; {m}" for m in self.messages)


@dataclass
class ImportReport:
    """The result of `run_import`.

    `applied` is False for a dry run, and where invalid rows stopped the import: nothing was written then.
    `notes` are about the file as a whole. `warnings` are notes that nobody should miss, for example that imported
    abstracts are not visible to the public. `states` are for the import that follows a check (`ImportOptions.checked`);
    they are no part of what is shown or stored.
    """

    file_name: str = ""
    dry_run: bool = False
    applied: bool = False
    rows: list[RowReport] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    meetings: list[str] = field(default_factory=list)
    run_id: int | None = None
    states: States = field(default_factory=States)
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, every outcome present, and `rows`, their sum."""
        counts = Counter(row.outcome for row in self.rows)
        return {"rows": len(self.rows)} | {outcome.value: counts[outcome] for outcome in Outcome}

    @property
    def is_valid(self) -> bool:
        """Whether no row was invalid."""
        return all(row.outcome is not Outcome.INVALID for row in self.rows)

    def notable_rows(self) -> list[RowReport]:
        """All rows but new and unchanged ones without messages."""
        usual = (Outcome.NEW, Outcome.UNCHANGED)
        return [row for row in self.rows if row.messages or row.outcome not in usual]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: everything."""
        return {
            "file": self.file_name,
            "dry_run": self.dry_run,
            "applied": self.applied,
            "counts": self.counts,
            "meetings": self.meetings,
            "notes": self.notes,
            "warnings": self.warnings,
            "seconds": round(self.seconds, 1),
            "rows": [row.as_dict() for row in self.rows],
        }

    def as_text(self, max_rows: int = 200) -> str:
        """For people: up to `max_rows` notable rows, then the notes, the counts and the warnings."""
        rows = self.notable_rows()
        lines = [row.as_text() for row in rows[:max_rows]]
        if len(rows) > max_rows:
            lines.append(f"… and {len(rows) - max_rows} more rows; the JSON report has them all.")
        lines += self.notes
        lines.append(", ".join(f"{count} {name}" for name, count in self.counts.items()))
        lines.append(self._verdict())
        return "\n".join(lines + self.warnings)

    def _verdict(self) -> str:
        if self.applied:
            return "Imported."
        if self.dry_run:
            return "Dry run: nothing was written." + ("" if self.is_valid else " The file has invalid rows.")
        return "Nothing was written: the file has invalid rows."
