"""History: for each change of a row, one row that says what the database held afterwards.

The rows are copied in SQL. django-simple-history stores the object in memory instead, which may hold values that were
never saved (`save(update_fields=…)`) or that the same transaction has changed since (the instants of the embargo); and
it does not see `update` at all.

Rows are written when the outermost `recording` ends, so an abstract that is saved and whose embargo is resolved again
by the same change has one row.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model
from simple_history.models import SIMPLE_HISTORY_REVERSE_ATTR_NAME, HistoricalRecords

from .. import clock
from .chunks import in_chunks

CREATED, CHANGED, DELETED = "+", "~", "-"
LONGEST_REASON = 100


class _Cause(NamedTuple):
    """What a history row says besides the values. `effect` is "" for a row that somebody changed directly."""

    kind: str = CHANGED
    reason: str = ""
    effect: str = ""
    user: int | None = None

    def joined(self, other: _Cause) -> _Cause:
        """The cause of one row for two changes: creation and direct changes say more than effects."""
        first, second = sorted((self, other), key=lambda cause: (cause.kind != CREATED, cause.effect != ""))
        return first._replace(reason=first.reason or second.reason, user=first.user or second.user)


class _Recording:
    """The rows changed so far in a `recording`."""

    def __init__(self, reason: str, user: int | None):
        self.reason, self.user = reason, user
        self.causes: dict[type[Model], dict[int, _Cause]] = defaultdict(dict)

    def add(self, model: type[Model], pk: int, cause: _Cause) -> None:
        causes = self.causes[model]
        causes[pk] = causes[pk].joined(cause) if pk in causes else cause

    def write(self) -> None:
        for model, causes in self.causes.items():
            by_cause = defaultdict(list)
            for pk, cause in causes.items():
                by_cause[cause].append(pk)
            for cause, pks in by_cause.items():
                _copy_rows(model, pks, cause)


_current: ContextVar[_Recording | None] = ContextVar("recording", default=None)


@contextmanager
def recording(reason: str = "", user: Any = None) -> Iterator[None]:
    """Write one history row for each row that changes inside, when it ends; none if it fails.

    `gate.passing` opens one for every write. Of nested ones the outermost writes. `reason` and `user` default to those
    of the one around it, then to no reason and the user of the request.
    """
    outer = _current.get()
    if outer:
        inner = _Recording(reason or outer.reason, user.pk if user else outer.user)
    else:
        inner = _Recording(reason, user.pk if user else _user_of_request())
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)
    if connection.needs_rollback:
        return
    if not outer:
        inner.write()
        return
    for model, causes in inner.causes.items():
        for pk, cause in causes.items():
            outer.add(model, pk, cause)


def record_changes(model: type[Model], pks: Iterable[int], effect: str = "", created: bool = False) -> None:
    """Record that the rows `pks` of `model` changed, if it has a history.

    `effect` says why a row changed that nobody changed directly: “embargo resolved again …”.
    """
    if not hasattr(model, "history"):
        return
    with recording():
        if current := _current.get():
            cause = _Cause(CREATED if created else CHANGED, current.reason, effect, current.user)
            for pk in pks:
                current.add(model, pk, cause)


def record_deletions(model: type[Model], pks: Iterable[int]) -> None:
    """Write the history rows of rows that are about to be deleted, if the model has a history."""
    if not hasattr(model, "history"):
        return
    current = _current.get()
    reason, user = (current.reason, current.user) if current else ("", _user_of_request())
    _copy_rows(model, pks, _Cause(DELETED, reason, user=user))


class History(HistoricalRecords):
    """The history of a model, written as this module's head says."""

    def post_save(self, instance, created, using=None, **kwargs):
        if not kwargs.get("raw"):
            record_changes(type(instance), [instance.pk], created=created)

    def pre_delete(self, instance, **kwargs):
        record_deletions(type(instance), [instance.pk])

    def post_delete(self, instance, using=None, **kwargs):
        """Nothing: the row was recorded while it was there."""

    def get_extra_fields(self, model, fields):
        """Those of the library, but a former state as an instance holds only what the history holds. The library would
        read excluded fields from the row of today."""

        def instance(former: Model) -> Model:
            row = model(**{field.attname: getattr(former, field.attname) for field in fields.values()})
            setattr(row, SIMPLE_HISTORY_REVERSE_ATTR_NAME, former)
            return row

        return super().get_extra_fields(model, fields) | {"instance": property(instance)}


def _user_of_request() -> int | None:
    request = getattr(HistoricalRecords.context, "request", None)
    return getattr(getattr(request, "user", None), "pk", None)


def _copy_rows(model: type[Model], pks: Iterable[int], cause: _Cause) -> None:
    reason = ": ".join(filter(None, [cause.reason, cause.effect]))
    now = connection.ops.adapt_datetimefield_value(clock.now())
    values = [now, cause.kind, reason[:1].upper() + reason[1:LONGEST_REASON] or None, cause.user]
    with connection.cursor() as cursor:
        for chunk in in_chunks(sorted(pks)):
            cursor.execute(_copying(model) % ", ".join(["%s"] * len(chunk)), [*values, *chunk])


@functools.cache
def _copying(model: type[Model]) -> str:
    """SQL that copies rows of `model` to its history; a place for the marks of their primary keys is left open."""
    history = model.history  # type: ignore[attr-defined]
    former, excluded = history.model._meta.db_table, history.model._history_excluded_fields
    columns = ", ".join(str(field.column) for field in model._meta.concrete_fields if field.name not in excluded)
    return (
        f"INSERT INTO {former}"  # noqa: S608 (names of ours)
        f" ({columns}, history_date, history_type, history_change_reason, history_user_id)"
        f" SELECT {columns}, %%s, %%s, %%s, %%s FROM {model._meta.db_table} WHERE id IN (%s) ORDER BY id"
    )
