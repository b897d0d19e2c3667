"""Queries for columns by primary keys, whose SQL is put together once.

Django takes several times as long to put such a query together as the database to answer it, and pages are made of
them. It still writes the SQL, from a queryset; what is remembered of that is the text, into which other keys go.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import QuerySet

# Numbers of keys for which SQL is kept: fewer are filled up with the last one again, more are asked for in parts.
SIZES = (1, 5, 20, 50, 100, 200, 500)
# The instant that stands for the one which is asked for.
SOME_INSTANT = dt.datetime(1871, 2, 3, 4, 5, 6, 789, tzinfo=dt.UTC)


class _Key(NamedTuple):
    """Where a key goes."""

    place: int


class _Instant(NamedTuple):
    """Where the instant goes."""


class _Made(NamedTuple):
    """SQL; its parameters, `_Key` and `_Instant` among them; which columns are converted, and how."""

    sql: str
    parameters: list[Any]
    converters: list[tuple[int, list[Any], Any]]


class PreparedQuery:
    """Rows of `shape(keys)`: a queryset that holds its keys in one `…__in`, and ends in `values_list` of columns.

    Whatever else it depends on must not change, but for an instant, which it gives as SOME_INSTANT.
    """

    def __init__(self, model: Any, shape: Callable[[list[int]], QuerySet]):
        self.model, self._shape = model, shape
        self._made: dict[tuple[str, int], _Made] = {}

    def rows(self, keys: Sequence[Any], at: dt.datetime | None = None) -> Iterator[Sequence[Any]]:
        """The rows for `keys`, ordered as far as they are of one key; a query for each 500, none for none."""
        for start in range(0, len(keys), SIZES[-1]):
            yield from self._asked(list(keys[start : start + SIZES[-1]]), at)

    def all(self) -> Iterator[Sequence[Any]]:
        """The rows of a queryset that has no keys."""
        return self._asked([0], None)

    def _asked(self, keys: list[Any], at: dt.datetime | None) -> Iterator[Sequence[Any]]:
        size = next(size for size in SIZES if size >= len(keys))
        keys += [keys[-1]] * (size - len(keys))
        connection = connections[router.db_for_read(self.model)]
        made = self._made.get((connection.vendor, size))
        if made is None:
            made = self._made[connection.vendor, size] = _put_together(self._shape, size, connection)
        instant = connection.ops.adapt_datetimefield_value(at)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [_filled(one, keys, instant) for one in made.parameters])
            found = cursor.fetchall()
        return _converted(found, made.converters, connection) if made.converters else iter(found)


def _filled(parameter: Any, keys: list[Any], instant: Any) -> Any:
    if isinstance(parameter, _Key):
        return keys[parameter.place]
    return instant if isinstance(parameter, _Instant) else parameter


def _put_together(shape: Callable[[list[int]], QuerySet], size: int, connection: Any) -> _Made:
    # Numbers that no key has, nor any other parameter; a column of text takes them as text.
    numbers = [-(10**12) - place for place in range(size)]
    places: dict[Any, Any] = {kind(n): _Key(place) for place, n in enumerate(numbers) for kind in (int, str)}
    compiler = shape(numbers).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select]
    converters = [(place, *how) for place, how in compiler.get_converters(columns).items()]
    places[connection.ops.adapt_datetimefield_value(SOME_INSTANT)] = _Instant()
    return _Made(sql, [places.get(one, one) for one in parameters], converters)


def _converted(rows: list, converters: list[tuple[int, list[Any], Any]], connection: Any) -> Iterator[list[Any]]:
    for row in map(list, rows):
        for place, how, column in converters:
            for convert in how:
                row[place] = convert(row[place], column, connection)
        yield row
