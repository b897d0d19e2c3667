"""CSV and TSV with any delimiter, in any of the usual encodings."""

import codecs
import csv
import io
from collections.abc import Iterator

from .columns import count_known
from .options import BadInput
from .records import Record, check_headers, note_on_empty_lines

DELIMITERS = ",;\t|^~:"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class CsvSource:
    """Rows of a delimited text file. The header is its first row."""

    def __init__(self, data: bytes):
        self.encoding_notes: list[str] = []
        self.text = self._decode(data)
        csv.field_size_limit(50 * 1024**2)
        self.delimiter = self._detect_delimiter()
        self.headers = [header.strip() for header in next(self._rows(self.delimiter))[1]]
        check_headers(self.headers)
        self.empty_lines: list[int] = []

    @property
    def notes(self) -> list[str]:
        return self.encoding_notes + note_on_empty_lines(self.empty_lines)

    def records(self) -> Iterator[Record]:
        self.empty_lines = []
        rows = self._rows(self.delimiter)
        next(rows)
        for line, cells in rows:
            if any(cell.strip() for cell in cells):
                yield self._record(line, cells)
            else:
                self.empty_lines.append(line)

    def _record(self, line: int, cells: list[str]) -> Record:
        width = len(self.headers)
        record = Record.of_cells(line, dict(zip(self.headers, cells + [""] * width, strict=False)))
        if len(cells) != width and any(cells[width:] or [len(cells) < width]):
            record.errors.insert(0, f"has {len(cells)} cells where the header has {width}")
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

    def _detect_delimiter(self) -> str:
        """The delimiter that gives most columns with a known name; of several, the one that gives most columns."""
        best, best_score = "", (0, 0)
        for delimiter in DELIMITERS:
            try:
                header = next(self._rows(delimiter))[1]
            except (BadInput, StopIteration):
                continue
            if (score := (count_known(header), len(header))) > best_score:
                best, best_score = delimiter, score
        if not best:
            raise BadInput("This is no spreadsheet, CSV or JSON Lines file.")
        return best

    def _decode(self, data: bytes) -> str:
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "") or _utf16_without_bom(data)
        for name in filter(None, (encoding, "utf-8", "cp1252")):
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                continue
            if name == "cp1252":
                self.encoding_notes.append("The file is not UTF-8; it was read as Windows-1252.")
            _refuse_binary(text)
            return text
        raise BadInput("The file is neither UTF-8, UTF-16 nor Windows-1252 text.")


def _utf16_without_bom(data: bytes) -> str:
    """The encoding where every second byte is mostly zero, as in UTF-16 of plain words; else ""."""
    sample = data[:2000]
    if sample[1::2].count(0) > len(sample) / 4:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > len(sample) / 4 else ""


def _refuse_binary(text: str) -> None:
    sample = text[:4000]
    controls = sum(c < " " and c not in "\t\r\n\x0b\x0c" for c in sample)
    if controls > len(sample) / 20:
        raise BadInput("This is no spreadsheet, CSV or JSON Lines file.")
