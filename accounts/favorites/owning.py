"""Whose lists a request speaks of, and which of what is on them its viewer may see.

A signed-in user has lists on every device: the one that stars go to (`home`), and named ones. Anybody else has the
first for as long as the browser stays open: the session holds its id, and there is no session before the first
favorite.
"""

from collections import Counter
from functools import cached_property

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from abstracts.visibility import LawfulQuerySet

from ..models import Favorite, FavoritesList

SESSION_KEY = "favorites_list"
OWN_ORDER = (F("position").asc(nulls_last=True), "added_at", "pk")


class NothingSaved:
    """What a visitor without a session has: the same constant for everybody."""

    ids: frozenset[int] = frozenset()
    count = 0
    by_list: Counter[int] = Counter()


class Saved:
    """The favorites of a request, on whichever list: what the law lets this viewer see. One query, when looked at."""

    def __init__(self, request: HttpRequest):
        self._request = request

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return list(visible_favorites(self._request).values_list("list_id", "abstract_id"))

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(abstract for _, abstract in self._places)

    @property
    def count(self) -> int:
        return len(self.ids)

    @cached_property
    def by_list(self) -> Counter[int]:
        """How many there are on each list, by its primary key."""
        return Counter(own for own, _ in self._places)


def saved(request: HttpRequest) -> Saved | NothingSaved:
    """The favorites of `request`; nothing, and no look at the session, where no session cookie came or was made."""
    return Saved(request) if _has_session(request) else NothingSaved()


def visible_favorites(request: HttpRequest) -> LawfulQuerySet:
    """The favorites of `request`, on whichever list, that its viewer may see."""
    return Favorite.objects.visible_to(request.viewer, request.at).filter(whose(request, "list__"))


def visible_on(request: HttpRequest, own: FavoritesList | None) -> LawfulQuerySet:
    """What is on the list `own` of `request` (by default its home list) and its viewer may see."""
    return visible_favorites(request).filter(list=own) if own else visible_favorites(request).filter(list__name="")


def lists_of(request: HttpRequest) -> QuerySet[FavoritesList]:
    """All lists of `request`, by name; the home list, which has none, first."""
    return FavoritesList.objects.filter(whose(request))


def home_of(request: HttpRequest) -> FavoritesList | None:
    """The list that stars go to, where there is one."""
    return lists_of(request).filter(name="").first()


def list_of(request: HttpRequest, pk: int | None) -> FavoritesList | None:
    """The list `pk` of `request`, or its home list where no list is named; None where there is none."""
    return lists_of(request).filter(pk=pk).first() if pk else home_of(request)


def locked_home(request: HttpRequest) -> FavoritesList | None:
    """The home list, locked: in a transaction, whoever changes any list of the same owner waits for the others."""
    return lists_of(request).select_for_update().filter(name="").first()


def home_for_writing(request: HttpRequest) -> FavoritesList:
    """The home list, locked; made where there is none."""
    if request.user.is_authenticated:
        FavoritesList.objects.get_or_create(user=request.user, name="")
    home = locked_home(request)
    if request.user.is_authenticated and home:
        return home
    if not home:
        home = FavoritesList.objects.create()
        request.session[SESSION_KEY] = home.pk
        request.session.set_expiry(0)
    # The session is to live on with the list.
    request.session.modified = True
    return home


def whose(request: HttpRequest, prefix: str = "") -> Q:
    """The condition that a list, `prefix` away, belongs to whoever sent `request`."""
    if not _has_session(request):
        return Q(pk__in=[])
    if request.user.is_authenticated:
        return Q(**{f"{prefix}user": request.user.pk})
    if pk := request.session.get(SESSION_KEY):
        return Q(**{f"{prefix}pk": pk, f"{prefix}user": None})
    return Q(pk__in=[])


def _has_session(request: HttpRequest) -> bool:
    """Whether the visitor brought a session, or got one just now."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.session.modified
