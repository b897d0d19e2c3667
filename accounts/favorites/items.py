"""Items of lists as data: all that a list holds of an abstract, so that changes can be undone and lists merged."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from abstracts.models import Abstract

from ..models import Favorite, FavoritesList
from .owning import OWN_ORDER

BATCH = 200


class Item(NamedTuple):
    """An abstract on a list (both by primary key), with all that its owner added to it. Stored as a JSON array."""

    list: int
    abstract: int
    added_at: str
    note: str
    position: int | None


def items_of(rows: Iterable[Favorite]) -> list[Item]:
    return [Item(row.list_id, row.abstract_id, row.added_at.isoformat(), row.note, row.position) for row in rows]


def insert(lists: dict[int, FavoritesList], default: FavoritesList, items: Iterable[Item]) -> None:
    """Put `items` on their lists, as far as these are among `lists` (by primary key), and else on `default`.

    An abstract that is on the list already stays, and its note is joined with the item's. Abstracts that were deleted
    are left out.
    """
    placed = [(lists.get(item.list, default), item) for item in _of_existing_abstracts(items)]
    rows = Favorite.unfiltered.filter(list__in={favorites_list.pk for favorites_list, _ in placed})
    known = {(row.list_id, row.abstract_id): row for row in rows}
    new: dict[tuple[int, int], Favorite] = {}
    for favorites_list, item in placed:
        key = (favorites_list.pk, item.abstract)
        if row := known.get(key) or new.get(key):
            row.note = joined(row.note, item.note)
        else:
            new[key] = Favorite(
                list=favorites_list,
                abstract_id=item.abstract,
                added_at=dt.datetime.fromisoformat(item.added_at),
                note=item.note,
                position=item.position,
            )
    Favorite.unfiltered.bulk_update(known.values(), ["note"], batch_size=BATCH)
    Favorite.unfiltered.bulk_create(new.values(), ignore_conflicts=True)


def joined(note: str, other: str) -> str:
    """Two notes in one; a note that is part of the other is not repeated."""
    if other in note:
        return note
    return other if note in other else f"{note}\n\n{other}"


def in_own_order(favorites_list: FavoritesList) -> list[Favorite]:
    """All that is on the list, hidden items too, in its own order."""
    return list(Favorite.unfiltered.filter(list=favorites_list).order_by(*OWN_ORDER))


def number(rows: list[Favorite]) -> None:
    """Make the order of `rows`, which are all rows of a list, the list's own order."""
    changed = []
    for position, row in enumerate(rows, 1):
        if row.position != position:
            row.position = position
            changed.append(row)
    Favorite.unfiltered.bulk_update(changed, ["position"], batch_size=BATCH)


def _of_existing_abstracts(items: Iterable[Item]) -> list[Item]:
    # Unfiltered: an abstract that is hidden by now comes back to the list, as it would have stayed on it, and shows
    # nowhere.
    items = list(items)
    pks = Abstract.unfiltered.filter(pk__in=[item.abstract for item in items]).values_list("pk", flat=True)
    existing = set(pks)
    return [item for item in items if item.abstract in existing]
