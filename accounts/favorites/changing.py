"""All changes of lists. Each locks the owner's home list first, so that changes at the same time queue."""

from collections.abc import Callable, Collection

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from ..models import Favorite, FavoritesChange, FavoritesList
from ..secret_addresses import new_token
from .items import Item, in_own_order, insert, items_of, joined, number
from .owning import Owner, home_for_writing, lists_of, locked_home, owned_by, visible_on
from .undoing import record_change, restore_last

MOST_LISTS = 50
Kind = FavoritesChange.Kind


class NameTaken(Exception):
    """The owner has another list of that name."""


class TooManyLists(Exception):
    """The owner has as many lists as one may have."""


@transaction.atomic
def add(owner: Owner, abstract: int) -> None:
    """Save the abstract with this primary key, unless it is on a list. If it was on lists before, it is again."""
    home = home_for_writing(owner)
    is_saved = Favorite.unfiltered.filter(owned_by(owner, "list__"), abstract=abstract).exists()
    if not is_saved and not restore_last(owner, home, abstract):
        _add(owner, home, [abstract])


@transaction.atomic
def remove(owner: Owner, abstract: int) -> None:
    """Remove the abstract with this primary key from all lists."""
    if home := locked_home(owner):
        rows = Favorite.unfiltered.filter(owned_by(owner, "list__"), abstract=abstract)
        _remove(owner, home, Kind.REMOVED, rows)


@transaction.atomic
def remove_from(owner: Owner, favorites_list: FavoritesList, abstracts: Collection[int]) -> None:
    """Remove abstracts from one list."""
    if home := locked_home(owner):
        rows = Favorite.unfiltered.filter(list=favorites_list, abstract__in=abstracts)
        _remove(owner, home, Kind.REMOVED, rows)


@transaction.atomic
def clear(owner: Owner, favorites_list: FavoritesList | None) -> None:
    """Remove everything from a list, hidden items too. Of an empty list nothing is recorded: a second click undoes
    nothing of the first."""
    if favorites_list and (home := locked_home(owner)):
        _remove(owner, home, Kind.CLEARED, Favorite.unfiltered.filter(list=favorites_list))


@transaction.atomic
def save_note(owner: Owner, favorites_list: FavoritesList | None, abstract: int, note: str) -> None:
    """Save the private note of an abstract on a list (None: the home list), and the abstract if it is not on it.

    A page that was open while its session ended still saves what was typed: on the home list that there is now.
    """
    home = locked_home(owner)
    target = _reloaded(owner, favorites_list) or home
    if not target or not Favorite.unfiltered.filter(list=target, abstract=abstract).update(note=note):
        home = home_for_writing(owner)
        _add(owner, target or home, [abstract], note)


@transaction.atomic
def place(owner: Owner, favorites_list: FavoritesList, abstract: int, new_place: Callable[[int], int]) -> int | None:
    """Move an abstract to another place in the list's own order, among the items that the owner sees.

    `new_place` is given the present place (counted from 1); what it returns is brought into range. Returns the place in
    the end, or None where the abstract is not on the list. Hidden items stay behind the item before them.
    """
    locked_home(owner)
    rows = in_own_order(favorites_list)
    visible = set(visible_on(owner, favorites_list).values_list("abstract_id", flat=True))
    shown = [row for row in rows if row.abstract_id in visible]
    moving = next((row for row in shown if row.abstract_id == abstract), None)
    if not moving:
        return None
    before = shown.index(moving) + 1
    after = min(max(new_place(before), 1), len(shown))
    neighbor = shown[after - 1]
    if after != before:
        rows.remove(moving)
        rows.insert(rows.index(neighbor) + (after > before), moving)
    number(rows)
    return after


@transaction.atomic
def copy(owner: Owner, source: FavoritesList, abstracts: Collection[int], target: FavoritesList) -> None:
    """Put abstracts of one list on another as well, with their notes."""
    if locked_home(owner) and source.pk != target.pk and _reloaded(owner, target):
        items = items_of(Favorite.unfiltered.filter(list=source, abstract__in=abstracts))
        insert({}, target, [item._replace(position=None) for item in items])


