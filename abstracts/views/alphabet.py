"""The letters of an index: which ones there are, and what stands under each.

Works on folded sort keys by ranges, so that the database finds each in its index: digits before "a", letters, and
after "z" what has no Latin letter.
"""

from collections.abc import Collection
from string import ascii_lowercase

from django.db import connections
from django.db.models import Q, QuerySet

DIGITS, OTHERS = "0-9", "other"
GROUPS = (DIGITS, *ascii_lowercase, OTHERS)
LABELS = {group: group.upper() for group in ascii_lowercase} | {DIGITS: "0–9", OTHERS: "#"}


# Stand for the bounds of a range in SQL that is compiled once for many.
_LOW, _HIGH = "\x01low", "\x01high"


def within(prefix: str, field: str) -> Q:
    """Condition: the key `field` stands under `prefix`, one of GROUPS or ASCII letters, as an index finds it."""
    if prefix == OTHERS:
        return Q(**{f"{field}__gte": "z"}) & ~Q(**{f"{field}__startswith": "z"})
    if prefix[-1] == "z":
        return Q(**{f"{field}__gte": prefix, f"{field}__startswith": prefix})
    low, high = _range(prefix)
    return Q(**{f"{field}__gte": low, f"{field}__lt": high})


def group_of(key: str) -> str:
    """The group under which `key` stands."""
    if key < "a":
        return DIGITS
    return key[0] if key[0] in ascii_lowercase else OTHERS


def first_keys(rows: QuerySet, field: str, prefixes: Collection[str]) -> dict[str, str]:
    """For each of `prefixes` (groups, or ASCII letters) under which any of `rows` stands, the first key there.

    One query. What letters ask differs in two values only: it is compiled once and repeated, for compiling it anew
    for each of them took longer than all the rest of the page.
    """
    ranges = {prefix: _range(prefix) for prefix in prefixes if prefix != OTHERS and prefix[-1] != "z"}
    others = [prefix for prefix in prefixes if prefix not in ranges]
    sql, params = _first_key(rows.filter(**{f"{field}__gte": _LOW, f"{field}__lt": _HIGH}), field)
    asked = [(sql, _put(params, *bounds)) for bounds in ranges.values()]
    asked += [_first_key(rows.filter(within(prefix, field)), field) for prefix in others]
    with connections[rows.db].cursor() as cursor:
        columns = ", ".join(f"({sql})" for sql, _ in asked)
        cursor.execute(f"SELECT {columns}", [value for _, params in asked for value in params])
        found = dict(zip([*ranges, *others], cursor.fetchone(), strict=True))
    return {prefix: found[prefix] for prefix in prefixes if found[prefix] is not None}


def _first_key(rows: QuerySet, field: str) -> tuple[str, tuple]:
    return rows.order_by(field).values(field)[:1].query.sql_with_params()


def _put(params: tuple, low: str, high: str) -> list:
    bounds = {_LOW: low, _HIGH: high}
    return [bounds.get(value, value) if isinstance(value, str) else value for value in params]


def _range(prefix: str) -> tuple[str, str]:
    if prefix == DIGITS:
        return "", "a"
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)
