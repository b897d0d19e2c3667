"""How an abstract stands, what the public sees because of that, and what a change does to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..visibility import Level

FUTURE_LEVELS = (Level.SHELL, Level.TITLED, Level.LISTED, Level.FULL)
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class Outlook(NamedTuple):
    """The public's level now, and the instants from which it has at least each of FUTURE_LEVELS (None for never)."""

    level: int
    opens: tuple[dt.datetime | None, ...]

    def opens_at(self, level: Level) -> dt.datetime | None:
        return self.opens[FUTURE_LEVELS.index(level)]


class Standing(NamedTuple):
    """The columns of an abstract that decide what the public sees of it and when."""

    status: str = ""
    hides_title: bool = False
    numbered_from: dt.datetime | None = None
    titled_from: dt.datetime | None = None
    listed_from: dt.datetime | None = None
    released_from: dt.datetime | None = None

    @property
    def instants(self) -> list[dt.datetime]:
        """Those at which the public's level may rise."""
        return [instant for instant in self[2:] if isinstance(instant, dt.datetime)]


# How an abstract stands that is not stored: nobody ever sees it.
ABSENT = Standing()


@dataclass(frozen=True)
class Effect:
    """What a change does to what the public sees of one abstract.

    `key` names it: its primary key, or its meeting and number if the change creates it, because a change that is
    rolled back and made again gives it another primary key.
    """

    key: str
    meeting: str
    number: str
    title: str
    old: Standing
    new: Standing
    before: Outlook
    after: Outlook
    pk: int | None = None

    @property
    def rises(self) -> bool:
        """The public sees more at once."""
        return self.after.level > self.before.level

    @property
    def hides(self) -> bool:
        """The public sees less at once."""
        return self.after.level < self.before.level

    @property
    def comes_earlier(self) -> bool:
        """The public will see something earlier than so far, or that it would not have seen."""
        return any(new < old for old, new in self._future())

    @property
    def comes_later(self) -> bool:
        """The public will see something later than so far, or never."""
        return any(new > old for old, new in self._future())

    @property
    def lifts(self) -> bool:
        return self.rises or self.comes_earlier

    @property
    def asks(self) -> bool:
        """Whether somebody must confirm it."""
        return self.lifts or self.hides

    def _future(self) -> list[tuple[dt.datetime, dt.datetime]]:
        """Old and new instants of the levels that the public has neither before nor after."""
        ahead = [level for level in FUTURE_LEVELS if level > max(self.before.level, self.after.level)]
        return [(self.before.opens_at(level) or NEVER, self.after.opens_at(level) or NEVER) for level in ahead]


def digest_of(effects: Iterable[Effect]) -> str:
    """A digest of exactly these effects on exactly this state."""
    rows = [[e.key, *_plain(e.old), *_plain(e.new), e.before.level, e.after.level] for e in effects]
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


def _plain(standing: Standing) -> list[Any]:
    return [value.isoformat() if isinstance(value, dt.datetime) else value for value in standing]


# What happens to an abstract, the weightiest first.
KINDS = {
    "rises": "Public at once",
    "hides": "Hidden from the public at once",
    "earlier": "Public earlier than so far",
    "later": "Public later than so far",
    "other": "Changed, but not in what the public sees",
}


def effects_as_json(effects: Iterable[Effect]) -> dict[str, Any]:
    """For JSON: `asking` (the number of abstracts about which the change asks) and `groups`, those that ask first.

    A group has its `kind`, the meeting's slug, the level before and after, the instants of FUTURE_LEVELS before
    and after (ISO or None), and [number, title] of each abstract.
    """
    effects = list(effects)
    groups: dict[tuple, list[Effect]] = defaultdict(list)
    for effect in effects:
        groups[kind_of(effect), effect.meeting, effect.before, effect.after].append(effect)
    order = list(KINDS)
    return {
        "asking": sum(effect.asks for effect in effects),
        "groups": [
            {
                "kind": kind,
                "meeting": meeting,
                "level_before": int(before.level),
                "level_after": int(after.level),
                "opens_before": [instant and instant.isoformat() for instant in before.opens],
                "opens_after": [instant and instant.isoformat() for instant in after.opens],
                "abstracts": [[effect.number, effect.title] for effect in members],
            }
            for (kind, meeting, before, after), members in sorted(
                groups.items(), key=lambda item: order.index(item[0][0])
            )
        ],
    }


def kind_of(effect: Effect) -> str:
    """The key of `KINDS` under which `effect` is shown."""
    if effect.rises:
        return "rises"
    if effect.hides:
        return "hides"
    if effect.comes_earlier:
        return "earlier"
    return "later" if effect.comes_later else "other"
