"""Merges three versions of an abstract: the file's, the database's, and what the last import wrote.

What staff changed since then stays, unless the caller wants otherwise. A collection is one field.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

EMPTY: tuple[Any, ...] = ("", None, [], {"affiliations": [], "authors": []})
_DEFAULTS = {"status": "published"}


@dataclass
class Merged:
    """`changes` are to be written. `edits` names fields that staff edited and that the file has otherwise: they stay.
    `late` names those that stay because they changed after the check. `imported` is what the next import compares with.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    edits: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    imported: dict[str, Any] = field(default_factory=dict)


def merge(
    incoming: dict[str, Any],
    stored: dict[str, Any],
    imported: dict[str, Any],
    overwrite: bool = False,
    late: Collection[str] = (),
) -> Merged:
    """What to write where the file has `incoming`, the database `stored`, and the last import wrote `imported`.

    Of the fields `late` staff decided after the file was checked: the file never wins over that.
    """
    merged = Merged(imported=dict(imported))
    for name, value in incoming.items():
        if stored[name] == value:
            merged.imported[name] = value
        elif name in late:
            merged.late.append(name)
        elif overwrite or _is_unedited(name, stored, imported):
            merged.changes[name] = merged.imported[name] = value
        elif imported.get(name, stored[name]) != value:
            merged.edits.append(name)
    return merged


def _is_unedited(name: str, stored: dict[str, Any], imported: dict[str, Any]) -> bool:
    if name in imported:
        return imported[name] == stored[name]
    return stored[name] in EMPTY or stored[name] == _DEFAULTS.get(name)
