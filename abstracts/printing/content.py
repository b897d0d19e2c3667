"""Documents as data for typesetting: strings, numbers and lists, which typst never reads as its own language."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, ngettext

from ..models import Meeting
from ..reading import Author, Document, Slot, wording
from ..visibility import Status
from .markup import blocks_of, plain_run, runs_of
from .pictures import Pictures

SHORT_BYLINE = 6


def words() -> dict[str, str]:
    """The fixed words of a print, in the active language."""
    return {
        "contents": gettext("Contents"),
        "keywords": gettext("Keywords"),
        "disclosures": gettext("Disclosures"),
        "page": gettext("Page {page} of {pages}"),
        "authors": gettext("Author Index"),
        "keyword_index": gettext("Keyword Index"),
    }


def by_meeting(documents: Iterable[Document], pictures: Pictures, site_url: str) -> list[dict[str, Any]]:
    """`documents` in their order; neighbors of the same meeting form a group."""
    several = len(documents := list(documents)) > 1
    grouped = groupby(documents, key=lambda document: document.abstract.meeting)
    return [
        {
            "title": meeting.name,
            "lead": place_and_dates(meeting),
            "sheets": [sheet(document, pictures, site_url, level=2 if several else 1) for document in members],
        }
        for meeting, members in grouped
    ]


def place_and_dates(meeting: Meeting) -> str:
    return " · ".join(filter(None, [wording.meeting_dates(meeting), wording.place_of(meeting)]))


def sheet(document: Document, pictures: Pictures, site_url: str, level: int) -> dict[str, Any]:
    """One abstract, as much as its level allows; empty strings and lists stand for the rest.

    `level` is that of its heading; the headings of its sections are one level below.
    """
    abstract = document.abstract
    title = runs_of(abstract.title) or plain_run("" if abstract.number else gettext("Abstract"))
    banner = wording.embargo_line(abstract) if document.is_ahead_of_release else ""
    return {
        "level": level,
        "number": abstract.number or "",
        "title": title,
        "margin": {**margin_words(document), "banner": banner},
        "banner": banner,
        **_state(document),
        "authors": [{"name": a.name, "numbers": ",".join(map(str, a.numbers))} for a in document.authors],
        "short-byline": short_byline(document.authors),
        "affiliations": [{"number": str(a.position), "text": a.text} for a in document.affiliations],
        "slots": slot_lines(document),
        "keywords": "; ".join(keyword.label for keyword in document.keywords),
        "sections": [{"label": s.label, "blocks": blocks_of(s.html)} for s in document.sections],
        "figures": [pictures.add(view) for view in document.figures],
        "disclosures": blocks_of(abstract.disclosures),
        "facts": _facts(document),
        "url": f"{site_url}{document.url}" if document.url else "",
    }


def margin_words(document: Document) -> dict[str, str]:
    """Title and authors, short enough for a page header."""
    authors = document.authors
    first = (authors[0].family or authors[0].name) if authors else ""
    return {
        "title": Truncator(wording.label(document.abstract)).chars(82),
        "authors": f"{first} et al." if len(authors) > 1 else first,
    }


def short_byline(authors: list[Author]) -> str:
    """The first six authors, and how many more there are."""
    names = ", ".join(author.name for author in authors[:SHORT_BYLINE])
    count = len(authors) - SHORT_BYLINE
    if count <= 0:
        return names
    return f"{names} {ngettext('and %(count)d more', 'and %(count)d more', count) % {'count': count}}"


def slot_lines(document: Document, within: int | None = None) -> list[str]:
    """A line for each presentation; only the time of that in the session `within`, whose heading has the rest."""
    lines = [
        (wording.slot_time(slot) if slot.start_time else "") if slot.session.pk == within else slot_line(slot)
        for slot in document.slots
    ]
    return [line for line in lines if line]


def slot_line(slot: Slot) -> str:
    """“Vasculitis Posters I (Poster Session), Sunday, October 26, 2025, 10:30 AM–12:30 PM CDT, Hall 4”."""
    session = slot.session
    kind = f" ({session.type})" if session.type else ""
    parts = [session.title + kind, wording.day(session.date), wording.slot_time(slot), session.place]
    return ", ".join(part for part in parts if part)


def _state(document: Document) -> dict[str, str]:
    abstract = document.abstract
    has_note = document.is_noted
    status = {
        Status.WITHDRAWN: gettext("This abstract has been withdrawn."),
        Status.RETRACTED: gettext("This abstract has been retracted."),
        Status.CORRECTED: gettext("This abstract has been corrected."),
    }
    is_pending = not document.is_full and abstract.status != Status.WITHDRAWN
    return {
        "status": status[Status(abstract.status)] if has_note else "",
        "note": abstract.status_note if has_note else "",
        "pending": f"{wording.pending_line(abstract)}." if is_pending else "",
    }


def _facts(document: Document) -> list[str]:
    abstract = document.abstract
    return [
        *([f"DOI: {abstract.doi}"] if abstract.doi else []),
        *([f"{gettext('Trial registration')}: {', '.join(abstract.trial_id_list)}"] if abstract.trial_ids else []),
        *([f"{gettext('First published')}: {long_date(abstract.first_published)}"] if abstract.first_published else []),
    ]


def long_date(date: dt.date) -> str:
    return date_format(date, "DATE_FORMAT")


def language() -> str:
    """The language of the fixed words: "en"."""
    return (get_language() or "en").partition("-")[0]
