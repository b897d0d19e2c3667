"""Saved searches: how one is made from an address, and its results for the public."""

import dataclasses
import datetime as dt

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from abstracts.models import Abstract
from abstracts.search import SearchQuery, search
from abstracts.search.damage import IndexDamaged, without_index
from abstracts.search.form import PER_PAGE, SearchFilters
from abstracts.search.query import Order
from abstracts.visibility import ANONYMOUS

from ..models import Favorite, SavedSearch, User
from .alerts.noticing import notice

MOST_SEARCHES = 100
# Fields of the form that say how results are shown.
_NOT_IN_NAMES = {"order", "exact", "words", "lang", "favorites", "figures"}
_DISPLAY = {"page", "per_page"}
_DEFAULTS = {("order", Order.RELEVANCE.value), ("per_page", str(PER_PAGE[0]))}


class TooMany(Exception):
    """The user has as many saved searches as one may have."""


def canonical(filters: SearchFilters) -> str:
    """The query string of `filters`, the same for all searches with the same results.

    Raises BadRequest where nothing is searched for.
    """
    query = filters.query()
    if query is None or query.is_empty:
        raise BadRequest("search")
    result = QueryDict(mutable=True)
    for name in filters.form.fields:
        values = [value for value in filters.data.getlist(name) if value and (name, value) not in _DEFAULTS]
        if values and name not in _DISPLAY:
            result.setlist(name, values)
    if query.language != settings.LANGUAGE_CODE:
        result["lang"] = query.language
    return result.urlencode()


def suggested_name(query_string: str) -> str:
    """A name for a search: its words and filters."""
    data = QueryDict(query_string)
    values = [str(value) for name, value in data.items() if name not in _NOT_IN_NAMES]
    return (", ".join(values) or _("Search"))[:120]


@transaction.atomic
def save(user: User, query_string: str, at: dt.datetime, name: str = "", alert: str = "") -> tuple[SavedSearch, bool]:
    """Save a search (`query_string` as from `canonical`); returns it, and whether it is new: the same is saved once.

    Raises TooMany.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if saved := SavedSearch.objects.filter(user=user, query_string=query_string).first():
        return saved, False
    if SavedSearch.objects.filter(user=user).count() >= MOST_SEARCHES:
        raise TooMany
    saved = SavedSearch(user=user, query_string=query_string, searched_until=at)
    saved.name = name or suggested_name(query_string)
    set_alert(saved, alert or SavedSearch.Alert.NEVER, at)
    return saved, True


def set_alert(saved: SavedSearch, alert: str, at: dt.datetime) -> None:
    """Set how often results are mailed, and save. Mails hold what becomes public after they were turned on."""
    if alert != SavedSearch.Alert.NEVER and saved.alert == SavedSearch.Alert.NEVER:
        notice(at)
        saved.searched_until = at
    saved.alert = alert
    saved.save()


def public_query(saved: SavedSearch, at: dt.datetime) -> SearchQuery | None:
    """The query of `saved` as the public may run it; None where it is no valid search any more."""
    filters = SearchFilters(QueryDict(saved.query_string), ANONYMOUS, at)
    try:
        query = filters.query(lambda: _favorites_of(saved))
    except BadRequest:
        return None
    return None if query is None or query.is_empty else query


def public_results(query: SearchQuery, at: dt.datetime) -> list[Abstract]:
    """The abstracts that match all of `query`, as the public may see them at `at`."""
    try:
        results = search(query, ANONYMOUS, at)
        return list(results[: results.with_all])
    except IndexDamaged:
        with without_index():
            return list(search(query, ANONYMOUS, at))


def results_among(query: SearchQuery, abstracts: frozenset[int], at: dt.datetime) -> list[Abstract]:
    """Those of `abstracts` (primary keys) that match all of `query`, as the public may see them at `at`."""
    among = abstracts if query.among is None else abstracts & query.among
    return public_results(dataclasses.replace(query, among=among), at) if among else []


def _favorites_of(saved: SavedSearch) -> frozenset[int]:
    return frozenset(Favorite.unfiltered.filter(list__user=saved.user_id).values_list("abstract_id", flat=True))
