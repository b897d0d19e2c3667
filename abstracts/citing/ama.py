"""How an abstract is cited: AMA style, as the society's site has always written it."""

import calendar
import datetime as dt

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ..importing.names import SUFFIXES, bare
from ..models import Meeting
from ..reading import Author, Document
from ..words import plain
from ..words.addresses import without_language


def ama(document: Document, site_url: str, accessed: dt.date) -> str:
    """The citation of `document` as plain text; `site_url` without a trailing slash; "" below a listing.

    “Retuerto Guerrero M, Moriano C. Title. [abstract]. Arthritis Rheumatol. 2025; 77 (suppl 9). https://….
    Accessed November 22, 2026.”
    """
    title = plain.line(document.abstract.title)
    return _joined(
        document, title, ", ".join(map(cited_name, document.authors)), _journal(document), site_url, accessed
    )


def ama_html(document: Document, site_url: str, accessed: dt.date) -> SafeString:
    """The same with the journal, and what of the title is, in italics."""
    names = escape(", ".join(map(cited_name, document.authors)))
    journal = f"<i>{escape(_journal(document))}</i>"
    cited = _joined(document, document.abstract.title, names, journal, escape(site_url), accessed)
    return mark_safe(cited)  # noqa: S308  (the title was sanitised when it was stored, the rest is escaped)


def _joined(document: Document, title: str, names: str, journal: str, site_url: str, accessed: dt.date) -> str:
    if not document.is_listed:
        return ""
    parts = [
        ended(names),
        ended(title),
        "[abstract].",
        f"{journal}.",
        ended(_issue(document.abstract.meeting)),
        f"{site_url}{without_language(document.url)}.",
        # In English, whatever the language of the page: a citation goes into a paper.
        f"Accessed {calendar.month_name[accessed.month]} {accessed.day}, {accessed.year}.",
    ]
    return " ".join(part for part in parts if part)


def cited_name(author: Author) -> str:
    """“Retuerto Guerrero M”, “Medsger T Jr”: one initial; a group, or a name that was not parsed, whole."""
    if author.is_group or not author.family:
        return author.name
    words = author.family.replace(",", " ").split()
    if len(words) > 1 and bare(words[-1]) in SUFFIXES:
        return " ".join(filter(None, [*words[:-1], first_initial(author.given), words[-1].rstrip(".")]))
    return f"{author.family} {first_initial(author.given)}".strip()


def first_initial(given: str) -> str:
    """“M” of “Miriam Ana”."""
    return given[:1].upper()


def ended(text: str) -> str:
    """`text` with a period where it does not end in a mark."""
    return text if not text or text[-1] in ".?!" else f"{text}."


def _journal(document: Document) -> str:
    """What stands before a period: without its own."""
    return (document.abstract.meeting.journal or document.abstract.meeting.name).removesuffix(".")


def _issue(meeting: Meeting) -> str:
    year = str(meeting.citation_year or meeting.year)
    volume = f"{meeting.volume} ({meeting.supplement})" if meeting.supplement else meeting.volume
    return f"{year}; {volume.strip()}" if volume.strip() else year
