"""Import of abstracts from spreadsheets and JSON Lines: `run_import(file, options) -> ImportReport`.

report = run_import(path, ImportOptions(meeting="convergence-2025", dry_run=True))
print(report.as_text())
"""

from .decided import States
from .options import BadInput, ImportOptions
from .report import ImportReport, Outcome, RowReport
from .run import run_import

__all__ = ["BadInput", "ImportOptions", "ImportReport", "Outcome", "RowReport", "States", "run_import"]
