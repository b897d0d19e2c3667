"""What changes removed, so that they can be undone.

`FavoritesChange.removed` holds `items` (see `items.Item`) and, by kind,

- moved: `target` (the list they went to), `new` (the abstracts that were not on it before), and `notes` (of those
  that were: the note before and after, by abstract);
- list deleted: `name`, `share_digest` and `share_encrypted` of the list, and `list`, its former primary key.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ..models import Favorite, FavoritesChange, FavoritesList
from .items import Item, insert, items_of
from .owning import Owner, lists_of, locked_home

# Of each owner so many changes can be undone.
MOST_CHANGES = 20


def record_change(owner: Owner, home: FavoritesList, kind: str, removed: list[Favorite], **details: Any) -> None:
    """Record that `removed` are about to be deleted."""
    change = FavoritesChange(home=home, kind=kind, at=owner.at, removed={"items": items_of(removed), **details})
    change.save()
    latest = FavoritesChange.objects.filter(home=home).values_list("pk", flat=True)[:MOST_CHANGES]
    FavoritesChange.objects.filter(home=home).exclude(pk__in=list(latest)).delete()


def changes_of(home: FavoritesList | None) -> QuerySet[FavoritesChange]:
    """The changes that can be undone, the last one first."""
    return FavoritesChange.objects.filter(home=home) if home else FavoritesChange.objects.none()


def last_change(home: FavoritesList | None) -> FavoritesChange | None:
    return changes_of(home).first()


@transaction.atomic
def restore(owner: Owner, change: int | None = None) -> FavoritesChange | None:
    """Undo the change with this primary key (None: the last one). Later changes stay.

    Returns the change; None where there is nothing to undo, as after a second click.
    """
    home = locked_home(owner)
    changes = changes_of(home)
    undone = (changes.filter(pk=change) if change else changes).first()
    if home and undone:
        lists = {favorites_list.pk: favorites_list for favorites_list in lists_of(owner)}
        items = [Item(*item) for item in undone.removed["items"]]
        if undone.kind == FavoritesChange.Kind.MOVED:
            items = _taken_off_target(lists, undone.removed, items)
        if undone.kind == FavoritesChange.Kind.LIST_DELETED:
            lists[undone.removed["list"]] = _list_created_again(home, undone.removed)
        insert(lists, home, items)
        undone.delete()
    return undone


def restore_last(owner: Owner, home: FavoritesList, abstract: int) -> bool:
    """Put an abstract back on the lists from which it was last removed, with its notes; returns whether there was one.

    So a star that is clicked off and on again, by a double click too, loses neither note nor place. This cannot be
    undone a second time.
    """
    for change in changes_of(home):
        items = [Item(*item) for item in change.removed["items"]]
        of_abstract = [item._replace(added_at=owner.at.isoformat()) for item in items if item.abstract == abstract]
        if of_abstract:
            insert({favorites_list.pk: favorites_list for favorites_list in lists_of(owner)}, home, of_abstract)
            change.removed["items"] = [item for item in items if item.abstract != abstract]
            change.save() if change.count or change.kind == FavoritesChange.Kind.LIST_DELETED else change.delete()
            return True
    return False


def _taken_off_target(lists: dict[int, FavoritesList], moved: dict[str, Any], items: list[Item]) -> list[Item]:
    """Take off the target what the move put there; returns the items with the notes that they have by now."""
    on_target = Favorite.unfiltered.filter(list=lists.get(moved["target"]))
    rows = {row.abstract_id: row for row in on_target.filter(abstract__in=[item.abstract for item in items])}
    notes = {pk: rows[pk].note for pk in moved["new"] if pk in rows}
    on_target.filter(abstract__in=notes).delete()
    for abstract, (before, after) in moved["notes"].items():
        on_target.filter(abstract=abstract, note=after).update(note=before)
    return [item._replace(note=notes.get(item.abstract, item.note)) for item in items]


def _list_created_again(home: FavoritesList, deleted: dict[str, Any]) -> FavoritesList:
    favorites_list, created = FavoritesList.objects.get_or_create(
        user=home.user, name__iexact=deleted["name"], defaults={"name": deleted["name"]}
    )
    if created:
        favorites_list.share_digest, favorites_list.share_encrypted = (
            deleted["share_digest"],
            deleted["share_encrypted"],
        )
        favorites_list.save(update_fields=["share_digest", "share_encrypted"])
    return favorites_list
