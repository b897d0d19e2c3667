import datetime as dt
import gzip
import io

import openpyxl
import pytest

from abstracts.importing import BadInput, ImportOptions
from abstracts.importing.readers import open_source

from .files import csv, jsonl, row, xlsx

ROWS = [row("0001", title="Größe, “α” & more"), row("0002", abstract_text="Two\n\nlines; and | bars")]


def read(path, **options):
    source = open_source(path, ImportOptions(**options))
    records = list(source.records())
    assert [r.line for r in source.records()] == [r.line for r in records], "it can be read twice"
    return source, records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_each_delimiter_in_each_encoding(tmp_path, delimiter, encoding):
    rows = [{k: v.replace("α", "ä") for k, v in cells.items()} for cells in ROWS]
    source, records = read(csv(tmp_path / "a.csv", rows, delimiter, encoding))
    assert [record.data for record in records] == rows
    assert records[0].line == 2
    assert bool(source.notes) is (encoding == "cp1252")


def test_line_numbers_are_those_of_the_file(tmp_path):
    _, records = read(csv(tmp_path / "a.csv", [ROWS[1], ROWS[1], ROWS[0]]))
    first = records[0].line
    assert [record.line - first for record in records] == [0, 5, 10] or records[1].line > records[0].line + 1


def test_csv_row_with_too_many_or_too_few_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("number,title\n1,A,B\n2\n3,C\n\n4,D,\n")
    source, records = read(path)
    assert [r.errors for r in records] == [
        ["has 3 cells where the header has 2"],
        ["has 1 cells where the header has 2"],
        [],
        [],
    ]
    assert source.notes == ["Empty lines passed over: 5."]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (bytes(range(256)) * 20, "neither UTF-8"),
        (b"\x01\x02\x03abc\n" * 50, "no spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old or an encrypted"),
        (b"PK\x03\x04 broken", "no Excel workbook"),
        (b'number,title\n1,"open', "Line 2 is not CSV"),
        (b"number,title,title\n1,2,3", "twice: title"),
        (b"\x1f\x8b\x08 broken", "cannot be read"),
    ],
)
def test_file_without_rows_is_refused(tmp_path, content, words):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words):
        read(path)


def test_missing_file():
    with pytest.raises(BadInput, match="There is no file"):
        read("/nowhere/at/all.xlsx")


def test_nul_is_an_error_of_its_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"number,title\n1,A\x00B\n2,C\n")
    _, records = read(path)
    assert [r.errors for r in records] == [["holds a NUL character in “title”"], []]


def test_cells_are_read_as_they_are_shown(tmp_path):
    def edit(sheet):
        sheet["A2"], sheet["A3"], sheet["A4"] = 489, 489.0, 7
        sheet["A4"].number_format = "0000"
        sheet["D2"] = dt.datetime(2025, 10, 5)  # noqa: DTZ001
        sheet["D3"], sheet["D4"] = dt.time(9, 30), 1.5

    source, records = read(xlsx(tmp_path / "a.xlsx", [row(), row(), row()], edit))
    assert [r.data["abstract_number"] for r in records] == ["489", "489", "0007"]
    assert [r.data["keywords"] for r in records] == ["2025-10-05", "09:30:00", "1.5"]
    assert "Column “abstract_number”: 3 cells hold numbers instead of text, the first on line 2." in source.notes
    assert "Column “keywords”: one cell holds dates instead of text, the first on line 2." in source.notes


def test_leading_zeros_stay(tmp_path):
    _, records = read(xlsx(tmp_path / "a.xlsx", [row("0489"), row("LB24")]))
    assert [r.data["abstract_number"] for r in records] == ["0489", "LB24"]


def test_formulas_and_errors_are_errors_of_their_row(tmp_path):
    def edit(sheet):
        sheet["B2"] = "=1+1"
        sheet["B3"] = "#REF!"
        sheet["B3"].data_type = "e"

    _, records = read(xlsx(tmp_path / "a.xlsx", [row("1"), row("2"), row("3")], edit))
    assert [r.errors for r in records] == [
        ["cell B2 holds a formula; paste its value instead"],
        ["cell B3 holds the error #REF!"],
        [],
    ]


def test_merged_header_cells_are_refused(tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [row()], lambda sheet: sheet.merge_cells("A1:B1"))
    with pytest.raises(BadInput, match=r"merged cells \(A1:B1\)"):
        read(path)


def test_empty_sheet_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="is empty"):
        read(tmp_path / "a.xlsx")


def test_one_of_several_sheets_must_be_named(tmp_path):
    book = openpyxl.Workbook()
    for name in ("One", "Two"):
        sheet = book.create_sheet(name)
        sheet.append(["number", "title"])
        sheet.append([name, "T"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(BadInput, match="several sheets"):
        read(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", sheet="Two")[1][0].data["number"] == "Two"
    with pytest.raises(BadInput, match="no sheet “Six”"):
        read(tmp_path / "a.xlsx", sheet="Six")


def test_cell_without_a_header_and_empty_rows(tmp_path):
    def edit(sheet):
        sheet["H2"] = "stray"
        sheet["A4"] = "0009"

    source, records = read(xlsx(tmp_path / "a.xlsx", [row()], edit))
    assert records[0].errors == ["cell H2 stands in a column without a name"]
    assert source.notes[0] == "Empty lines passed over: 3."
    assert records[1].line == 4


def test_json_lines_with_or_without_gzip_by_path_or_open_file(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", [{"number": "1"}, "", {"number": "2"}])
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for source in (path, packed, io.BytesIO(path.read_bytes())):
        assert [(r.line, r.data["number"]) for r in read(source)[1]] == [(1, "1"), (3, "2")]


def test_lines_that_are_not_json(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", [{"number": "1"}, "{broken", "[1]", '{"title": "a\\u0000b"}'])
    path.write_bytes(path.read_bytes() + b'{"title": "\xff"}\n')
    errors = [record.errors for record in read(path)[1]]
    assert errors[0] == []
    assert errors[1][0].startswith("is not JSON")
    assert errors[2:] == [["is not a JSON object"], ["holds a NUL character"], ["is not UTF-8"]]
