"""How an abstract is cited: AMA style, as the society's site has always written it."""

import datetime as dt

from .addresses import without_language
from .models import Meeting
from .reading import Author, Document


def ama(document: Document, site_url: str, accessed: dt.date) -> str:
    """The citation of `document` as plain text; `site_url` without a trailing slash; "" below a listing.

    “Retuerto Guerrero M, Moriano C. Title. [abstract]. Arthritis Rheumatol. 2025; 77 (suppl 9). https://….
    Accessed November 22, 2026.”
    """
    if not document.is_listed:
        return ""
    abstract = document.abstract
    parts = [
        _ended(", ".join(map(cited_name, document.authors))),
        _ended(abstract.title_text),
        "[abstract].",
        _ended(abstract.meeting.journal or abstract.meeting.name),
        _ended(_issue(abstract.meeting)),
        f"{site_url}{without_language(document.url)}.",
        f"Accessed {accessed:%B} {accessed.day}, {accessed.year}.",
    ]
    return " ".join(part for part in parts if part)


def cited_name(author: Author) -> str:
    """“Retuerto Guerrero M”: family name and one initial; a group, or a name that was not parsed, whole."""
    if author.is_group or not author.family:
        return author.name
    return f"{author.family} {author.given[:1].upper()}".strip()


def _issue(meeting: Meeting) -> str:
    year = str(meeting.citation_year or meeting.year)
    volume = f"{meeting.volume} ({meeting.supplement})" if meeting.supplement else meeting.volume
    return f"{year}; {volume.strip()}" if volume.strip() else year


def _ended(text: str) -> str:
    return text if not text or text[-1] in ".?!" else f"{text}."
