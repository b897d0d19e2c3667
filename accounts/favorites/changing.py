"""What can be done to lists. Every change locks the owner's home list first, so that changes at once queue."""

from collections.abc import Callable, Collection

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from ..models import Favorite, FavoritesChange, FavoritesList
from ..secret_addresses import new_token
from .items import Item, in_own_order, insert, items, joined, number
from .owning import home_for_writing, lists_of, locked_home, visible_on, whose
from .undoing import bring_back, record

MOST_LISTS = 50
Kind = FavoritesChange.Kind


class ListRefused(Exception):
    """A list cannot be made, or named so; the message says why."""


@transaction.atomic
def add(request: HttpRequest, abstract: int) -> None:
    """Save the abstract with this primary key, if it is on no list yet. Twice is once."""
    home = home_for_writing(request)
    saved = Favorite.unfiltered.filter(whose(request, "list__"), abstract=abstract).exists()
    if not saved and not bring_back(request, home, abstract):
        _put(request, home, home, [abstract])


@transaction.atomic
def remove(request: HttpRequest, abstract: int) -> None:
    """Take the abstract with this primary key off every list, where it is on any."""
    if home := locked_home(request):
        _take(request, home, Kind.REMOVED, Favorite.unfiltered.filter(whose(request, "list__"), abstract=abstract))


@transaction.atomic
def remove_from(request: HttpRequest, own: FavoritesList, abstracts: Collection[int]) -> None:
    """Take abstracts off one list."""
    if home := locked_home(request):
        _take(request, home, Kind.REMOVED, Favorite.unfiltered.filter(list=own, abstract__in=abstracts))


@transaction.atomic
def clear(request: HttpRequest, own: FavoritesList | None) -> None:
    """Take everything off a list, hidden items too.

    An empty list stays as it is: a second click must not forget what the first one took.
    """
    if own and (home := locked_home(request)):
        _take(request, home, Kind.CLEARED, Favorite.unfiltered.filter(list=own))


@transaction.atomic
def keep_note(request: HttpRequest, own: FavoritesList | None, abstract: int, note: str) -> None:
    """Write the private note of an abstract on a list (by default the home list), and save the abstract with it.

    A page that was open while the session ended still saves what was typed: on the list that there is now.
    """
    home = locked_home(request)
    own = _again(request, own) or home
    if not own or not Favorite.unfiltered.filter(list=own, abstract=abstract).update(note=note):
        home = home_for_writing(request)
        _put(request, home, own or home, [abstract], note)


@transaction.atomic
def place(request: HttpRequest, own: FavoritesList, abstract: int, to: Callable[[int], int]) -> int | None:
    """Move an abstract to another place of the list's own order, among what the viewer sees of it.

    `to` turns its place now (from 1) into the wanted one, which is brought into range. Returns the place it has then;
    None where it is not on the list. Hidden items stay behind what they stood behind.
    """
    locked_home(request)
    rows = in_own_order(own)
    seen = set(visible_on(request, own).values_list("abstract_id", flat=True))
    shown = [row for row in rows if row.abstract_id in seen]
    moving = next((row for row in shown if row.abstract_id == abstract), None)
    if not moving:
        return None
    now = shown.index(moving) + 1
    wanted = min(max(to(now), 1), len(shown))
    neighbor = shown[wanted - 1]
    if wanted != now:
        rows.remove(moving)
        rows.insert(rows.index(neighbor) + (wanted > now), moving)
    number(rows)
    return wanted


@transaction.atomic
def copy(request: HttpRequest, source: FavoritesList, abstracts: Collection[int], target: FavoritesList) -> None:
    """Put abstracts of one list on another too, with their notes."""
    if locked_home(request) and source.pk != target.pk and _again(request, target):
        taken = items(Favorite.unfiltered.filter(list=source, abstract__in=abstracts))
        insert({}, target, [item._replace(position=None) for item in taken])


