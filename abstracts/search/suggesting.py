"""What may be meant by what somebody has typed so far: keywords, authors, meetings, titles. Only what is visible."""

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
from .narrowing import at_least, visible
from .replica import Snapshot, pks_at
from .schema import SEPARATOR, schema

SHORTEST = 2
KEYWORDS, PEOPLE, MEETINGS, TITLES = 4, 3, 2, 4
MOST_ENDINGS = 30


@dataclass(frozen=True)
class Suggestion:
    """What it is ("Keyword"), how it reads, where it leads."""

    kind: str
    label: str
    url: str


def suggest(text: str, viewer: Viewer, at: dt.datetime) -> list[Suggestion]:
    """Suggestions for `text`, from two letters on; [] without an index."""
    key = sort_key(text)
    snapshot = ensure_current_snapshot() if len(key) >= SHORTEST else None
    if not snapshot:
        return []
    may_see = all_of([at_least(Level.LISTED), *visible(viewer, at)])
    return [
        *_entries(snapshot, "keyword_entry", key, may_see, KEYWORDS, Keyword, _("Keyword")),
        *_entries(snapshot, "person_entry", key, may_see, PEOPLE, Person, _("Author")),
        *_meetings(key, viewer),
        *_titles(snapshot, text, may_see, viewer, at),
    ]


def told(found: list[Suggestion]) -> str:
    """What a reader who listens hears of `found`; "" for none."""
    count = len(found)
    return ngettext("%(count)d suggestion", "%(count)d suggestions", count) % {"count": count} if found else ""


def _entries(
    snapshot: Snapshot, field: str, key: str, may_see: Query, most: int, model: type, kind: str
) -> list[Suggestion]:
    found = snapshot.searcher.terms_with_prefix(field, key, may_see, most * 3)
    pks = list(dict.fromkeys(int(entry.rpartition(SEPARATOR)[2]) for entry, _ in found))[:most]
    rows = model.objects.in_bulk(pks)
    return [Suggestion(kind, rows[pk].name, rows[pk].get_absolute_url()) for pk in pks if pk in rows]


def _meetings(key: str, viewer: Viewer) -> list[Suggestion]:
    meetings = Meeting.objects.visible_to(viewer).newest_first()
    found = [meeting for meeting in meetings if f" {key}" in f" {sort_key(meeting.name)}"]
    return [Suggestion(_("Meeting"), meeting.name, meeting.get_absolute_url()) for meeting in found[:MEETINGS]]


def _titles(snapshot: Snapshot, text: str, may_see: Query, viewer: Viewer, at: dt.datetime) -> list[Suggestion]:
    typed = words(text)
    if not typed or (len(typed[-1]) < SHORTEST and len(typed) == 1):
        return []
    ends = [end for end, _ in snapshot.searcher.terms_with_prefix("title_words", typed[-1], may_see, MOST_ENDINGS)]
    if not ends:
        return []
    conditions = [term("title_words", word) for word in typed[:-1]]
    query = all_of([*conditions, Query.term_set_query(schema(), "title_words", ends), may_see])
    hits = snapshot.searcher.search(query, TITLES, count=False).hits
    pks = pks_at(snapshot.searcher, [address for _, address in hits])
    rows = in_order_of(pks, viewer, at, Level.LISTED)
    return [Suggestion(_("Abstract"), row.title_text, row.get_absolute_url()) for row in rows]
