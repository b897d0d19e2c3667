"""Finds the abstract that a search names: by number, trial id, DOI, or exact title."""

import datetime as dt
import re

from tantivy import Query

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Level, Viewer
from ..words.identifiers import is_abstract_number, is_doi, is_trial_id, normalize_doi, number_key, without_label
from ..words.text import sort_key
from .following import ensure_current_snapshot
from .matching import all_of, term
from .narrowing import at_least
from .searching import LawfulSearcher, Visible

_YEAR = re.compile(r"((?:19|20)\d\d)\s+(?=\S)|\s+((?:19|20)\d\d)$")
MIN_WORDS_OF_TITLE = 3


def direct_hit(text: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    """The only abstract that `text` names; None if there are none or several."""
    text = text.strip().strip("“”\"'")
    if is_abstract_number(number := without_label(text)):
        return _numbered(number, None, viewer, at)
    if year := _YEAR.search(text):
        number = without_label(text[: year.start()] + text[year.end() :])
        if is_abstract_number(number) and (found := _numbered(number, int(year[1] or year[2]), viewer, at)):
            return found
    return _in_index(text, viewer, at)


def _numbered(number: str, year: int | None, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    rows = Abstract.objects.visible_to(viewer, at).filter(number_key=number_key(number), number__isnull=False)
    if year:
        rows = rows.filter(meeting__year=year)
    abstracts = list(rows.select_related("meeting")[:2])
    return abstracts[0] if len(abstracts) == 1 else None


def _in_index(text: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    name = _name_query(text)
    snapshot = ensure_current_snapshot(Visible(viewer, at)) if name else None
    if not name or not snapshot:
        return None
    searcher = LawfulSearcher(snapshot, Visible(viewer, at))
    pks = searcher.top_pks(all_of([name, at_least(Level.TITLED)]), 2)
    return next(iter(in_order_of(pks, viewer, at, Level.TITLED)), None) if len(pks) == 1 else None


def _name_query(text: str) -> Query | None:
    if is_doi(doi := normalize_doi(text)):
        return term("doi", doi.lower())
    if is_trial_id(text):
        return term("trial", text.lower())
    key = sort_key(text)[:500]
    return term("title_key", key) if len(key.split()) >= MIN_WORDS_OF_TITLE else None
