"""The letters of an index: which of them have entries, and the condition for each.

Sort keys are folded. Each letter is a range of keys, which a database index answers: digits come before "a", and keys
without a Latin letter after "z".
"""

from collections.abc import Collection
from string import ascii_lowercase

from django.db import connections
from django.db.models import Q, QuerySet

DIGITS, OTHERS = "0-9", "other"
GROUPS = (DIGITS, *ascii_lowercase, OTHERS)
LABELS = {group: group.upper() for group in ascii_lowercase} | {DIGITS: "0–9", OTHERS: "#"}


# Placeholders for the bounds of a range, in SQL that is compiled once and used for many letters.
_LOW, _HIGH = "\x01low", "\x01high"


def within(prefix: str, field: str) -> Q:
    """Condition that a database index answers: the key `field` is in `prefix`, one of GROUPS or ASCII letters."""
    if prefix == OTHERS:
        return Q(**{f"{field}__gte": "z"}) & ~Q(**{f"{field}__startswith": "z"})
    if prefix[-1] == "z":
        return Q(**{f"{field}__gte": prefix, f"{field}__startswith": prefix})
    low, high = _range(prefix)
    return Q(**{f"{field}__gte": low, f"{field}__lt": high})


def group_of(key: str) -> str:
    """The one of GROUPS that `key` belongs to."""
    if key < "a":
        return DIGITS
    return key[0] if key[0] in ascii_lowercase else OTHERS


def first_keys(rows: QuerySet, field: str, prefixes: Collection[str]) -> dict[str, str]:
    """The first key of `rows` under each of `prefixes` (groups, or ASCII letters); those without rows are left out.

    One query. Its part for one letter differs from that for another in two values, so it is compiled once: compiling it
    for each letter took longer than the rest of the page.
    """
    ranges = {prefix: _range(prefix) for prefix in prefixes if prefix != OTHERS and prefix[-1] != "z"}
    others = [prefix for prefix in prefixes if prefix not in ranges]
    sql, params = _first_key(rows.filter(**{f"{field}__gte": _LOW, f"{field}__lt": _HIGH}), field)
    parts: list[tuple[str, list]] = [(sql, _with_bounds(params, *bounds)) for bounds in ranges.values()]
    parts += [_first_key(rows.filter(within(prefix, field)), field) for prefix in others]
    with connections[rows.db].cursor() as cursor:
        columns = ", ".join(f"({sql})" for sql, _ in parts)
        cursor.execute(f"SELECT {columns}", [value for _, params in parts for value in params])
        keys = dict(zip([*ranges, *others], cursor.fetchone(), strict=True))
    return {prefix: keys[prefix] for prefix in prefixes if keys[prefix] is not None}


def _first_key(rows: QuerySet, field: str) -> tuple[str, list]:
    sql, params = rows.order_by(field).values(field)[:1].query.sql_with_params()
    return sql, list(params)


def _with_bounds(params: list, low: str, high: str) -> list:
    bounds = {_LOW: low, _HIGH: high}
    return [bounds.get(value, value) if isinstance(value, str) else value for value in params]


def _range(prefix: str) -> tuple[str, str]:
    if prefix == DIGITS:
        return "", "a"
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)
