"""Favorites: whose list a request speaks of, and all that can be done to it.

A signed-in user has one list, on every device. Anybody else has one for as long as the browser stays open: the
session holds its id, and there is no session before the first favorite.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Least
from django.http import HttpRequest

from abstracts.models import Abstract
from abstracts.visibility import LawfulQuerySet

from .models import Favorite, FavoritesList, User

SESSION_KEY = "favorites_list"


class NothingSaved:
    """What a visitor without a session has: the same constant for everybody."""

    ids: frozenset[int] = frozenset()
    count = 0


class Saved:
    """The favorites of a request, as pages show them: what the law lets this viewer see. One query, when looked at."""

    def __init__(self, request: HttpRequest):
        self._request = request

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(visible_favorites(self._request).values_list("abstract_id", flat=True))

    @property
    def count(self) -> int:
        return len(self.ids)


def saved(request: HttpRequest) -> Saved | NothingSaved:
    """The favorites of `request`; nothing, and no look at the session, where no session cookie came or was made."""
    return Saved(request) if _has_session(request) else NothingSaved()


def visible_favorites(request: HttpRequest) -> LawfulQuerySet:
    """The favorites of `request` that its viewer may see."""
    return Favorite.objects.visible_to(request.viewer, request.at).filter(_whose(request, "list__"))


def list_of(request: HttpRequest) -> FavoritesList | None:
    """The list of `request`, where there is one."""
    return FavoritesList.objects.filter(_whose(request)).first()


def _has_session(request: HttpRequest) -> bool:
    """Whether the visitor brought a session, or got one just now."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.session.modified


def _whose(request: HttpRequest, prefix: str = "") -> Q:
    if not _has_session(request):
        return Q(pk__in=[])
    if request.user.is_authenticated:
        return Q(**{f"{prefix}user": request.user.pk})
    if pk := request.session.get(SESSION_KEY):
        return Q(**{f"{prefix}pk": pk, f"{prefix}user": None})
    return Q(pk__in=[])


@transaction.atomic
def add(request: HttpRequest, abstract: int) -> None:
    """Save the abstract with this primary key. Twice is once."""
    favorites = _list_for_writing(request)
    _insert(favorites, [(abstract, request.at)])


def remove(request: HttpRequest, abstract: int) -> None:
    """Take the abstract with this primary key off the list, where it is on it."""
    Favorite.unfiltered.filter(_whose(request, "list__"), abstract=abstract).delete()


@transaction.atomic
def clear(request: HttpRequest) -> None:
    """Take everything off the list, hidden items too, and remember it for `restore`.

    An empty list stays as it is: a second click must not forget what the first one took.
    """
    favorites = FavoritesList.objects.select_for_update().filter(_whose(request)).first()
    items = Favorite.unfiltered.filter(list=favorites)
    taken = [[abstract, added_at.isoformat()] for abstract, added_at in items.values_list("abstract_id", "added_at")]
    if favorites and taken:
        favorites.cleared = taken
        favorites.save(update_fields=["cleared"])
        items.delete()


@transaction.atomic
def restore(request: HttpRequest) -> None:
    """Undo the last `clear`; what was added since stays."""
    favorites = FavoritesList.objects.select_for_update().filter(_whose(request)).first()
    if not favorites or not favorites.cleared:
        return
    taken = [(abstract, dt.datetime.fromisoformat(added_at)) for abstract, added_at in favorites.cleared]
    _insert(favorites, _still_there(taken))
    favorites.cleared = []
    favorites.save(update_fields=["cleared"])


@transaction.atomic
def merge(list_pk: int, user: User) -> None:
    """Move the anonymous list into the list of `user`: the union, each item with its earlier date. Twice is once."""
    anonymous = FavoritesList.objects.select_for_update().filter(pk=list_pk, user=None).first()
    if not anonymous:
        return
    FavoritesList.objects.get_or_create(user=user)
    own = FavoritesList.objects.select_for_update().get(user=user)
    items = list(Favorite.unfiltered.filter(list=anonymous).values_list("abstract_id", "added_at"))
    _insert(own, items)
    _keep_earlier(own, dict(items))
    anonymous.delete()


def delete_abandoned(at: dt.datetime) -> int:
    """Delete the anonymous lists whose sessions ended before `at`: how many.

    A session outlives the last favorite added to its list by SESSION_COOKIE_AGE at most.
    """
    since = at - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    old = FavoritesList.objects.filter(user=None, created_at__lt=since)
    abandoned = old.annotate(recent=Count("favorite", filter=Q(favorite__added_at__gte=since))).filter(recent=0)
    pks = list(abandoned.values_list("pk", flat=True))
    FavoritesList.objects.filter(pk__in=pks).delete()
    return len(pks)


def _list_for_writing(request: HttpRequest) -> FavoritesList:
    if request.user.is_authenticated:
        return FavoritesList.objects.get_or_create(user=request.user)[0]
    # Locked, so that signing in elsewhere does not merge it away under our feet.
    favorites = FavoritesList.objects.select_for_update().filter(_whose(request)).first()
    if not favorites:
        favorites = FavoritesList.objects.create()
        request.session[SESSION_KEY] = favorites.pk
        request.session.set_expiry(0)
    # The session is to live on with the list.
    request.session.modified = True
    return favorites


def _insert(favorites: FavoritesList, items: Iterable[tuple[int, dt.datetime]]) -> None:
    rows = [Favorite(list=favorites, abstract_id=abstract, added_at=added_at) for abstract, added_at in items]
    Favorite.unfiltered.bulk_create(rows, ignore_conflicts=True)


def _still_there(items: list[tuple[int, dt.datetime]]) -> list[tuple[int, dt.datetime]]:
    # Unfiltered: an abstract hidden by now comes back to the list, as it would have stayed on it. Nothing of it shows.
    pks = Abstract.unfiltered.filter(pk__in=[pk for pk, _ in items]).values_list("pk", flat=True)
    there = set(pks)
    return [item for item in items if item[0] in there]


def _keep_earlier(favorites: FavoritesList, dates: dict[int, dt.datetime]) -> None:
    rows = list(Favorite.unfiltered.filter(list=favorites, abstract__in=dates))
    late = [row for row in rows if row.added_at > dates[row.abstract_id]]
    for row in late:
        row.added_at = Least(F("added_at"), Value(dates[row.abstract_id]))  # type: ignore[assignment]
    Favorite.unfiltered.bulk_update(late, ["added_at"], batch_size=200)
