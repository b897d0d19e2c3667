"""Files become records: one per row of a sheet, one per line of JSON Lines.

A `Source` can be read more than once. Rows come with their line in the file and with what is wrong with them; only a
file that makes no sense as a whole raises `BadInput`.
"""

import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from .options import BadInput, ImportOptions

MOST_BYTES = 2 * 1024**3
MOST_LINE = 20 * 1024**2


@dataclass(slots=True)
class Record:
    """One row: its line (from 1), its data by column or key, and what is wrong with it."""

    line: int
    data: dict[str, Any]
    errors: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class Source(Protocol):
    """A file, opened. `headers` are a sheet's columns; None for JSON Lines. `notes` are about the whole file."""

    notes: list[str]

    @property
    def headers(self) -> list[str] | None: ...

    def records(self) -> Iterator[Record]:
        """The rows, from the first, each time it is called."""
        ...


def open_source(source: str | Path | IO[bytes], options: ImportOptions) -> Source:
    """The file as a `Source`: its kind is seen from its content. Raises BadInput."""
    from .csv_files import CsvSource
    from .xlsx_files import XlsxSource

    data = _Bytes(source)
    start = data.start()
    if not start.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise BadInput("The file is empty.")
    if start.startswith(b"PK\x03\x04"):
        return XlsxSource(data.read(), options)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is an old or an encrypted Excel file; save it as .xlsx without a password.")
    if options.sheet:
        raise BadInput("Only Excel files have sheets to choose from.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return JsonLines(data)
    return CsvSource(data.read(), options)


class _Bytes:
    """The bytes of a path or of an open file, unpacked where they are gzip."""

    def __init__(self, source: str | Path | IO[bytes]):
        if isinstance(source, str | Path):
            self.path: Path | None = Path(source)
            if not self.path.is_file():
                raise BadInput(f"There is no file {source}.")
        else:
            self.path, self.file = None, source if source.seekable() else io.BytesIO(source.read())

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The content, from its beginning. Raises BadInput where it cannot be read."""
        try:
            with self.path.open("rb") if self.path else contextlib.nullcontext(self.file) as raw:
                raw.seek(0)
                packed = raw.read(2) == b"\x1f\x8b"
                raw.seek(0)
                if packed:
                    with gzip.GzipFile(fileobj=raw) as unpacked:
                        yield unpacked  # type: ignore[misc]
                else:
                    yield raw
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"The file cannot be read: {error}.") from None

    def start(self) -> bytes:
        with self.open() as file:
            return file.read(4096)

    def read(self) -> bytes:
        with self.open() as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise BadInput("The file is too large.")
        return data


class JsonLines:
    """One JSON object a line; lines without anything are passed over."""

    headers = None

    def __init__(self, data: _Bytes):
        self.data = data
        self.notes: list[str] = []

    def records(self) -> Iterator[Record]:
        with self.data.open() as file:
            number = 0
            while line := file.readline(MOST_LINE + 1):
                number += 1
                if line.strip():
                    yield _record(number, line)


def _record(number: int, line: bytes) -> Record:
    if len(line) > MOST_LINE:
        raise BadInput(f"Line {number} is longer than {MOST_LINE // 1024**2} MB.")
    try:
        data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        return Record(number, {}, ["is not UTF-8"])
    except (ValueError, RecursionError) as error:
        return Record(number, {}, [f"is not JSON: {error}"])
    if not isinstance(data, dict):
        return Record(number, {}, ["is not a JSON object"])
    if "\\u0000" in line.decode("utf-8"):
        return Record(number, data, ["holds a NUL character"])
    return Record(number, data)
