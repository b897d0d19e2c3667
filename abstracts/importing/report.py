"""The report of an import, row by row: one object for the command, the admin and the stored `ImportRun`."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..models.effects import FUTURE_LEVELS, KINDS, effects_as_json
from ..visibility import Level
from .decided import States

# So many abstracts of a group are named in the text.
LISTED = 10


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
    `effects` are what becomes or became public, earlier or later than so far, or hidden (`effects_as_json`).
    `forbidden` are permissions that are missing, in words; nothing is written then.
    `notes` are about the file as a whole. `warnings` are notes that nobody should miss, for example that imported
    abstracts are not visible to the public. `states` are for the import that follows a check (`ImportOptions.checked`);
    they are no part of what is shown or stored.
    """

    file_name: str = ""
    dry_run: bool = False
    applied: bool = False
    rows: list[RowReport] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=lambda: effects_as_json([]))
    forbidden: list[str] = field(default_factory=list)
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
            "effects": self.effects,
            "forbidden": self.forbidden,
            "notes": self.notes,
            "warnings": self.warnings,
            "seconds": round(self.seconds, 1),
            "rows": [row.as_dict() for row in self.rows],
        }

    def as_text(self, max_rows: int = 200) -> str:
        """For people: what becomes public, what stays hidden, up to `max_rows` notable rows, notes, and counts."""
        rows = self.notable_rows()
        lines = [*effects_as_text(self.effects), *self.warnings]
        lines += [row.as_text() for row in rows[:max_rows]]
        if len(rows) > max_rows:
            lines.append(f"… and {len(rows) - max_rows} more rows; the JSON report has them all.")
        lines += self.notes
        lines.append(", ".join(f"{count} {name}" for name, count in self.counts.items()))
        return "\n".join([*lines, self._verdict()])

    def _verdict(self) -> str:
        if self.applied:
            return "Imported."
        wrong = "" if self.is_valid else " The file has invalid rows."
        if self.forbidden:
            wrong += f" You may not {', '.join(self.forbidden)}."
        return f"{'Dry run: nothing' if self.dry_run else 'Nothing'} was written.{wrong}"


def effects_as_text(effects: dict[str, Any]) -> list[str]:
    """A line for each group of `effects` (`effects_as_json`) that changes what the public sees."""
    lines = []
    for group in effects["groups"]:
        if group["kind"] != "other":
            names = [number or title for number, title in group["abstracts"]]
            listed = ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
            kind = KINDS[group["kind"]].upper()
            lines.append(f"{kind}: {len(names)} of {group['meeting']}: {_change(group)}: {listed}")
    return lines


def _change(group: dict[str, Any]) -> str:
    """“nothing now; everything from 2031-10-25T15:00:00+00:00 on (so far never)”."""
    before, after = Level(group["level_before"]).label, Level(group["level_after"]).label
    parts = [f"{before} before, {after} now" if before != after else f"{before} now"]
    instants = zip(FUTURE_LEVELS, group["opens_before"], group["opens_after"], strict=True)
    # Of levels with the same instants the highest is what is seen.
    changed = {(old, new): level for level, old, new in instants if level > group["level_after"] and old != new}
    parts += [
        f"{level.label} {f'from {new} on' if new else 'never'} (so far {old or 'never'})"
        for (old, new), level in changed.items()
    ]
    return "; ".join(parts)
