"""Excel workbooks. Cells count as they are shown; a note names those that hold something else than text."""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .options import BadInput
from .records import Record, check_headers, note_on_empty_lines

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

MAX_UNPACKED_BYTES = 500 * 1024**2


class XlsxSource:
    """Rows of one sheet of a workbook. The header is its first row."""

    def __init__(self, data: bytes, sheet_name: str):
        self.sheet = _sheet(_workbook(data), sheet_name)
        self.headers = self._headers()
        check_headers(self.headers)
        self.empty_lines: list[int] = []
        # By column and kind: the lines of the cells that hold no text.
        self.other_cells: dict[tuple[str, str], list[int]] = {}
        self.rows = list(self._read())
        self.notes = note_on_empty_lines(self.empty_lines) + self._notes_on_other_cells()

    def records(self) -> Iterator[Record]:
        return iter(self.rows)

    def _headers(self) -> list[str]:
        for merged in self.sheet.merged_cells.ranges:
            if merged.min_row == 1:
                raise BadInput(
                    f"The header has merged cells ({merged.coord}); part them, so that each names one column."
                )
        first = next(self.sheet.iter_rows(min_row=1, max_row=1), ())
        headers = ["" if cell.value is None else str(cell.value).strip() for cell in first]
        while headers and not headers[-1]:
            headers.pop()
        if not headers:
            raise BadInput(f"The sheet “{self.sheet.title}” is empty.")
        return headers

    def _read(self) -> Iterator[Record]:
        for line, cells in enumerate(self.sheet.iter_rows(min_row=2), 2):
            if all(cell.value in (None, "") for cell in cells):
                self.empty_lines.append(line)
            else:
                yield self._record(line, cells)

    def _record(self, line: int, cells: "tuple[Cell, ...]") -> Record:
        record = Record(line, dict.fromkeys(filter(None, self.headers), ""))
        for index, cell in enumerate(cells):
            header = self.headers[index] if index < len(self.headers) else ""
            if cell.value in (None, ""):
                continue
            if not header:
                record.errors.append(f"cell {cell.coordinate} stands in a column without a name")
                continue
            record.data[header] = self._text(line, header, cell, record)
        return record

    def _text(self, line: int, header: str, cell: "Cell", record: Record) -> str:
        value: Any = cell.value
        if cell.data_type == "f":
            record.errors.append(f"cell {cell.coordinate} holds a formula; paste its value instead")
            return ""
        if cell.data_type == "e":
            record.errors.append(f"cell {cell.coordinate} holds the error {value}")
            return ""
        if isinstance(value, str):
            if "\x00" in value:
                record.errors.append(f"holds a NUL character in “{header}”")
            return value
        text, kind = _text_of(value, cell.number_format)
        self.other_cells.setdefault((header, kind), []).append(line)
        return text

    def _notes_on_other_cells(self) -> list[str]:
        notes = []
        for (header, kind), lines in self.other_cells.items():
            count = f"{len(lines)} cells hold" if len(lines) > 1 else "one cell holds"
            notes.append(f"Column “{header}”: {count} {kind} instead of text, the first on line {lines[0]}.")
        return notes


def _text_of(value: Any, number_format: str) -> tuple[str, str]:
    """The text that a cell with `value` shows, and the kind of the value. 489 in the format “0000” shows 0489."""
    if isinstance(value, bool):
        return str(value).upper(), "a yes/no value"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        zeros = re.fullmatch(r"0+", number_format or "")
        return str(value).zfill(len(number_format) if zeros else 0), "numbers"
    if isinstance(value, dt.datetime):
        return (value.date() if value.time() == dt.time() else value).isoformat(), "dates"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat(), "dates" if isinstance(value, dt.date) else "times"
    return str(value), "numbers"


def _workbook(data: bytes):
    import openpyxl  # 9 MB, which only imports of workbooks need

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise BadInput("The workbook is too large.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that nothing here needs
            return openpyxl.load_workbook(io.BytesIO(data))
    except BadInput:
        raise
    except Exception as error:
        # openpyxl raises what its XML and zip readers raise, and KeyErrors of its own.
        raise BadInput(f"This is no Excel workbook ({type(error).__name__}).") from None


def _sheet(book, name: str):
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if not sheets:
        raise BadInput("The workbook has no sheet.")
    if name:
        if name not in book.sheetnames:
            raise BadInput(f"There is no sheet “{name}”; the sheets are: {', '.join(book.sheetnames)}.")
        return book[name]
    filled = [sheet for sheet in sheets if sheet.max_row > 1]
    if len(filled) > 1:
        raise BadInput(
            f"The workbook has several sheets ({', '.join(s.title for s in filled)}); name one: --sheet NAME."
        )
    return (filled or sheets)[0]
