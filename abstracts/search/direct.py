"""Finds the abstract that a search names: by number, trial id, DOI, or exact title."""

import datetime as dt
import re

from tantivy import Query

from ..models import Abstract
from ..reading import in_order_of
from ..visibility import Level, Viewer
from ..words.identifiers import is_abstract_number, is_doi, normalize_doi, number_key
from ..words.text import sort_key
from .following import ensure_current_snapshot
from .matching import all_of, term
from .narrowing import at_least
from .searching import LawfulSearcher, Visible

_TRIAL = re.compile(r"(?:NCT\d{8}|ISRCTN\d{8}|\d{4}-\d{6}-\d{2}|[A-Za-z]{3,7}[\d/-]{6,20})", re.I)
MIN_WORDS_OF_TITLE = 3


def direct_hit(text: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    """The only abstract that `text` names; None if there are none or several."""
    text = text.strip().strip("“”\"'")
    if is_abstract_number(text):
        rows = Abstract.objects.visible_to(viewer, at).filter(number_key=number_key(text), number__isnull=False)
        abstracts = list(rows.select_related("meeting")[:2])
        return abstracts[0] if len(abstracts) == 1 else None
    return _in_index(text, viewer, at)


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
    if _TRIAL.fullmatch(text):
        return term("trial", text.lower())
    key = sort_key(text)[:500]
    return term("title_key", key) if len(key.split()) >= MIN_WORDS_OF_TITLE else None
