"""The import, from a file to a report."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from .options import ImportOptions
from .report import ImportReport


def run_import(source: str | Path | IO[bytes], options: ImportOptions) -> ImportReport:
    """Import `source` (a path, or an open binary file with a `name`) as `options` say.

    Returns the report; `report.applied` tells whether anything was written. Raises `BadInput` where the file or the
    options make no sense at all; then nothing was written either.
    """
    raise NotImplementedError
