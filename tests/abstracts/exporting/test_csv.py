import csv
import io

import pytest

from abstracts.exporting.csv import without_formula
from abstracts.exporting.table import HEADERS
from abstracts.importing.columns import match_columns

from .samples import LONG_TITLE, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_golden():
    content = written("csv", two())
    assert content == golden("csv", content)


def test_it_is_read_back():
    first, second = read(written("csv", two()))
    assert (first["Abstract Number"], first["Title"]) == ("0489", PLAIN_TITLE)
    assert first["Authors"].startswith("Ada B van der Rivel 1; Thomas Medsger Jr 1,2; ")
    assert first["Keywords"] == "Lupus, Nephritis; B & T cells; α-Enolase"
    assert first["Abstract Text"].split("\n\n")[1] == "Background/Purpose: p < 0.05 & 10⁹ H₂O."
    assert (first["Session Title"], first["Session Start"]) == ("Posters: A & B; Plenary; I", "10:30; 16:15")
    assert first["Presenter"] == "Thomas Medsger Jr"
    assert (second["Title"], second["Authors"].count(";")) == (LONG_TITLE, 64)


def test_excel_reads_utf_8_and_no_formula():
    content = written("csv", two())
    assert content.startswith(b"\xef\xbb\xbfAbstract Number,")
    assert read(content)[0]["Abstract Text"].startswith("'=1+1 is no formula.")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1"])
def test_formula_gets_an_apostrophe(cell):
    assert without_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "0489", "TNF-α", "<5", "'quoted'", " =1", "a=b"])
def test_other_cells_are_unchanged(cell):
    assert without_formula(cell) == cell


def test_import_recognizes_the_columns():
    known = match_columns(list(HEADERS), {})
    assert set(HEADERS) - set(known) == {"Citation", "Embargo Note"}


def test_no_documents_give_only_the_header():
    assert read(written("csv", [])) == []
    assert written("csv", []).count(b"\r\n") == 1
