"""Plain text, for reading and pasting."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop, override

from ..citing.ama import ama_text
from ..reading import Author, Document
from ..words import plain
from .contract import About
from .reference import LANGUAGE, notes_of, text_of

RULE = "-" * 72


class PlainText:
    name = "text"
    label = gettext_noop("Plain text")
    extension = "txt"
    content_type = "text/plain; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        """A header with the title of the file; then the abstracts, one after the other."""
        yield f"{about.title}\n{about.site_name} – {about.site_url}\n".encode()
        for document in documents:
            yield "\n".join(["", RULE, "", *_lines(document, about), ""]).encode()


def _lines(document: Document, about: About) -> Iterator[str]:
    """The lines of a document. Empty lines separate its parts."""
    yield plain.line(document.abstract.title)
    if document.authors:
        yield from ("", ", ".join(_numbered(author) for author in document.authors))
    if document.affiliations:
        yield ""
        yield from (f"{affiliation.position} {affiliation.text}" for affiliation in document.affiliations)
    with override(LANGUAGE):
        yield from ("", *notes_of(document))
    if document.keywords:
        yield f"Keywords: {'; '.join(keyword.label for keyword in document.keywords)}"
    if document.abstract.doi:
        yield f"DOI: {document.abstract.doi}"
    for paragraph in text_of(document):
        yield from ("", paragraph)
    yield from ("", ama_text(document, about.site_url, about.accessed))


def _numbered(author: Author) -> str:
    return f"{author.name} ({','.join(map(str, author.numbers))})" if author.numbers else author.name
