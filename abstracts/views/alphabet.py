"""The letters of an index: which ones there are, and what stands under each.

Works on folded sort keys by ranges, so that the database finds each in its index: digits before "a", letters, and
after "z" what has no Latin letter.
"""

from string import ascii_lowercase

from django.db.models import Q, QuerySet, Subquery

from ..models import ArchiveState

DIGITS, OTHERS = "0-9", "other"
GROUPS = (DIGITS, *ascii_lowercase, OTHERS)
LABELS = {group: group.upper() for group in ascii_lowercase} | {DIGITS: "0–9", OTHERS: "#"}


def within(group: str, field: str) -> Q:
    """Condition: the key `field` stands under `group` (one of GROUPS)."""
    if group == DIGITS:
        return Q(**{f"{field}__lt": "a"})
    if group == OTHERS:
        return Q(**{f"{field}__gte": "z"}) & ~Q(**{f"{field}__startswith": "z"})
    return starting(group, field)


def starting(prefix: str, field: str) -> Q:
    """Condition: the key `field` starts with `prefix` (ASCII letters), as an index finds it."""
    condition = Q(**{f"{field}__gte": prefix})
    if prefix[-1] == "z":
        return condition & Q(**{f"{field}__startswith": prefix})
    return condition & Q(**{f"{field}__lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)})


def group_of(key: str) -> str:
    """The group under which `key` stands."""
    if key < "a":
        return DIGITS
    return key[0] if key[0] in ascii_lowercase else OTHERS


def first_keys(rows: QuerySet, field: str, conditions: dict[str, Q]) -> dict[str, str]:
    """For each of `conditions` that any of `rows` meets, the first key among those; one query.

    The query hangs on the one row of ArchiveState: an archive without it was never written to.
    """
    firsts = {
        f"first_{i}": Subquery(rows.filter(condition).order_by(field).values(field)[:1])
        for i, condition in enumerate(conditions.values())
    }
    found = ArchiveState.objects.filter(pk=1).values(**firsts).first() or {}
    return {name: found[f"first_{i}"] for i, name in enumerate(conditions) if found.get(f"first_{i}") is not None}
