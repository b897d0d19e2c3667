"""The options of an import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .decided import States


class BadInput(Exception):
    """The import cannot start, or cannot continue: a message for people. Nothing was written."""


@dataclass(frozen=True)
class ImportOptions:
    """All options of an import. The command has an option of the same name for each field.

    - `meeting`: slug of the meeting all rows belong to; "" where the rows name theirs.
    - `create`: printed name; the meeting is created if it does not exist, with `start`, `end`, `timezone`.
    - `tier`: name of the embargo tier of new abstracts whose rows name none and whose numbers no rule takes.
    - `shell_tier`: tier of rows whose text is only promised; "" puts them under an override.
    - `mapping`: column of the file -> field; it wins over the names of columns.
    - `release`: "now", an aware instant, or a local time of the meeting; only for tiers that the import creates.
    - `figures`: folder or zip with the images that rows name.
    - `meetings`: JSON Lines file with the meetings that rows name.
    - `checked`: what a check of the same file saw; what staff decided since then wins over the file.
    - `by`: the user who imports. `file_name`: name of the file in the report.
    - `progress`: called with (rows done, rows in total).
    """

    meeting: str = ""
    create: str = ""
    start: dt.date | None = None
    end: dt.date | None = None
    timezone: str = ""
    tier: str = ""
    shell_tier: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    dry_run: bool = False
    skip_invalid: bool = False
    overwrite_edits: bool = False
    release: dt.datetime | Literal["now"] | None = None
    figures: Path | None = None
    meetings: Path | None = None
    checked: States | None = None
    by: Any = None
    file_name: str = ""
    progress: Callable[[int, int], None] | None = None
