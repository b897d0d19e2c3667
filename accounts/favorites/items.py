"""Items of lists as data: what a list holds of an abstract, so that a change can be undone and lists be joined."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from abstracts.models import Abstract

from ..models import Favorite, FavoritesList
from .owning import OWN_ORDER


class Item(NamedTuple):
    """An abstract on a list (both by primary key), with all that its owner added to it. Stored as a JSON array."""

    list: int
    abstract: int
    added_at: str
    note: str
    position: int | None


def items(rows: Iterable[Favorite]) -> list[Item]:
    return [Item(row.list_id, row.abstract_id, row.added_at.isoformat(), row.note, row.position) for row in rows]


def insert(into: dict[int, FavoritesList], home: FavoritesList, taken: Iterable[Item]) -> None:
    """Put `taken` on the lists they name, of those in `into`; where a list is gone, on `home`.

    What is there stays, and takes over the note of what would have come. Abstracts that are gone stay gone.
    """
    wanted = [(into.get(item.list, home), item) for item in _still_there(taken)]
    there = {(row.list_id, row.abstract_id): row for row in _on([own for own, _ in wanted])}
    new: dict[tuple[int, int], Favorite] = {}
    for own, item in wanted:
        key = (own.pk, item.abstract)
        if row := there.get(key) or new.get(key):
            row.note = joined(row.note, item.note)
        else:
            added_at = dt.datetime.fromisoformat(item.added_at)
            new[key] = Favorite(
                list=own, abstract_id=item.abstract, added_at=added_at, note=item.note, position=item.position
            )
    Favorite.unfiltered.bulk_update(there.values(), ["note"], batch_size=200)
    Favorite.unfiltered.bulk_create(new.values(), ignore_conflicts=True)


def joined(note: str, other: str) -> str:
    """Two notes in one; what one says already is not said twice."""
    if other in note:
        return note
    return other if note in other else f"{note}\n\n{other}"


def in_own_order(own: FavoritesList) -> list[Favorite]:
    """All that is on the list, hidden items too, in its own order."""
    return list(Favorite.unfiltered.filter(list=own).order_by(*OWN_ORDER))


def number(rows: list[Favorite]) -> None:
    """Make the order of `rows`, which are all of a list, its own order."""
    changed = []
    for position, row in enumerate(rows, 1):
        if row.position != position:
            row.position = position
            changed.append(row)
    Favorite.unfiltered.bulk_update(changed, ["position"], batch_size=200)


def _on(lists: Iterable[FavoritesList]) -> list[Favorite]:
    return list(Favorite.unfiltered.filter(list__in={own.pk for own in lists}))


def _still_there(taken: Iterable[Item]) -> list[Item]:
    # Unfiltered: an abstract hidden by now comes back to the list, as it would have stayed on it. Nothing of it shows.
    taken = list(taken)
    pks = Abstract.unfiltered.filter(pk__in=[item.abstract for item in taken]).values_list("pk", flat=True)
    there = set(pks)
    return [item for item in taken if item.abstract in there]
