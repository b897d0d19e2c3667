"""Favorites: whose lists a request speaks of (`owning`), all that can be done to them (`changing`) and undone
(`undoing`), and what becomes of them at sign-in (`merging`)."""

from .changing import (
    MOST_LISTS,
    ListRefused,
    add,
    add_all,
    clear,
    copy,
    create_list,
    delete_list,
    keep_note,
    move,
    place,
    remove,
    remove_from,
    rename_list,
    share,
    stop_sharing,
)
from .merging import delete_abandoned, merge
from .owning import OWN_ORDER, SESSION_KEY, home_of, list_of, lists_of, saved, visible_favorites, visible_on
from .undoing import changes_of, last_change, restore

__all__ = [
    "MOST_LISTS",
    "OWN_ORDER",
    "SESSION_KEY",
    "ListRefused",
    "add",
    "add_all",
    "changes_of",
    "clear",
    "copy",
    "create_list",
    "delete_abandoned",
    "delete_list",
    "home_of",
    "keep_note",
    "last_change",
    "list_of",
    "lists_of",
    "merge",
    "move",
    "place",
    "remove",
    "remove_from",
    "rename_list",
    "restore",
    "saved",
    "share",
    "stop_sharing",
    "visible_favorites",
    "visible_on",
]
