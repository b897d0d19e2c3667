"""XLSX with one sheet; all cells are text."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from ..reading import Document
from .contract import About
from .table import HEADERS, row_of

# The most characters that Excel allows in a cell. openpyxl would cut longer text without notice.
MAX_CELL = 32_767
_TRUNCATED = " … (cut here: a cell holds no more; see the link)"
_WIDTHS = {"Title": 60, "Abstract Text": 80, "Authors": 40, "Affiliations": 40, "Session Title": 40, "Citation": 40}
_PIECE = 64 * 1024


class Xlsx:
    name = "xlsx"
    label = "Excel (XLSX)"
    extension = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        """The rows go to a temporary file, one by one; its pieces are returned after the last row."""
        from openpyxl import Workbook
        from openpyxl.utils import get_column_letter

        book = Workbook(write_only=True)
        book.properties.title, book.properties.creator = about.title[:250], about.site_name
        sheet = book.create_sheet("Abstracts")
        sheet.freeze_panes = "D2"
        for place, header in enumerate(HEADERS, 1):
            sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(header, 16)
        sheet.append(_bold(sheet, header) for header in HEADERS)
        for document in documents:
            sheet.append([_text(sheet, cell) for cell in row_of(document, about)])
        with tempfile.TemporaryFile() as file:
            book.save(file)
            file.seek(0)
            while piece := file.read(_PIECE):
                yield piece


def _text(sheet: Any, value: str) -> Any:
    """A cell with `value` as text, also if it begins like a formula ("=1+1")."""
    from openpyxl.cell import WriteOnlyCell

    if not value:
        return None
    cell = WriteOnlyCell(sheet, value if len(value) <= MAX_CELL else value[: MAX_CELL - len(_TRUNCATED)] + _TRUNCATED)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, value: str) -> Any:
    from openpyxl.styles import Font

    cell = _text(sheet, value)
    cell.font = Font(bold=True)
    return cell
