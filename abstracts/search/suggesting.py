"""Suggestions for what somebody has typed so far: keywords, authors, meetings, titles. Only visible ones."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tantivy import Query

from ..models import Keyword, Meeting, Person
from ..reading import in_order_of
from ..visibility import Level, Viewer
from ..words.text import sort_key
from .analysis import words
from .following import ensure_current_snapshot
from .matching import all_of, term
from .narrowing import at_least
from .schema import SEPARATOR, schema
from .searching import LawfulSearcher, Visible

MIN_LETTERS = 2
KEYWORDS, PEOPLE, MEETINGS, TITLES = 4, 3, 2, 4
MAX_ENDINGS = 30


@dataclass(frozen=True)
class Suggestion:
    """A kind ("Keyword"), a label, and the address of the page."""

    kind: str
    label: str
    url: str


def suggest(text: str, viewer: Viewer, at: dt.datetime) -> list[Suggestion]:
    """Suggestions for `text`; [] for fewer than two letters or without an index."""
    key = sort_key(text)
    snapshot = ensure_current_snapshot(at) if len(key) >= MIN_LETTERS else None
    if not snapshot:
        return []
    searcher = LawfulSearcher(snapshot, Visible(viewer, at))
    return [
        *_names(searcher, "keyword_entry", key, KEYWORDS, Keyword, _("Keyword")),
        *_names(searcher, "person_entry", key, PEOPLE, Person, _("Author")),
        *_meetings(key, viewer),
        *_titles(searcher, text, viewer, at),
    ]


def announcement(suggestions: list[Suggestion]) -> str:
    """What screen readers say about `suggestions`; "" for none."""
    count = len(suggestions)
    return ngettext("%(count)d suggestion", "%(count)d suggestions", count) % {"count": count} if count else ""


def _names(
    searcher: LawfulSearcher, field: str, key: str, limit: int, model: type[Keyword | Person], kind: str
) -> list[Suggestion]:
    entries = searcher.terms_with_prefix(field, key, limit * 3, at_least(Level.LISTED))
    pks = list(dict.fromkeys(int(entry.rpartition(SEPARATOR)[2]) for entry, _ in entries))[:limit]
    rows = model.unfiltered.in_bulk(pks)
    return [Suggestion(kind, rows[pk].name, rows[pk].get_absolute_url()) for pk in pks if pk in rows]


def _meetings(key: str, viewer: Viewer) -> list[Suggestion]:
    meetings = Meeting.objects.visible_to(viewer).newest_first()
    named = [meeting for meeting in meetings if f" {key}" in f" {sort_key(meeting.name)}"]
    return [Suggestion(_("Meeting"), meeting.name, meeting.get_absolute_url()) for meeting in named[:MEETINGS]]


def _titles(searcher: LawfulSearcher, text: str, viewer: Viewer, at: dt.datetime) -> list[Suggestion]:
    *whole, start = words(text) or [""]
    if not start or (not whole and len(start) < MIN_LETTERS):
        return []
    is_titled = at_least(Level.TITLED)
    endings = [ending for ending, _ in searcher.terms_with_prefix("title_words", start, MAX_ENDINGS, is_titled)]
    if not endings:
        return []
    ending = Query.term_set_query(schema(), "title_words", endings)
    query = all_of([*(term("title_words", word) for word in whole), ending, is_titled])
    rows = in_order_of(searcher.top_pks(query, TITLES), viewer, at, Level.TITLED)
    return [Suggestion(_("Abstract"), row.title_text, row.get_absolute_url()) for row in rows]
