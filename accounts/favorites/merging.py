"""What becomes of the list of a browser session: it joins the user's at sign-in, or goes after the session."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from ..models import Favorite, FavoritesChange, FavoritesList, User
from .items import in_own_order, insert, items, number


@transaction.atomic
def merge(list_pk: int, user: User) -> None:
    """Move the anonymous list into the home list of `user`. Twice is once.

    The union, each item with its earlier date and both notes; what is new comes after what was there, in its own
    order; what could be undone still can.
    """
    anonymous = FavoritesList.objects.select_for_update().filter(pk=list_pk, user=None).first()
    if not anonymous:
        return
    FavoritesList.objects.get_or_create(user=user, name="")
    home = FavoritesList.objects.select_for_update().get(user=user, name="")
    theirs, mine = in_own_order(anonymous), in_own_order(home)
    was_ordered = any(row.position for row in [*theirs, *mine])
    insert({}, home, [item._replace(position=None) for item in items(theirs)])
    _keep_earlier(home, {row.abstract_id: row.added_at for row in theirs})
    if was_ordered:
        _keep_order(home, [row.abstract_id for row in [*mine, *theirs]])
    FavoritesChange.objects.filter(home=anonymous).update(home=home)
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


def _keep_earlier(home: FavoritesList, dates: dict[int, dt.datetime]) -> None:
    rows = Favorite.unfiltered.filter(list=home, abstract__in=dates)
    late = [row for row in rows if row.added_at > dates[row.abstract_id]]
    for row in late:
        row.added_at = dates[row.abstract_id]
    Favorite.unfiltered.bulk_update(late, ["added_at"], batch_size=200)


def _keep_order(home: FavoritesList, abstracts: list[int]) -> None:
    place: dict[int, int] = {}
    for abstract in abstracts:
        place.setdefault(abstract, len(place))
    number(sorted(in_own_order(home), key=lambda row: place.get(row.abstract_id, len(place))))
