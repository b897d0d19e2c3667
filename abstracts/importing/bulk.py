"""Many rows at once: what takes time is done before the transaction, so that it is short.

Primary keys are reserved, fields derived and values adapted first. What is left is to hand the rows to the database.
The caller says which abstracts changed (`after_change`): no signal is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from ..models import AuthorAffiliation
from ..models.base import ArchiveModel
from ..models.chunks import in_chunks
from ..models.history import record_deletions


class Keys:
    """Primary keys for rows that do not exist yet. A check writes nothing, so it gets negative ones."""

    def __init__(self, is_check: bool = False):
        self.is_check = is_check
        self.last = 0

    def take(self, model: type[Model], count: int) -> list[int]:
        """`count` primary keys that no row of `model` has or will have."""
        if self.is_check:
            self.last -= count
            return list(range(self.last, self.last + count))
        return _reserve(model, count) if count else []

    def give(self, objects: Sequence[Model]) -> None:
        """Give each of `objects`, of one model, its primary key."""
        if objects:
            for row, pk in zip(objects, self.take(type(objects[0]), len(objects)), strict=True):
                row.pk = pk


def _reserve(model: type[Model], count: int) -> list[int]:
    """Gaps of what is not written after all do not matter; reserved keys are not given out again."""
    table, column = model._meta.db_table, model._meta.pk.column
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [f'"{table}"', column, count])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [count, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone()
        return list(range(last - count + 1, last + 1))


class Rows(NamedTuple):
    """Rows of one table, with values as the database takes them."""

    table: str
    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]


def rows_of(objects: Iterable[Model]) -> list[Rows]:
    """`objects`, of one model and with primary keys, derived and adapted; an empty list if there are none."""
    objects = list(objects)
    if not objects:
        return []
    for row in objects:
        if isinstance(row, ArchiveModel):
            row.derive()
    fields = objects[0]._meta.concrete_fields
    values = [
        tuple(field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields) for row in objects
    ]
    return [Rows(objects[0]._meta.db_table, tuple(str(field.column) for field in fields), values)]


def insert(rows: Rows) -> None:
    """Write `rows`."""
    columns = ", ".join(map(connection.ops.quote_name, rows.columns))
    table = connection.ops.quote_name(rows.table)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows.values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(rows.columns))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows.values)  # noqa: S608 (ours)


def changes_of(objects: Iterable[Model], names: Sequence[str]) -> list[Rows]:
    """The columns `names` of `objects`, of one model, for `update`; the primary key is the last one."""
    objects = list(objects)
    if not objects:
        return []
    meta = objects[0]._meta
    fields = [*(field for name in names for field in meta.concrete_fields if field.column == name), meta.pk]
    values = [
        tuple(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields) for row in objects
    ]
    return [Rows(meta.db_table, tuple(str(field.column) for field in fields), values)]


def update(rows: Rows) -> None:
    """Write `rows`, of which the last column is the primary key. Derived fields are the caller's.

    PostgreSQL takes them as one statement from a temporary table. The caller has locked the rows, so that nobody's
    change is overwritten that was committed while this waited.
    """
    quote = connection.ops.quote_name
    *columns, pk = map(quote, rows.columns)
    table = quote(rows.table)
    if connection.vendor != "postgresql":
        changes = ", ".join(f"{column} = %s" for column in columns)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE {pk} = %s", rows.values)  # noqa: S608 (ours)
        return
    names = ", ".join([*columns, pk])
    changes = ", ".join(f"{column} = changed.{column}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE changed ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608 (ours)
        insert(Rows("changed", rows.columns, rows.values))
        cursor.execute(f"UPDATE {table} SET {changes} FROM changed WHERE {table}.{pk} = changed.{pk}")  # noqa: S608 (ours)
        cursor.execute("DROP TABLE changed")


def delete_children(model: Any, abstracts: Iterable[int]) -> None:
    """Delete the rows of `model` that belong to `abstracts`; its history keeps them."""
    for chunk in in_chunks(abstracts):
        rows: QuerySet = QuerySet(model).order_by().filter(**{f"{_path_to_abstract(model)}__in": chunk})
        record_deletions(model, rows.values_list("pk", flat=True))
        rows._raw_delete(rows.db)


def _path_to_abstract(model: Any) -> str:
    return "author__abstract" if model is AuthorAffiliation else "abstract"
