"""Finds the new results of a saved search and records them, to be mailed."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from ...models import AlertResult, PublicSince, SavedSearch
from ..saved import public_query, results_among

Alert = SavedSearch.Alert


def due_searches(at: dt.datetime) -> list[int]:
    """Primary keys of the searches to run at `at`.

    Daily ones once a UTC day, weekly ones once an ISO week; those for releases where anything was released since.
    """
    week = at.date() - dt.timedelta(days=at.weekday())
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = dt.datetime.combine(week, dt.time(), dt.UTC)
    released = Exists(PublicSince.objects.filter(released_at__gt=OuterRef("searched_until")))
    is_due = (
        (Q(alert=Alert.RELEASE) & Q(released))
        | Q(alert=Alert.DAILY, searched_until__lt=today)
        | Q(alert=Alert.WEEKLY, searched_until__lt=monday)
    )
    return list(SavedSearch.objects.filter(is_due, user__is_active=True).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def record_new_results(pk: int, at: dt.datetime) -> bool:
    """Record what is new to the search `pk` since it last ran; False where it is no valid search any more.

    The lock lets one process at a time do it, and the row says up to when it was done: a second one finds nothing.
    """
    saved = SavedSearch.objects.select_for_update().filter(pk=pk).first()
    if saved is None or saved.searched_until >= at or saved.alert == Alert.NEVER:
        return True
    query = public_query(saved, at)
    if query is not None:
        results = results_among(query, _new_abstracts(saved), at)
        rows = [AlertResult(search=saved, abstract_id=abstract.pk, found_at=at) for abstract in results]
        AlertResult.objects.bulk_create(rows, ignore_conflicts=True)
    saved.searched_until = at
    saved.save(update_fields=["searched_until"])
    return query is not None


def _new_abstracts(saved: SavedSearch) -> frozenset[int]:
    since = saved.searched_until
    new = Q(released_at__gt=since)
    if saved.alert != Alert.RELEASE:
        new |= Q(listed_at__gt=since)
    known = AlertResult.objects.filter(search=saved)
    rows = PublicSince.objects.filter(new).exclude(abstract__in=known.values("abstract"))
    return frozenset(rows.values_list("abstract_id", flat=True))
