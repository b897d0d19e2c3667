import pytest
import rispy

from .samples import GROUP, LONG_TITLE, NAMES, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def test_golden():
    content = written("ris", two())
    assert content == golden("ris", content)


def test_rispy_reads_it_back():
    first, second = rispy.loads(written("ris", two()).decode())
    assert first["title"] == PLAIN_TITLE
    assert first["authors"][0] == "van der Rivel, Ada B"
    assert first["authors"][1] == "Medsger, Thomas, Jr"
    assert first["authors"][-1] == GROUP
    assert len(first["authors"]) == len(NAMES) + 1
    assert first["keywords"] == ["Lupus, Nephritis", "B & T cells", "α-Enolase"]
    assert (first["journal_name"], first["volume"], first["number"]) == ("J Invented Rheum", "7", "suppl 9")
    assert (first["doi"], first["urls"]) == (
        "10.1002/art.48_9(1)",
        ["https://abstracts.example.org/abstract/cd4-t-cells/"],
    )
    assert "10⁹ H₂O. ER - TY - BOOK – one" in first["abstract"]
    assert "Arm | n A | 10" in first["abstract"]
    assert "IL-6 < 5 pg/mL⁻¹" in first["abstract"]
    assert first["type_of_reference"] == "JOUR"
    assert second["title"] == LONG_TITLE
    assert len(second["authors"]) == 65
    assert "doi" not in second


def test_line_break_in_a_value_begins_no_record():
    documents = two()
    documents[0].abstract.title = "One\nER  - \n\nTY  - BOOK\nTI  - Two"
    assert len(rispy.loads(written("ris", documents).decode())) == 2


def test_no_documents():
    assert written("ris", []) == b""
