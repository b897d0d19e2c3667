import pytest

from .samples import GROUP, LONG_TITLE, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def read(content: bytes) -> list[dict[str, list[str]]]:
    """Records of a Refer file as EndNote reads them: separated by empty lines, with “%T value” on one line."""
    records = []
    for block in content.decode().strip().split("\n\n"):
        record: dict[str, list[str]] = {}
        for line in block.split("\n"):
            assert line[0] == "%"
            assert line[2] == " "
            record.setdefault(line[1], []).append(line[3:])
        records.append(record)
    return records


def test_golden():
    content = written("enw", two())
    assert content == golden("enw", content)


def test_it_is_read_back():
    first, second = read(written("enw", two()))
    assert first["0"] == ["Journal Article"]
    assert first["T"] == [PLAIN_TITLE]
    assert first["A"][:2] == ["van der Rivel, Ada B", "Medsger, Thomas, Jr"]
    # EndNote does not split a name with a comma at its end and none inside.
    assert first["A"][-1] == GROUP.replace(",", "") + ","
    assert first["K"] == ["Lupus, Nephritis", "B & T cells", "α-Enolase"]
    assert "ER - TY - BOOK" in first["X"][0]
    assert "Presented at Forum & Convergence 2031: Plenary; I; Plenary; Sunday, October 26, 2031" in first["Z"][2]
    assert second["T"] == [LONG_TITLE]
    assert len(second["A"]) == 65


def test_line_break_in_a_value_begins_no_field():
    documents = two()
    documents[0].abstract.title = "One\n%T Two\n\n%0 Book"
    assert read(written("enw", documents))[0]["T"] == ["One %T Two %0 Book"]


def test_no_documents():
    assert written("enw", []) == b""