@transaction.atomic
def move(request: HttpRequest, source: FavoritesList, abstracts: Collection[int], target: FavoritesList) -> None:
    """Take abstracts from one list to another, with their notes."""
    home = locked_home(request)
    if not home or source.pk == target.pk or not _again(request, target):
        return
    taken = Favorite.unfiltered.filter(list=source, abstract__in=abstracts)
    moved = items(taken)
    before = dict(_notes(target, moved))
    insert({}, target, [item._replace(position=None) for item in moved])
    fresh = [item.abstract for item in moved if item.abstract not in before]
    notes = {
        item.abstract: [before[item.abstract], joined(before[item.abstract], item.note)]
        for item in moved
        if item.abstract in before
    }
    _take(request, home, Kind.MOVED, taken, target=target.pk, fresh=fresh, notes=notes)


@transaction.atomic
def create_list(request: HttpRequest, name: str) -> FavoritesList:
    """A new list of the signed-in user. Raises ListRefused where there are too many, or one of that name."""
    home_for_writing(request)
    if lists_of(request).count() > MOST_LISTS:
        raise ListRefused("too many")
    return _named(request, FavoritesList(user_id=request.user.pk), name)


@transaction.atomic
def rename_list(request: HttpRequest, own: FavoritesList, name: str) -> None:
    """Raises ListRefused where another list has the name."""
    locked_home(request)
    _named(request, own, name)


@transaction.atomic
def delete_list(request: HttpRequest, own: FavoritesList) -> None:
    """Delete a named list; what is on no other list is no favorite any more. The home list stays."""
    home = locked_home(request)
    if not home or home.pk == own.pk:
        return
    taken = list(Favorite.unfiltered.filter(list=own))
    share = {"share_digest": own.share_digest, "share_encrypted": own.share_encrypted}
    record(request, home, Kind.LIST_DELETED, taken, list=own.pk, name=own.name, **share)
    own.delete()


@transaction.atomic
def share(request: HttpRequest, own: FavoritesList) -> None:
    """Give a list a link, another one where it had one: the former leads nowhere any more."""
    _set_token(request, own, new_token())


@transaction.atomic
def stop_sharing(request: HttpRequest, own: FavoritesList) -> None:
    _set_token(request, own, "")


def _set_token(request: HttpRequest, own: FavoritesList, token: str) -> None:
    locked_home(request)
    own.share_token = token
    lists_of(request).filter(pk=own.pk).update(share_digest=own.share_digest, share_encrypted=own.share_encrypted)


@transaction.atomic
def add_all(request: HttpRequest, abstracts: Collection[int]) -> int:
    """Save those of the abstracts that are on no list yet; how many."""
    if not abstracts:
        return 0
    home = home_for_writing(request)
    there = Favorite.unfiltered.filter(whose(request, "list__"), abstract__in=abstracts)
    known = set(there.values_list("abstract_id", flat=True))
    new = [pk for pk in abstracts if pk not in known]
    _put(request, home, home, new)
    return len(new)


def _put(
    request: HttpRequest, home: FavoritesList, own: FavoritesList, abstracts: Collection[int], note: str = ""
) -> None:
    at = request.at.isoformat()
    insert({own.pk: own}, home, [Item(own.pk, abstract, at, note, None) for abstract in abstracts])


def _take(request: HttpRequest, home: FavoritesList, kind: str, rows, **more) -> None:
    taken = list(rows)
    if taken:
        record(request, home, kind, taken, **more)
        Favorite.unfiltered.filter(pk__in=[row.pk for row in taken]).delete()


def _notes(own: FavoritesList, moved: list[Item]):
    rows = Favorite.unfiltered.filter(list=own, abstract__in=[item.abstract for item in moved])
    return rows.values_list("abstract_id", "note")


def _named(request: HttpRequest, own: FavoritesList, name: str) -> FavoritesList:
    if lists_of(request).filter(name__iexact=name).exclude(pk=own.pk).exists():
        raise ListRefused("taken")
    own.name = name
    try:
        with transaction.atomic():
            lists_of(request).filter(pk=own.pk).update(name=name) if own.pk else own.save()
    except IntegrityError as error:
        raise ListRefused("taken") from error
    return own


def _again(request: HttpRequest, own: FavoritesList | None) -> FavoritesList | None:
    """The list, if it is still there now that nobody else changes any."""
    return lists_of(request).filter(pk=own.pk).first() if own else None
