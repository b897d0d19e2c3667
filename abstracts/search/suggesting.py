"""Suggestions for what somebody has typed so far: keywords, authors, meetings, titles. Only visible ones."""

import datetime as dt
import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tantivy import Order, Query

from ..models import Meeting
from ..reading import in_order_of
from ..visibility import Level, Viewer
from ..visibility.prepared import SCOPES, PreparedQuery
from ..words.addresses import address
from ..words.text import sort_key
from .analysis import words
from .following import ensure_current_snapshot
from .matching import all_of, term
from .names import names_and_slugs
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


def suggest(text: str, viewer: Viewer, at: dt.datetime) -> list[Suggestion] | None:
    """Suggestions for `text`; [] for fewer than two letters, None while there is no index."""
    key = sort_key(text)
    if len(key) < MIN_LETTERS:
        return []
    if not (snapshot := ensure_current_snapshot(Visible(viewer, at))):
        return None
    searcher = LawfulSearcher(snapshot, Visible(viewer, at))
    return [
        *_suggestions(_("Keyword"), "keyword", _names(searcher, "keyword", key, KEYWORDS)),
        *_suggestions(_("Author"), "author", _names(searcher, "person", key, PEOPLE)),
        *_suggestions(_("Meeting"), "meeting", _meetings(key, viewer)),
        *_titles(searcher, text, viewer, at),
    ]


def _suggestions(kind: str, page: str, names: Iterable[tuple[str, str]]) -> list[Suggestion]:
    return [Suggestion(kind, name, address(page, slug)) for name, slug in names]


def announcement(suggestions: list[Suggestion]) -> str:
    """What screen readers say about `suggestions`; "" for none."""
    count = len(suggestions)
    return ngettext("%(count)d suggestion", "%(count)d suggestions", count) % {"count": count} if count else ""


def _names(searcher: LawfulSearcher, kind: str, key: str, limit: int) -> list[tuple[str, str]]:
    """(name, slug) of up to `limit` entries of the index of keywords or persons."""
    entries = searcher.terms_with_prefix(f"{kind}_entry", key, limit * 3, at_least(Level.LISTED))
    pks = list(dict.fromkeys(int(entry.rpartition(SEPARATOR)[2]) for entry, _ in entries))[:limit]
    names = names_and_slugs(kind, pks)
    return [names[pk] for pk in pks if pk in names]


def _meetings(key: str, viewer: Viewer) -> list[tuple[str, str]]:
    """(name, slug) of up to MEETINGS meetings that have `key` at the beginning of a word."""
    meetings = ((name, slug) for name, slug in _meetings_of(viewer.scope).all() if f" {key}" in f" {_folded(name)}")
    return list(itertools.islice(meetings, MEETINGS))


@functools.lru_cache(maxsize=SCOPES)
def _meetings_of(scope: Viewer) -> PreparedQuery:
    rows = Meeting.objects.visible_to(scope).newest_first().values_list("name", "slug")
    return PreparedQuery(Meeting, lambda keys: rows)


# The names of meetings are read anew at each letter; to fold 350 of them took ten times as long as all else.
_folded = functools.lru_cache(maxsize=5000)(sort_key)


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
    # With a single word all are equally good: saying the order of equals spares the searcher to look at all of them.
    order = {} if whole else {"order_by_field": "pk", "order": Order.Desc}
    rows = in_order_of(searcher.top_pks(query, TITLES, **order), viewer, at, Level.TITLED)
    return [Suggestion(_("Abstract"), row.title_text, row.get_absolute_url()) for row in rows]
