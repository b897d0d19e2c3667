"""The rows of spreadsheets. Their columns have the names that an import knows (`abstracts.importing.fields`)."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import override

from ..citing.ama import ama_text
from ..importing.fields import FIELDS
from ..reading import Document
from ..words import plain
from .contract import About
from .reference import LANGUAGE, address_of, embargo_note

_FIELD_NAMES = (
    "number", "meeting", "title", "authors", "affiliations", "presenter", "keywords", "text", "figure_labels",
    "figure_captions", "disclosures", "session_code", "session_title", "session_type", "session_date", "session_start",
    "session_end", "session_place", "status", "status_note", "doi", "trial_ids", "first_published", "link",
)  # fmt: skip
HEADERS = (*(FIELDS[name].header for name in _FIELD_NAMES), "Citation", "Embargo Note")


class Sessions(NamedTuple):
    """The sessions of an abstract, column by column; several are separated by “; ”."""

    code: str
    title: str
    type: str
    date: str
    start: str
    end: str
    place: str


def row_of(document: Document, about: About) -> list[str]:
    """A row of text cells, one for each of `HEADERS`. Numbers stay text: 0489 is not 489."""
    with override(LANGUAGE):
        return list(_cells(document, about))


def _cells(document: Document, about: About) -> Iterator[str]:
    abstract = document.abstract
    yield abstract.number or ""
    yield abstract.meeting.name
    yield plain.line(abstract.title)
    yield "; ".join(_author(author.name, author.numbers) for author in document.authors)
    yield "; ".join(f"{affiliation.position} {affiliation.text}" for affiliation in document.affiliations)
    yield "; ".join(author.name for author in document.authors if author.is_presenter)
    yield "; ".join(keyword.label for keyword in document.keywords)
    yield "\n\n".join(_sections(document))
    yield "; ".join(view.figure.label for view in document.figures)
    yield "; ".join(plain.line(view.figure.caption) for view in document.figures)
    yield plain.text(abstract.disclosures)
    yield from _sessions(document)
    yield abstract.status
    yield document.note
    yield from (FIELDS[name].dump(abstract) for name in ("doi", "trial_ids", "first_published"))
    yield address_of(document, about)
    yield ama_text(document, about.site_url, about.accessed)
    yield embargo_note(document)


def _author(name: str, numbers: list[int]) -> str:
    return f"{name} {','.join(map(str, numbers))}" if numbers else name


def _sections(document: Document) -> Iterator[str]:
    for section in document.sections:
        text = "\n\n".join(plain.paragraphs(section.html))
        yield f"{section.label.rstrip(':')}: {text}" if section.label else text


def _sessions(document: Document) -> Sessions:
    rows = [
        Sessions(
            slot.session.code,
            slot.session.title,
            slot.session.type,
            slot.session.date.isoformat() if slot.session.date else "",
            _clock(slot.start_time or slot.session.start_time),
            _clock(slot.end_time or (None if slot.start_time else slot.session.end_time)),
            slot.session.place,
        )
        for slot in document.slots
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(Sessions._fields)
    return Sessions(*("; ".join(column) if any(column) else "" for column in columns))


def _clock(time) -> str:
    return f"{time:%H:%M}" if time else ""
