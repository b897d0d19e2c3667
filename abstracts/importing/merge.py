"""Three versions of an abstract: the file's, the database's, and what the last import wrote.

What staff changed since is theirs, unless the caller says otherwise. Collections count as a whole.
"""

from dataclasses import dataclass, field
from typing import Any

EMPTY: tuple[Any, ...] = ("", None, [], {"affiliations": [], "authors": []})
_DEFAULTS = {"status": "published"}


@dataclass
class Merged:
    """`changes` are to be written; `kept` names what staff edited and the file says otherwise; `imported` is what
    the next import compares with.
    """

    changes: dict[str, Any] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    imported: dict[str, Any] = field(default_factory=dict)


def merge(theirs: dict[str, Any], ours: dict[str, Any], base: dict[str, Any], overwrite: bool = False) -> Merged:
    """What to write where the file says `theirs`, the database `ours`, and the last import wrote `base`."""
    merged = Merged(imported=dict(base))
    for name, value in theirs.items():
        if ours[name] == value:
            merged.imported[name] = value
        elif overwrite or _is_free(name, value, ours, base):
            merged.changes[name] = merged.imported[name] = value
        elif base.get(name, ours[name]) != value:
            merged.kept.append(name)
    return merged


def _is_free(name: str, value: Any, ours: dict[str, Any], base: dict[str, Any]) -> bool:
    """Whether staff left alone what the file now says otherwise."""
    if name in base:
        return base[name] == ours[name]
    return ours[name] in EMPTY or ours[name] == _DEFAULTS.get(name)
