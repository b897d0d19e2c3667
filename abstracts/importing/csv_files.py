"""CSV and TSV, whatever the delimiter and the encoding."""

import codecs
import csv
import io
from collections.abc import Iterator

from . import columns
from .options import BadInput, ImportOptions
from .readers import Record

DELIMITERS = ",;\t|^~:"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class CsvSource:
    """Rows of a delimited text file. The header is its first row."""

    def __init__(self, data: bytes, options: ImportOptions):
        self.notes: list[str] = []
        self.text = self._decoded(data)
        csv.field_size_limit(50 * 1024**2)
        self.delimiter = self._delimiter()
        self.headers = [header.strip() for header in next(self._rows(self.delimiter))[1]]
        check_headers(self.headers)

    def records(self) -> Iterator[Record]:
        empty = []
        rows = self._rows(self.delimiter)
        next(rows)
        for line, cells in rows:
            if not any(cell.strip() for cell in cells):
                empty.append(line)
            else:
                yield self._record(line, cells)
        if empty and (note := f"Empty lines passed over: {', '.join(map(str, empty))}.") not in self.notes:
            self.notes.append(note)

    def _record(self, line: int, cells: list[str]) -> Record:
        width = len(self.headers)
        record = Record(line, dict(zip(self.headers, cells + [""] * width, strict=False)))
        if len(cells) != width and any(cells[width:] or [len(cells) < width]):
            record.errors.append(f"has {len(cells)} cells where the header has {width}")
        record.errors += [f"holds a NUL character in “{h}”" for h, v in record.data.items() if "\x00" in v]
        return record

    def _rows(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise BadInput(f"Line {line} is not CSV: {error}.") from None

    def _delimiter(self) -> str:
        """The delimiter under which the header has most columns that are known by name; then, most columns."""
        best, most = "", (0, 0)
        for delimiter in DELIMITERS:
            try:
                header = next(self._rows(delimiter))[1]
            except (BadInput, StopIteration):
                continue
            if (found := (columns.recognised(header), len(header))) > most:
                best, most = delimiter, found
        if not best:
            raise BadInput("This is no spreadsheet, CSV or JSON Lines file.")
        return best

    def _decoded(self, data: bytes) -> str:
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "") or _wide(data)
        for name in filter(None, (encoding, "utf-8", "cp1252")):
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                continue
            if name == "cp1252":
                self.notes.append("The file is not UTF-8; it was read as Windows-1252.")
            return _checked(text)
        raise BadInput("The file is neither UTF-8, UTF-16 nor Windows-1252 text.")


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: every second byte of plain words is zero."""
    sample = data[:2000]
    if sample[1::2].count(0) > len(sample) / 4:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) / 4 else ""


def _checked(text: str) -> str:
    sample = text[:4000]
    odd = sum(c < " " and c not in "\t\r\n\x0b\x0c" for c in sample)
    if odd > len(sample) / 20:
        raise BadInput("This is no spreadsheet, CSV or JSON Lines file.")
    return text


def check_headers(headers: list[str]) -> None:
    """Raise BadInput where a header stands twice, or none at all."""
    named = [header for header in headers if header]
    if not named:
        raise BadInput("The first row is empty; it should name the columns.")
    if twice := sorted({header for header in named if named.count(header) > 1}):
        raise BadInput(f"The header names a column twice: {', '.join(twice)}.")
