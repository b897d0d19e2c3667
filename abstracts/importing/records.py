"""What readers of files have in common: the bytes of a file, its rows as records, and checks of a sheet's header.

A `Source` can be read more than once. Each row comes with its line in the file and with what is wrong with it. Only a
file that makes no sense as a whole raises `BadInput`.
"""

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from .options import BadInput

MAX_BYTES = 2 * 1024**3


@dataclass(slots=True)
class Record:
    """One row: its line (from 1), its data by column or key, and what is wrong with it."""

    line: int
    data: dict[str, Any]
    errors: list[str] = field(default_factory=list)

    @classmethod
    def of_cells(cls, line: int, cells: dict[str, str]) -> "Record":
        """A row of a sheet: NUL characters, which no database stores, are errors."""
        return cls(
            line, cells, [f"holds a NUL character in “{name}”" for name, text in cells.items() if "\x00" in text]
        )


class Source(Protocol):
    """An open file. `headers` are the columns of a sheet; None for JSON Lines. `notes` are about the whole file."""

    @property
    def notes(self) -> list[str]: ...

    @property
    def headers(self) -> list[str] | None: ...

    def records(self) -> Iterator[Record]:
        """The rows; each call starts at the first."""
        ...


class FileBytes:
    """The bytes of a path or of an open file; gzip is unpacked."""

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
                is_gzip = raw.read(2) == b"\x1f\x8b"
                raw.seek(0)
                if is_gzip:
                    with gzip.GzipFile(fileobj=raw) as unpacked:
                        yield unpacked  # type: ignore[misc]
                else:
                    yield raw
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"The file cannot be read: {error}.") from None

    def start(self) -> bytes:
        """The first 4 kB."""
        with self.open() as file:
            return file.read(4096)

    def read(self) -> bytes:
        """All of it. Raises BadInput for more than MAX_BYTES."""
        with self.open() as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BadInput("The file is too large.")
        return data


def check_headers(headers: list[str]) -> None:
    """Raise BadInput where a column is named twice, or none is named."""
    named = [header for header in headers if header]
    if not named:
        raise BadInput("The first row is empty; it should name the columns.")
    if repeated := sorted({header for header in named if named.count(header) > 1}):
        raise BadInput(f"The header names a column twice: {', '.join(repeated)}.")


def note_on_empty_lines(lines: list[int]) -> list[str]:
    """The note of a sheet whose `lines` are empty."""
    return [f"Empty lines passed over: {', '.join(map(str, lines))}."] if lines else []
