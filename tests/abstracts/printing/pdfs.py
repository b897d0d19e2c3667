"""Reads PDFs for tests."""

import io
import re

from pypdf import PdfReader


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, without ligatures and hyphenation."""
    return [_plain(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    """The text of all pages, on one line."""
    return " ".join(pages_of(pdf))


def bookmarks_of(pdf: bytes) -> list:
    """Titles of the bookmarks, as nested lists."""

    def titles(items):
        return [titles(item) if isinstance(item, list) else item.title for item in items]

    return titles(PdfReader(io.BytesIO(pdf)).outline)


def is_tagged(pdf: bytes) -> bool:
    root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    return bool(root.get("/MarkInfo", {}).get("/Marked")) and "/StructTreeRoot" in root


def keeps(pdf: bytes, standard: str) -> bool:
    """Whether the file claims the standard `standard`: "pdfuaid:part", "pdfaid:part"."""
    metadata = PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Metadata"].get_data().decode()
    return standard in metadata


def _plain(text: str) -> str:
    for ligature, letters in {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl"}.items():
        text = text.replace(ligature, letters)
    text = re.sub(r"[\u00ad\u2010-]\n(?=[a-z])", "", text)
    return re.sub(r"\s+", " ", text)
