"""Whose favorites a request is about, and which of them its viewer may see.

A signed-in user has lists on every device: the home list, to which stars go and which has no name, and named ones.
Anybody else has a home list for as long as the browser stays open: the session holds its id, and there is no session
before the first favorite.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F, Q, QuerySet

from abstracts.visibility import ArchiveRequest, LawfulQuerySet, Viewer

from ..models import Favorite, FavoritesList

SESSION_KEY = "favorites_list"
OWN_ORDER = (F("position").asc(nulls_last=True), "added_at", "pk")


@dataclass
class Owner:
    """Who owns the favorites of a request: a user, or else a browser session; and who looks at them when."""

    viewer: Viewer
    at: dt.datetime
    session: SessionBase
    has_session_cookie: bool
    user_id: int | None = None

    @property
    def list_id(self) -> int | None:
        """The list of the browser session. Without a session nothing looks for one, so that no page depends on it."""
        return self.session.get(SESSION_KEY) if self.has_session_cookie or self.session.modified else None


def owner_of(request: ArchiveRequest) -> Owner:
    has_cookie = settings.SESSION_COOKIE_NAME in request.COOKIES
    # To look at the user is to look at the session.
    user_id = request.user.pk if has_cookie or request.session.modified else None
    return Owner(request.viewer, request.at, request.session, has_cookie, user_id)


class Saved:
    """The favorites on all lists of an owner that the law lets them see. One query, when first used."""

    def __init__(self, owner: Owner):
        self._owner = owner

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        if not (self._owner.user_id or self._owner.list_id):
            # Almost every page: to compile a query that has no rows took a tenth of it.
            return []
        return list(visible_favorites(self._owner).values_list("list_id", "abstract_id"))

    @cached_property
    def ids(self) -> frozenset[int]:
        """Primary keys of the abstracts."""
        return frozenset(abstract for _, abstract in self._places)

    @property
    def count(self) -> int:
        return len(self.ids)

    @cached_property
    def by_list(self) -> Counter[int]:
        """How many there are on each list, by its primary key."""
        return Counter(list_id for list_id, _ in self._places)


def visible_favorites(owner: Owner) -> LawfulQuerySet:
    """The favorites on all lists of `owner` that the law lets them see."""
    return Favorite.objects.visible_to(owner.viewer, owner.at).filter(owned_by(owner, "list__"))


def visible_on(owner: Owner, favorites_list: FavoritesList | None) -> LawfulQuerySet:
    """The favorites on one list of `owner` (None: the home list) that the law lets them see."""
    on_all = visible_favorites(owner)
    return on_all.filter(list=favorites_list) if favorites_list else on_all.filter(list__name="")


def abstracts_on(owner: Owner, favorites_list: FavoritesList, keys: Collection[str]) -> list[int]:
    """The primary keys of the abstracts with these public keys, of those on a list of `owner` that they may see."""
    if not keys:
        return []
    rows = visible_on(owner, favorites_list).filter(abstract__key__in=keys)
    return list(rows.values_list("abstract_id", flat=True))


def lists_of(owner: Owner) -> QuerySet[FavoritesList]:
    """All lists of `owner`: the home list, then the named ones by name."""
    return FavoritesList.objects.filter(owned_by(owner))


def home_of(owner: Owner) -> FavoritesList | None:
    """The home list; None before the first favorite."""
    return lists_of(owner).filter(name="").first()


def list_of(owner: Owner, pk: int | None) -> FavoritesList | None:
    """The list `pk` of `owner` (None: the home list); None where `owner` has no such list."""
    return lists_of(owner).filter(pk=pk).first() if pk else home_of(owner)


def locked_home(owner: Owner) -> FavoritesList | None:
    """The home list, locked: whoever changes any list of the same owner waits until this transaction ends."""
    return lists_of(owner).select_for_update().filter(name="").first()


def home_for_writing(owner: Owner) -> FavoritesList:
    """The home list, locked; created where there is none."""
    if owner.user_id:
        FavoritesList.objects.get_or_create(user_id=owner.user_id, name="")
        return lists_of(owner).select_for_update().get(name="")
    home = locked_home(owner)
    if not home:
        home = FavoritesList.objects.create()
        owner.session[SESSION_KEY] = home.pk
        owner.session.set_expiry(0)
    # The session is to live as long as the list.
    owner.session.modified = True
    return home


def owned_by(owner: Owner, prefix: str = "") -> Q:
    """The condition that a list, `prefix` away, belongs to `owner`."""
    if owner.user_id:
        return Q(**{f"{prefix}user": owner.user_id})
    if owner.list_id:
        return Q(**{f"{prefix}pk": owner.list_id, f"{prefix}user": None})
    return Q(pk__in=[])
