"""CSV for spreadsheet programs: UTF-8 with a byte order mark, and no cell that they take for a formula."""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator

from ..reading import Document
from .contract import About
from .table import HEADERS, row_of

# Excel, LibreOffice and Numbers take a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Csv:
    name = "csv"
    label = "CSV"
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        return csv_lines(itertools.chain([HEADERS], (row_of(document, about) for document in documents)))


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """`rows`, the first of which is the head, as lines of a file, one by one."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    mark = b"\xef\xbb\xbf"
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(without_formula, row))
        yield mark + buffer.getvalue().encode()
        mark = b""


def without_formula(cell: str) -> str:
    """`cell`, with an apostrophe before what looks like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
