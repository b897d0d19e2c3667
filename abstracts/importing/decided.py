"""What staff decide about the publication of an abstract: a withdrawal, hold or postponement wins over the file.

Between the check of a file and its import staff may decide something. So a check remembers the state of each abstract
and session, as digests, and the import compares.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from ..models import Abstract

# Fields of files, and the columns of an abstract that they are stored in. (Nothing imports `override_released_from`.)
# Presentations and sessions, which staff decide too, are compared for themselves.
DECIDED = ("status", "status_note", "tier", "override")
DECIDED_COLUMNS = (
    "status", "status_note", "hides_title", "tier_id",
    "override_listing_level", "override_listed_from", "override_released_from",
)  # fmt: skip


@dataclass
class States:
    """The states that a check saw: by line of the file (of abstracts that existed), and by session.

    It can be stored as JSON, so keys are text.
    """

    rows: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)


def state_of(abstract: Abstract, stored: dict[str, Any]) -> list[str]:
    """The state of an abstract, whose values are `stored`: a digest of itself, and one of its sessions."""
    released_from = abstract.override_released_from
    itself = [
        abstract.pk,
        released_from and released_from.isoformat(),
        abstract.hides_title,
        *(stored[name] for name in DECIDED),
    ]
    return [digest(itself), digest(stored["sessions"])]


def late_fields(now: list[str], checked: list[str] | None) -> set[str]:
    """The fields that staff decided between two states; all of them if the first one is unknown."""
    itself, sessions = [old != new for old, new in zip(checked or ["", ""], now, strict=True)]
    return {*(DECIDED if itself else ()), *(("sessions",) if sessions else ())}


def digest(value: Any) -> str:
    """A digest of `value`, which is JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:20]
