"""Saved searches: what of an address is a search, and what it finds for the public."""

import dataclasses
import datetime as dt

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from abstracts.models import Abstract
from abstracts.search import SearchQuery, search
from abstracts.search.form import PER_PAGE, SearchFilters
from abstracts.search.query import Order
from abstracts.visibility import ANONYMOUS

from ..models import Favorite, SavedSearch, User
from .alerts.noticing import notice

MOST_SEARCHES = 100
_NO_SEARCH = {"page", "per_page"}
_DEFAULTS = {("order", Order.RELEVANCE.value), ("per_page", str(PER_PAGE[0]))}


class TooMany(Exception):
    """The user has as many saved searches as one may have."""


def canonical(filters: SearchFilters) -> str:
    """What `filters` ask for, as every way of asking the same is written. BadRequest where there is nothing to save."""
    query = filters.query()
    if query is None or query.is_empty:
        raise BadRequest("search")
    kept = QueryDict(mutable=True)
    for name in filters.form.fields:
        values = [value for value in filters.data.getlist(name) if value and (name, value) not in _DEFAULTS]
        if values and name not in _NO_SEARCH:
            kept.setlist(name, values)
    return kept.urlencode()


def suggested_name(query_string: str) -> str:
    """A name for a search, from what it asks for."""
    data = QueryDict(query_string)
    values = [str(value) for name, value in data.items() if name not in ("order", "exact", "favorites", "figures")]
    return (", ".join(values) or _("Search"))[:120]


@transaction.atomic
def save(user: User, query_string: str, at: dt.datetime, name: str = "", alert: str = "") -> tuple[SavedSearch, bool]:
    """Keep a search (canonical) for `user`, and whether it is new: the same one is kept once. TooMany may come."""
    User.objects.select_for_update().get(pk=user.pk)
    if known := SavedSearch.objects.filter(user=user, query_string=query_string).first():
        return known, False
    if SavedSearch.objects.filter(user=user).count() >= MOST_SEARCHES:
        raise TooMany
    saved = SavedSearch(user=user, query_string=query_string, looked_until=at)
    saved.name = name or suggested_name(query_string)
    set_alert(saved, alert or SavedSearch.Alert.NEVER, at)
    return saved, True


def set_alert(saved: SavedSearch, alert: str, at: dt.datetime) -> None:
    """Write `alert` (and what else was changed). Alerts tell of what comes after they were turned on."""
    if alert != SavedSearch.Alert.NEVER and saved.alert == SavedSearch.Alert.NEVER:
        notice(at)
        saved.looked_until = at
    saved.alert = alert
    saved.save()


def public_query(saved: SavedSearch, at: dt.datetime) -> SearchQuery | None:
    """What `saved` asks for, as the public may ask; None where that is no valid search (any more)."""
    filters = SearchFilters(QueryDict(saved.query_string), ANONYMOUS, at)
    try:
        query = filters.query(lambda: _favorites_of(saved))
    except BadRequest:
        return None
    return None if query is None or query.is_empty else query


def public_results(query: SearchQuery, at: dt.datetime) -> list[Abstract]:
    """The abstracts that have all that `query` asks for, as the public may see them at `at`."""
    results = search(query, ANONYMOUS, at)
    return list(results[: results.with_all])


def found_among(query: SearchQuery, abstracts: frozenset[int], at: dt.datetime) -> list[Abstract]:
    """Those of `abstracts` (primary keys) that have all that `query` asks for, as the public may see them at `at`."""
    among = abstracts if query.among is None else abstracts & query.among
    return public_results(dataclasses.replace(query, among=among), at) if among else []


def _favorites_of(saved: SavedSearch) -> frozenset[int]:
    return frozenset(Favorite.unfiltered.filter(list__user=saved.user_id).values_list("abstract_id", flat=True))
