import io

import openpyxl
import pytest

from abstracts.exporting.table import HEADERS, row_of
from abstracts.exporting.xlsx import MAX_CELL

from .samples import ABOUT, two, written

pytestmark = pytest.mark.django_db


def read(content: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in sheet.rows for cell in row} <= {"s", "n"}
    return [[cell.value or "" for cell in row] for row in sheet.rows]


def test_every_cell_is_read_back_as_text():
    documents = two()
    head, *rows = read(written("xlsx", documents))
    assert head == list(HEADERS)
    assert rows == [row_of(document, ABOUT) for document in documents]
    assert rows[0][HEADERS.index("Abstract Number")] == "0489"
    assert rows[0][HEADERS.index("Abstract Text")].startswith("=1+1 is no formula.")


def test_too_long_cell_says_that_it_was_cut():
    documents = two()
    documents[0].abstract.title = "x" * 40_000
    title = read(written("xlsx", documents))[1][HEADERS.index("Title")]
    assert len(title) == MAX_CELL
    assert title.endswith("(cut here: a cell holds no more; see the link)")


def test_no_documents_give_only_the_header():
    assert read(written("xlsx", [])) == [list(HEADERS)]
