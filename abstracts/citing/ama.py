"""The AMA citation, as the society's site has always written it.

It is plain Python, not CSL: it stands on every abstract's page and in every row of an exported sheet.
"""

import calendar
import datetime as dt

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ..models import Meeting
from ..reading import Author, Document
from ..words import plain
from ..words.addresses import without_language
from .names import name_of


def ama_text(document: Document, site_url: str, accessed: dt.date) -> str:
    """The citation of `document` as plain text; `site_url` has no trailing slash; "" below a listing.

    “Retuerto Guerrero M, Moriano C. Title. [abstract]. Arthritis Rheumatol. 2025; 77 (suppl 9). https://….
    Accessed November 22, 2026.”
    """
    names, title, journal = _names(document), plain.line(document.abstract.title), _journal(document)
    return _join(document, names, title, journal, site_url, accessed)


def ama_html(document: Document, site_url: str, accessed: dt.date) -> SafeString:
    """The same as HTML, with the journal and the title's own italics in italics."""
    journal = f"<i>{escape(_journal(document))}</i>"
    citation = _join(document, escape(_names(document)), document.abstract.title, journal, escape(site_url), accessed)
    return mark_safe(citation)  # noqa: S308  (the title was sanitized when it was stored, the rest is escaped)


def _join(document: Document, names: str, title: str, journal: str, site_url: str, accessed: dt.date) -> str:
    if not document.is_titled:
        return ""
    parts = [
        with_period(names),
        with_period(title),
        "[abstract].",
        f"{journal}.",
        with_period(_issue(document.abstract.meeting)),
        f"{site_url}{without_language(document.url)}.",
        # In English, whatever the language of the page: a citation goes into a paper.
        f"Accessed {calendar.month_name[accessed.month]} {accessed.day}, {accessed.year}.",
    ]
    return " ".join(part for part in parts if part)


def _names(document: Document) -> str:
    return ", ".join(map(ama_name, document.authors))


def ama_name(author: Author) -> str:
    """“Retuerto Guerrero M”, “Medsger T Jr”: one initial; a group, or a name that was not parsed, as it is."""
    name = name_of(author)
    return name.literal or " ".join(filter(None, [name.family, name.given[:1].upper(), name.suffix.rstrip(".")]))


def with_period(text: str) -> str:
    """`text` with a period, unless it ends in a mark already."""
    return text if not text or text[-1] in ".?!" else f"{text}."


def _journal(document: Document) -> str:
    """Without a period of its own: the citation puts one behind it."""
    return (document.abstract.meeting.journal or document.abstract.meeting.name).removesuffix(".")


def _issue(meeting: Meeting) -> str:
    volume = f"{meeting.volume} ({meeting.supplement})" if meeting.supplement else meeting.volume
    return f"{meeting.cited_year}; {volume.strip()}" if volume.strip() else str(meeting.cited_year)
