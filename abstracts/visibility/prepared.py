"""Queries whose SQL is compiled once and then run with other primary keys.

Django takes several times as long to compile such a query as the database takes to answer it, and every page runs
many. Django still writes the SQL, from a queryset; only the text is kept.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import QuerySet

# SQL is kept for these numbers of keys. Fewer keys are padded with the last one; more are split over several queries.
SIZES = (1, 5, 20, 50, 100, 200, 500)
# SQL is kept for so many scopes of viewers (`Viewer.scope`); the press have one for each set of meetings.
SCOPES = 32
# A placeholder for the instant of each run.
SOME_INSTANT = dt.datetime(1871, 2, 3, 4, 5, 6, 789, tzinfo=dt.UTC)


class _Key(NamedTuple):
    """Placeholder for the key at `position`."""

    position: int


class _Instant(NamedTuple):
    """Placeholder for the instant."""


class _Statement(NamedTuple):
    """SQL, its parameters (some are placeholders), and converters: (column index, functions, column)."""

    sql: str
    parameters: list[Any]
    converters: list[tuple[int, list[Any], Any]]


class PreparedQuery:
    """The rows of `build(keys)`, a queryset with its keys in one `…__in` that ends in `values_list` of columns.

    The queryset must not depend on anything else that changes, except an instant, which it gives as SOME_INSTANT.
    """

    def __init__(self, model: Any, build: Callable[[list[int]], QuerySet]):
        self.model, self._build = model, build
        self._statements: dict[tuple[str, int], _Statement] = {}

    def rows(self, keys: Sequence[Any], at: dt.datetime | None = None) -> Iterator[Sequence[Any]]:
        """The rows for `keys`, in one query for each 500 keys; the order of the queryset holds within each query."""
        for start in range(0, len(keys), SIZES[-1]):
            yield from self._run(list(keys[start : start + SIZES[-1]]), at)

    def all(self) -> Iterator[Sequence[Any]]:
        """The rows of a queryset without keys."""
        return self._run([0], None)

    def _run(self, keys: list[Any], at: dt.datetime | None) -> Iterator[Sequence[Any]]:
        size = next(size for size in SIZES if size >= len(keys))
        keys += [keys[-1]] * (size - len(keys))
        connection = connections[router.db_for_read(self.model)]
        statement = self._statements.get((connection.vendor, size))
        if statement is None:
            statement = self._statements[connection.vendor, size] = _compile(self._build, size, connection)
        instant = connection.ops.adapt_datetimefield_value(at)
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, [_fill(parameter, keys, instant) for parameter in statement.parameters])
            rows = cursor.fetchall()
        return _convert(rows, statement.converters, connection) if statement.converters else iter(rows)


def _fill(parameter: Any, keys: list[Any], instant: Any) -> Any:
    if isinstance(parameter, _Key):
        return keys[parameter.position]
    return instant if isinstance(parameter, _Instant) else parameter


def _compile(build: Callable[[list[int]], QuerySet], size: int, connection: Any) -> _Statement:
    # Numbers that are no key and no other parameter; a text column turns them into text.
    numbers = [-(10**12) - index for index in range(size)]
    placeholders: dict[Any, Any] = {kind(n): _Key(index) for index, n in enumerate(numbers) for kind in (int, str)}
    placeholders[connection.ops.adapt_datetimefield_value(SOME_INSTANT)] = _Instant()
    compiler = build(numbers).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select]
    converters = [(index, *converter) for index, converter in compiler.get_converters(columns).items()]
    return _Statement(sql, [placeholders.get(parameter, parameter) for parameter in parameters], converters)


def _convert(rows: list, converters: list[tuple[int, list[Any], Any]], connection: Any) -> Iterator[list[Any]]:
    for row in map(list, rows):
        for index, functions, column in converters:
            for function in functions:
                row[index] = function(row[index], column, connection)
        yield row
