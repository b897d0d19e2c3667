"""PubMed's format (MEDLINE tags), as reference managers read .nbib files."""

import textwrap
from collections.abc import Iterable, Iterator

from ..reading import Document
from ..words.text import squeeze
from .contract import About
from .reference import Reference, reference_of

WIDTH = 88
_INDENT = " " * 6


class Nbib:
    name = "nbib"
    label = "PubMed (NBIB)"
    extension = "nbib"
    content_type = "application/nbib; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        for document in documents:
            reference = reference_of(document, about)
            lines = [_wrapped(tag, line) for tag, value in _fields(reference, document) if (line := squeeze(value))]
            # Zotero recognizes the format by this line. The abstract has no PubMed id.
            yield "\n".join(["PMID- ", *lines, "", ""]).encode()


def _wrapped(tag: str, value: str) -> str:
    return textwrap.fill(
        value,
        WIDTH,
        initial_indent=f"{tag:<4}- ",
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fields(reference: Reference, document: Document) -> Iterator[tuple[str, str]]:
    yield "OWN", "NOTNLM"
    yield "VI", reference.volume
    yield "IP", reference.supplement
    yield "DP", str(reference.year)
    yield "TI", reference.title
    yield "PG", reference.number
    yield "LID", f"{reference.doi} [doi]" if reference.doi else reference.url
    yield "AB", reference.text
    yield from _authors(reference, document)
    yield "PT", "Journal Article" if reference.journal else ""
    yield "PT", "Meeting Abstract"
    yield "PL", reference.city
    yield "TA", reference.journal
    yield "JT", reference.container
    for keyword in reference.keywords:
        yield "OT", keyword
    yield "AID", f"{reference.doi} [doi]" if reference.doi else ""
    yield "AID", f"{reference.number} [pii]" if reference.number else ""
    for trial in reference.trial_ids:
        yield "SI", f"ClinicalTrials.gov/{trial}" if trial.upper().startswith("NCT") else trial
    for note in reference.notes:
        yield "GN", note
    yield (
        "SO",
        f"{reference.container}. {reference.year};{reference.volume}({reference.supplement or reference.number}).",
    )
    yield "URL", reference.url


def _authors(reference: Reference, document: Document) -> Iterator[tuple[str, str]]:
    """Each author, followed by ORCID iD and affiliations; groups are corporate authors."""
    texts = {affiliation.position: affiliation.text for affiliation in document.affiliations}
    for name, author in zip(reference.names, document.authors, strict=True):
        if name.literal:
            yield "CN", name.literal
        else:
            yield "FAU", name.inverted
            yield "AU", " ".join(filter(None, [name.family, name.initials, name.suffix]))
        if author.orcid:
            yield "AUID", f"ORCID: {author.orcid}"
        for number in author.numbers:
            yield "AD", texts.get(number, "")
