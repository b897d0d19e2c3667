"""What changes took, kept for undoing them.

`FavoritesChange.taken` holds `items` (see `items.Item`) and, by kind,

- moved: `target` (the list they went to), `fresh` (the abstracts that were not on it before), and `notes` (of those
  that were: the note before and after, by abstract);
- list deleted: `name`, `share_digest` and `share_encrypted` of the list, and `list`, its former primary key.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from ..models import Favorite, FavoritesChange, FavoritesList
from .items import Item, insert, items
from .owning import lists_of, locked_home

KEPT = 20


def record(request: HttpRequest, home: FavoritesList, kind: str, taken: list[Favorite], **more: Any) -> None:
    """Write down that `taken` are about to go. Of each owner the last `KEPT` changes are kept."""
    change = FavoritesChange(home=home, kind=kind, at=request.at, taken={"items": items(taken), **more})
    change.save()
    kept = FavoritesChange.objects.filter(home=home).values_list("pk", flat=True)[:KEPT]
    FavoritesChange.objects.filter(home=home).exclude(pk__in=list(kept)).delete()


def changes_of(home: FavoritesList | None) -> QuerySet[FavoritesChange]:
    """The changes that can be undone, the last one first."""
    return FavoritesChange.objects.filter(home=home) if home else FavoritesChange.objects.none()


def last_change(home: FavoritesList | None) -> FavoritesChange | None:
    """The last change that can be undone."""
    return changes_of(home).first()


@transaction.atomic
def restore(request: HttpRequest, change: int | None = None) -> FavoritesChange | None:
    """Undo the change with this primary key, by default the last one; what was done since stays.

    Returns what was undone; None where there is nothing to undo, as after a second click.
    """
    home = locked_home(request)
    changes = FavoritesChange.objects.filter(home=home)
    undone = (changes.filter(pk=change) if change else changes).first() if home else None
    if home and undone:
        lists = {own.pk: own for own in lists_of(request)}
        taken = [Item(*item) for item in undone.taken["items"]]
        if undone.kind == FavoritesChange.Kind.MOVED:
            taken = _taken_back(lists, undone.taken, taken)
        if undone.kind == FavoritesChange.Kind.LIST_DELETED:
            lists[undone.taken["list"]] = _list_again(home, undone.taken)
        insert(lists, home, taken)
        undone.delete()
    return undone


def bring_back(request: HttpRequest, home: FavoritesList, abstract: int) -> bool:
    """Save an abstract again, on the lists and with the notes it was last taken off with; whether it was.

    So a star clicked off and on again, by a double click too, loses neither note nor place. That cannot be undone
    a second time.
    """
    for change in FavoritesChange.objects.filter(home=home):
        taken = [Item(*item) for item in change.taken["items"]]
        if mine := [item._replace(added_at=request.at.isoformat()) for item in taken if item.abstract == abstract]:
            insert({own.pk: own for own in lists_of(request)}, home, mine)
            change.taken["items"] = [item for item in taken if item.abstract != abstract]
            change.save() if change.count or change.kind == FavoritesChange.Kind.LIST_DELETED else change.delete()
            return True
    return False


def _taken_back(lists: dict[int, FavoritesList], moved: dict[str, Any], taken: list[Item]) -> list[Item]:
    """Takes off the target what the move put there. What was noted there since goes with it."""
    on_target = Favorite.unfiltered.filter(list=lists.get(moved["target"]))
    rows = {row.abstract_id: row for row in on_target.filter(abstract__in=[item.abstract for item in taken])}
    fresh = {pk: rows[pk].note for pk in moved["fresh"] if pk in rows}
    on_target.filter(abstract__in=fresh).delete()
    for abstract, (before, after) in moved["notes"].items():
        on_target.filter(abstract=abstract, note=after).update(note=before)
    return [item._replace(note=fresh.get(item.abstract, item.note)) for item in taken]


def _list_again(home: FavoritesList, deleted: dict[str, Any]) -> FavoritesList:
    own, created = FavoritesList.objects.get_or_create(
        user=home.user, name__iexact=deleted["name"], defaults={"name": deleted["name"]}
    )
    if created:
        own.share_digest, own.share_encrypted = deleted["share_digest"], deleted["share_encrypted"]
        own.save(update_fields=["share_digest", "share_encrypted"])
    return own
