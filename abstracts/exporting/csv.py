"""CSV for spreadsheet programs: UTF-8 with a byte order mark, and no cell that they take for a formula."""

import csv
import io
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
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow(HEADERS)
        yield b"\xef\xbb\xbf" + buffer.getvalue().encode()
        for document in documents:
            buffer.seek(0)
            buffer.truncate()
            writer.writerow(map(without_formula, row_of(document, about)))
            yield buffer.getvalue().encode()


def without_formula(cell: str) -> str:
    """`cell`, with an apostrophe before what looks like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
