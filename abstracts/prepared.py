"""Queries for columns by primary keys, whose SQL is put together once.

Django takes several times as long to put such a query together as the database to answer it, and pages are made of
them. It still writes the SQL, from a queryset; what is remembered of that is the text, into which other keys go.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import QuerySet

# Numbers of keys for which SQL is kept: fewer are filled up with the last one again, more are asked for plainly.
SIZES = (1, 5, 20, 50, 100, 200, 500)


class Prepared:
    """Rows of `shape(keys)`, a queryset made by `values_list` of columns that holds its keys in one `…__in`."""

    def __init__(self, model: Any, shape: Callable[[list[int]], QuerySet]):
        self.model, self._shape = model, shape
        self._made: dict[tuple[str, int], tuple[str, list[Any], list[tuple[int, list[Any], Any]]]] = {}

    def rows(self, keys: Sequence[int]) -> Iterator[Sequence[Any]]:
        """The rows of those of `keys` that there are; no query for no keys."""
        if not keys:
            return iter(())
        size = next((size for size in SIZES if size >= len(keys)), None)
        if size is None:
            return iter(self._shape(list(keys)))
        return self._asked([*keys, *([keys[-1]] * (size - len(keys)))])

    def _asked(self, keys: list[int]) -> Iterator[Sequence[Any]]:
        alias = router.db_for_read(self.model)
        connection = connections[alias]
        made = self._made.get((connection.vendor, len(keys)))
        if made is None:
            made = self._made[connection.vendor, len(keys)] = _put_together(self._shape, len(keys), alias)
        sql, parameters, converters = made
        with connection.cursor() as cursor:
            cursor.execute(sql, [keys[one.place] if isinstance(one, _Place) else one for one in parameters])
            found = cursor.fetchall()
        return _converted(found, converters, connection) if converters else iter(found)


class _Place(NamedTuple):
    """Where a key goes."""

    place: int


def _put_together(shape: Callable[[list[int]], QuerySet], size: int, alias: str) -> Any:
    # Numbers that no key has, nor any other parameter.
    places = {-(10**12) - place: _Place(place) for place in range(size)}
    compiler = shape(list(places)).query.get_compiler(using=alias)
    sql, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select]
    converters = [(place, *how) for place, how in compiler.get_converters(columns).items()]
    return sql, [places.get(one, one) for one in parameters], converters


def _converted(rows: list, converters: list[tuple[int, list[Any], Any]], connection: Any) -> Iterator[list[Any]]:
    for row in map(list, rows):
        for place, how, column in converters:
            for convert in how:
                row[place] = convert(row[place], column, connection)
        yield row
