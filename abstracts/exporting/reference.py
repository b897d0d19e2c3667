"""An abstract as a reference: the fields that RIS, BibTeX, EndNote, MEDLINE and CSL have in common.

Texts are plain, on one line each, and in English, whatever the language of the page.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import override

from ..citing.names import Name, name_of
from ..reading import NOTED, Document, wording
from ..visibility import Status
from ..words import plain
from ..words.addresses import without_language
from ..words.text import slugify
from .contract import About

LANGUAGE = "en-us"


@dataclass(frozen=True, slots=True)
class Reference:
    """The fields of a reference. `day` is the day of first publication, else of the first presentation."""

    key: str
    title: str
    names: list[Name]
    journal: str
    meeting: str
    city: str
    year: int
    day: dt.date | None
    volume: str
    supplement: str
    number: str
    keywords: list[str]
    text: str
    affiliations: list[str]
    doi: str
    trial_ids: list[str]
    url: str
    notes: list[str]

    @property
    def container(self) -> str:
        """Where it appeared: the journal, else the meeting."""
        return self.journal or self.meeting


def reference_of(document: Document, about: About) -> Reference:
    """The reference of a document that is at least listed, with as much as its level allows."""
    abstract, meeting = document.abstract, document.abstract.meeting
    with override(LANGUAGE):
        notes = list(notes_of(document))
    return Reference(
        key=key_of(document),
        title=plain.line(abstract.title),
        names=[name_of(author) for author in document.authors],
        journal=meeting.journal,
        meeting=meeting.name,
        city=meeting.city,
        year=meeting.cited_year,
        day=abstract.first_published or next((s.session.date for s in document.slots if s.session.date), None),
        volume=meeting.volume,
        supplement=meeting.supplement,
        number=abstract.number or "",
        keywords=[keyword.label for keyword in document.keywords],
        text=" ".join(text_of(document)),
        affiliations=[affiliation.text for affiliation in document.affiliations],
        doi=abstract.doi,
        trial_ids=abstract.trial_id_list,
        url=address_of(document, about),
        notes=notes,
    )


def address_of(document: Document, about: About) -> str:
    """The address of the abstract's page, the same in every language."""
    return f"{about.site_url}{without_language(document.url)}"


def key_of(document: Document) -> str:
    """The key of the abstract in all files: “convergence-2031-0489”; without a number, its slug."""
    abstract = document.abstract
    number = slugify(abstract.number or "")
    return f"{abstract.meeting.slug}-{number}" if number else abstract.slug


def text_of(document: Document) -> Iterator[str]:
    """The paragraphs of the text, the first of each section after its label; then figures and disclosures."""
    for section in document.sections:
        yield from _labeled(section.label, plain.paragraphs(section.html))
    for view in document.figures:
        yield from _labeled(view.figure.label, [plain.line(view.figure.caption)])
    if document.abstract.disclosures:
        yield from _labeled("Disclosures", plain.paragraphs(document.abstract.disclosures))


def _labeled(label: str, paragraphs: list[str]) -> Iterator[str]:
    first, *rest = paragraphs or [""]
    if label or first:
        yield ": ".join(filter(None, [label.rstrip(":"), first]))
    yield from rest


def embargo_note(document: Document) -> str:
    """“EMBARGOED UNTIL …” if the viewer sees more than the public; else ""."""
    return wording.embargo_line(document.abstract) if document.is_ahead_of_release else ""


def notes_of(document: Document) -> Iterator[str]:
    """What has no field in references: embargo, status, number, presentations, trials."""
    abstract = document.abstract
    if embargo := embargo_note(document):
        yield embargo
    if abstract.status in NOTED:
        yield f"{Status(abstract.status).name}: {abstract.status_note}".removesuffix(": ")
    if abstract.number:
        yield f"Abstract number: {abstract.number}"
    for slot in document.slots:
        where = filter(None, [slot.session.title, slot.session.type, *_when(slot), slot.session.place])
        yield f"Presented at {abstract.meeting.name}: {'; '.join(where)}"
    if abstract.trial_ids:
        yield f"Trial registration: {', '.join(abstract.trial_id_list)}"


def _when(slot) -> Iterator[str]:
    yield wording.day(slot.session.date)
    yield wording.slot_time(slot)