@transaction.atomic
def move(owner: Owner, source: FavoritesList, abstracts: Collection[int], target: FavoritesList) -> None:
    """Move abstracts from one list to another, with their notes."""
    home = locked_home(owner)
    if not home or source.pk == target.pk or not _reloaded(owner, target):
        return
    rows = Favorite.unfiltered.filter(list=source, abstract__in=abstracts)
    items = items_of(rows)
    on_target = Favorite.unfiltered.filter(list=target, abstract__in=[item.abstract for item in items])
    former_notes = dict(on_target.values_list("abstract_id", "note"))
    insert({}, target, [item._replace(position=None) for item in items])
    new = [item.abstract for item in items if item.abstract not in former_notes]
    notes = {
        item.abstract: [former_notes[item.abstract], joined(former_notes[item.abstract], item.note)]
        for item in items
        if item.abstract in former_notes
    }
    _remove(owner, home, Kind.MOVED, rows, target=target.pk, new=new, notes=notes)


@transaction.atomic
def create_list(owner: Owner, name: str) -> FavoritesList:
    """A new list of a signed-in user. Raises NameTaken and TooManyLists."""
    home_for_writing(owner)
    if lists_of(owner).count() > MOST_LISTS:
        raise TooManyLists
    return _name(owner, FavoritesList(user_id=owner.user_id), name)


@transaction.atomic
def rename_list(owner: Owner, favorites_list: FavoritesList, name: str) -> None:
    """Raises NameTaken."""
    locked_home(owner)
    _name(owner, favorites_list, name)


@transaction.atomic
def delete_list(owner: Owner, favorites_list: FavoritesList) -> None:
    """Delete a named list with its items; the home list stays."""
    home = locked_home(owner)
    if not home or home.pk == favorites_list.pk:
        return
    rows = list(Favorite.unfiltered.filter(list=favorites_list))
    fields = ("name", "share_digest", "share_encrypted")
    deleted = {name: getattr(favorites_list, name) for name in fields}
    record_change(owner, home, Kind.LIST_DELETED, rows, list=favorites_list.pk, **deleted)
    favorites_list.delete()


@transaction.atomic
def share(owner: Owner, favorites_list: FavoritesList) -> None:
    """Give a list a link, a new one if it has one: the former leads nowhere any more."""
    _set_token(owner, favorites_list, new_token())


@transaction.atomic
def stop_sharing(owner: Owner, favorites_list: FavoritesList) -> None:
    _set_token(owner, favorites_list, "")


def _set_token(owner: Owner, favorites_list: FavoritesList, token: str) -> None:
    locked_home(owner)
    favorites_list.share_token = token
    lists_of(owner).filter(pk=favorites_list.pk).update(
        share_digest=favorites_list.share_digest, share_encrypted=favorites_list.share_encrypted
    )


@transaction.atomic
def add_all(owner: Owner, abstracts: Collection[int]) -> int:
    """Save those of the abstracts that are on no list yet; returns how many."""
    if not abstracts:
        return 0
    home = home_for_writing(owner)
    saved = Favorite.unfiltered.filter(owned_by(owner, "list__"), abstract__in=abstracts)
    known = set(saved.values_list("abstract_id", flat=True))
    new = [pk for pk in abstracts if pk not in known]
    _add(owner, home, new)
    return len(new)


def _add(owner: Owner, target: FavoritesList, abstracts: Collection[int], note: str = "") -> None:
    at = owner.at.isoformat()
    insert({}, target, [Item(target.pk, abstract, at, note, None) for abstract in abstracts])


def _remove(owner: Owner, home: FavoritesList, kind: str, rows: QuerySet[Favorite], **details) -> None:
    removed = list(rows)
    if removed:
        record_change(owner, home, kind, removed, **details)
        Favorite.unfiltered.filter(pk__in=[row.pk for row in removed]).delete()


def _name(owner: Owner, favorites_list: FavoritesList, name: str) -> FavoritesList:
    if lists_of(owner).filter(name__iexact=name).exclude(pk=favorites_list.pk).exists():
        raise NameTaken
    favorites_list.name = name
    try:
        with transaction.atomic():
            if favorites_list.pk:
                lists_of(owner).filter(pk=favorites_list.pk).update(name=name)
            else:
                favorites_list.save()
    except IntegrityError as error:
        raise NameTaken from error
    return favorites_list


def _reloaded(owner: Owner, favorites_list: FavoritesList | None) -> FavoritesList | None:
    """The list as it is now that nobody else changes it; None where it is gone."""
    return lists_of(owner).filter(pk=favorites_list.pk).first() if favorites_list else None
