import re

import pytest

from .samples import GROUP, LONG_TITLE, PLAIN_TITLE, golden, two, written

pytestmark = pytest.mark.django_db


def read(content: bytes) -> list[list[tuple[str, str]]]:
    """Records of a MEDLINE file, separated by empty lines; six spaces at its start continue the line before."""
    records = []
    for block in content.decode().rstrip("\n").split("\n\n"):
        record: list[tuple[str, str]] = []
        for line in block.split("\n"):
            if line.startswith(" " * 6):
                tag, before = record.pop()
                record.append((tag, f"{before} {line[6:]}"))
            else:
                match = re.fullmatch(r"([A-Z]{2,4}) *- (.*)", line)
                assert match, line
                assert len(line) < 6 or line[4:6] == "- "
                record.append((match[1], match[2]))
        records.append(record)
    return records


def values(record: list[tuple[str, str]], tag: str) -> list[str]:
    return [value for name, value in record if name == tag]


def test_golden():
    content = written("nbib", two())
    assert content == golden("nbib", content)


def test_it_is_read_back():
    first, second = read(written("nbib", two()))
    assert values(first, "TI") == [PLAIN_TITLE]
    assert values(first, "FAU")[:2] == ["van der Rivel, Ada B", "Medsger, Thomas, Jr"]
    assert values(first, "AU")[:4] == ["van der Rivel AB", "Medsger T Jr", "De Invento-Núñez JR", "O'Sample J-P"]
    assert values(first, "CN")[-1] == GROUP
    assert values(first, "AUID") == ["ORCID: 0000-0002-1825-0097"]
    assert values(first, "AD")[:3] == [
        "Hospital 12 de Mayo, León, Spain",
        "Hospital 12 de Mayo, León, Spain",
        "R&D; Unit_7, Oslo, Norway",
    ]
    assert values(first, "OT") == ["Lupus, Nephritis", "B & T cells", "α-Enolase"]
    assert values(first, "AID") == ["10.1002/art.48_9(1) [doi]", "0489 [pii]"]
    assert values(first, "SI") == ["ClinicalTrials.gov/NCT01234567", "ISRCTN12345678"]
    assert values(second, "TI") == [LONG_TITLE]
    assert len(values(second, "FAU")) == 65


def test_first_line_is_an_empty_pmid():
    assert written("nbib", two()).startswith(b"PMID- \n")


def test_no_documents():
    assert written("nbib", []) == b""
