"""Finds the new results of a saved search and writes them down, to be told."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ...models import PublicSince, SavedSearch, ToldResult
from ..saved import found_among, public_query

Alert = SavedSearch.Alert


def due(at: dt.datetime) -> list[int]:
    """Primary keys of the searches to look through at `at`.

    Daily ones once a UTC day, weekly ones once an ISO week; those for releases where anything was released since.
    """
    week = at.date() - dt.timedelta(days=at.weekday())
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = dt.datetime.combine(week, dt.time(), dt.UTC)
    released = Exists(PublicSince.objects.filter(released_at__gt=OuterRef("looked_until")))
    is_due = (
        (Q(alert=Alert.RELEASE) & Q(released))
        | Q(alert=Alert.DAILY, looked_until__lt=today)
        | Q(alert=Alert.WEEKLY, looked_until__lt=monday)
    )
    return list(SavedSearch.objects.filter(is_due, user__is_active=True).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def find(pk: int, at: dt.datetime) -> bool:
    """Write down what is new to the search `pk` since it was last looked through; False where it is no valid search.

    The lock lets one process at a time do it, and the row says how far it was done: the second finds nothing.
    """
    saved = SavedSearch.objects.select_for_update().filter(pk=pk).first()
    if saved is None or saved.looked_until >= at or saved.alert == Alert.NEVER:
        return True
    query = public_query(saved, at)
    if query is not None:
        results = found_among(query, _new_for(saved), at)
        rows = [ToldResult(search=saved, abstract_id=abstract.pk, found_at=at) for abstract in results]
        ToldResult.objects.bulk_create(rows, ignore_conflicts=True)
    saved.looked_until = at
    saved.save(update_fields=["looked_until"])
    return query is not None


def _new_for(saved: SavedSearch) -> frozenset[int]:
    since = saved.looked_until
    new = Q(released_at__gt=since)
    if saved.alert != Alert.RELEASE:
        new |= Q(listed_at__gt=since)
    told = ToldResult.objects.filter(search=saved)
    fresh = PublicSince.objects.filter(new).exclude(abstract__in=told.values("abstract"))
    return frozenset(fresh.values_list("abstract_id", flat=True))
