"""CSV as spreadsheet programs open it: UTF-8 with a byte order mark, and nothing in it that they would calculate."""

import csv
import io
from collections.abc import Iterable, Iterator

from ..reading import Document
from .contract import About
from .table import HEADERS, row_of

# Where a cell begins so, Excel, LibreOffice and Numbers take it for a formula.
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
            writer.writerow(map(harmless, row_of(document, about)))
            yield buffer.getvalue().encode()


def harmless(cell: str) -> str:
    """`cell`; behind an apostrophe where it would be calculated."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
