"""The list of a browser session: it is merged into the user's home list at sign-in, or deleted after the session."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from ..models import Favorite, FavoritesChange, FavoritesList, User
from .items import BATCH, in_own_order, insert, items_of, number


@transaction.atomic
def merge(list_pk: int, user: User) -> None:
    """Merge the anonymous list `list_pk` into the home list of `user`; a second call does nothing.

    The result is the union, each item with its earlier date and both notes. New items come after the present ones, in
    their own order. What could be undone still can.
    """
    anonymous = FavoritesList.objects.select_for_update().filter(pk=list_pk, user=None).first()
    if not anonymous:
        return
    FavoritesList.objects.get_or_create(user=user, name="")
    home = FavoritesList.objects.select_for_update().get(user=user, name="")
    anonymous_rows, rows = in_own_order(anonymous), in_own_order(home)
    was_ordered = any(row.position for row in [*anonymous_rows, *rows])
    insert({}, home, [item._replace(position=None) for item in items_of(anonymous_rows)])
    _keep_earlier(home, {row.abstract_id: row.added_at for row in anonymous_rows})
    if was_ordered:
        _keep_order(home, [row.abstract_id for row in [*rows, *anonymous_rows]])
    FavoritesChange.objects.filter(home=anonymous).update(home=home)
    anonymous.delete()


def delete_abandoned(at: dt.datetime) -> int:
    """Delete the anonymous lists whose sessions ended before `at`; returns how many.

    A session outlives the last favorite added to its list by SESSION_COOKIE_AGE at most.
    """
    since = at - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    old = FavoritesList.objects.filter(user=None, created_at__lt=since)
    recent = Favorite.unfiltered.filter(list=OuterRef("pk"), added_at__gte=since)
    pks = list(old.filter(~Exists(recent)).values_list("pk", flat=True))
    FavoritesList.objects.filter(pk__in=pks).delete()
    return len(pks)


def _keep_earlier(home: FavoritesList, dates: dict[int, dt.datetime]) -> None:
    rows = Favorite.unfiltered.filter(list=home, abstract__in=dates)
    late = [row for row in rows if row.added_at > dates[row.abstract_id]]
    for row in late:
        row.added_at = dates[row.abstract_id]
    Favorite.unfiltered.bulk_update(late, ["added_at"], batch_size=BATCH)


def _keep_order(home: FavoritesList, abstracts: list[int]) -> None:
    place: dict[int, int] = {}
    for abstract in abstracts:
        place.setdefault(abstract, len(place))
    number(sorted(in_own_order(home), key=lambda row: place.get(row.abstract_id, len(place))))
