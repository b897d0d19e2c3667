"""Opens a file as a `Source`, whatever its format."""

from pathlib import Path
from typing import IO

from .csv_files import CsvSource
from .json_files import JsonLinesSource
from .options import BadInput, ImportOptions
from .records import FileBytes, Source
from .xlsx_files import XlsxSource


def open_source(source: str | Path | IO[bytes], options: ImportOptions) -> Source:
    """The file as a `Source`. Its content decides which format it is. Raises BadInput."""
    data = FileBytes(source)
    start = data.start()
    if not start.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise BadInput("The file is empty.")
    if start.startswith(b"PK\x03\x04"):
        return XlsxSource(data.read(), options.sheet)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput("This is an old or an encrypted Excel file; save it as .xlsx without a password.")
    if options.sheet:
        raise BadInput("Only Excel files have sheets to choose from.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return JsonLinesSource(data)
    return CsvSource(data.read())
