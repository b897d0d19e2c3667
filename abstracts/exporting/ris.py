"""RIS, for EndNote, Zotero, Mendeley, Papers and RefWorks."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from rispy.config import LIST_TYPE_TAGS
from rispy.writer import RisWriter

from ..reading import Document
from ..words.text import squeeze
from .contract import About
from .reference import Reference, reference_of


class _Writer(RisWriter):
    # rispy puts a number (“1.”) before each record, which no program expects.
    def set_header(self, count: int) -> str:
        return ""

    DEFAULT_LIST_TAGS: ClassVar[list[str]] = LIST_TYPE_TAGS


class Ris:
    name = "ris"
    label = "RIS"
    extension = "ris"
    content_type = "application/x-research-info-systems"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        writer = _Writer()
        for document in documents:
            fields = _fields(reference_of(document, about), about)
            yield f"{writer.formats([_clean(fields)])}\n".encode()


def _fields(reference: Reference, about: About) -> dict[str, Any]:
    """The fields by rispy's names. Without a journal it is a conference paper."""
    return {
        "type_of_reference": "JOUR" if reference.journal else "CPAPER",
        "id": reference.key,
        "authors": [name.inverted for name in reference.names],
        "title": reference.title,
        "secondary_title": reference.container,
        "journal_name": reference.journal,
        "custom3": reference.meeting,
        "place_published": reference.city,
        "year": str(reference.year),
        "date": f"{reference.day:%Y/%m/%d}" if reference.day else "",
        "volume": reference.volume,
        "number": reference.supplement,
        "custom7": reference.number,
        "type_of_work": "Meeting Abstract",
        "abstract": reference.text,
        "keywords": reference.keywords,
        "notes": reference.notes,
        "author_address": "; ".join(reference.affiliations),
        "doi": reference.doi,
        "urls": [reference.url],
        "name_of_database": about.site_name,
        "access_date": f"{about.accessed:%Y/%m/%d}",
    }


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields without empty ones; each value is on one line, because a line break could begin a field or a record."""
    lines = {
        name: [squeeze(part) for part in value] if isinstance(value, list) else squeeze(value)
        for name, value in fields.items()
    }
    return {name: value for name, value in lines.items() if value}
