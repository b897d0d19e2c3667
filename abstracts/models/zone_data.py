"""Resolves everything that depends on time zones again, when there is new zone data.

The archive stores the release of the data by which its local times became instants. New data may move them. What
comes later then, or changes nothing that the public sees, is applied at once; what the gate asks about (an earlier
release, or hiding what is public) keeps its instants until an embargo officer confirms it. Until then any other write
that resolves such an abstract again asks for the same.

Instants that somebody typed as such do not move: overrides of abstracts, and the news embargo of meetings.
"""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from .. import clock
from .abstract import Abstract
from .base import ArchiveState, writing
from .effects import Effect
from .embargo import Choose, Resolved, resolve_abstracts, store_session_instants
from .gate import deciding, passing
from .judging import effects_of


class Differences(NamedTuple):
    """What a resolution of everything would change: sessions, primary keys of abstracts, and what the public sees."""

    sessions: int
    abstracts: frozenset[int]
    effects: list[Effect]

    @property
    def asking(self) -> frozenset[int]:
        """The abstracts about which the gate would ask."""
        return frozenset(effect.pk for effect in self.effects if effect.asks and effect.pk)


def running_release() -> str:
    """The release of the zone data of this process."""
    return settings.ZONE_DATA.version


def stored_release() -> str | None:
    """The release by which the archive's times were resolved; "" if nobody knows, None in an empty archive."""
    return ArchiveState.objects.filter(pk=1).values_list("zone_data", flat=True).first()


def is_resolved() -> bool:
    """Whether the archive's times were resolved with the zone data of this process."""
    return stored_release() in (None, running_release())


def differences() -> Differences:
    """What a resolution of everything would change now. It is done and rolled back, so other writers wait meanwhile."""
    with deciding(None), passing() as passage:
        sessions = resolve_everything()
        found = Differences(sessions, frozenset(passage.before), effects_of(passage))
        transaction.set_rollback(True)
    return found


def resolve_what_may() -> Differences:
    """Resolve everything again but what the gate would ask about, and store the release. Returns what there was to do.

    Of an abstract about which it would ask, instants that come later are applied, too.
    """
    with writing():
        found = differences()
        if found.sessions or found.abstracts:
            resolve_everything(keeping=found.asking)
        store_release()
    return found


def resolve_everything(keeping: Collection[int] = ()) -> int:
    """Resolve all sessions and abstracts again, and store the release; returns how many sessions changed.

    Of the abstracts `keeping` no instant comes earlier, and nothing that is public now is hidden.
    """
    cause = f"time zone data {running_release()}"
    with writing():
        ArchiveState.move_on()
        sessions = store_session_instants(Q())
        pks = set(Abstract.unfiltered.order_by().values_list("pk", flat=True))
        resolve_abstracts(sorted(pks.difference(keeping)), cause)
        resolve_abstracts(sorted(pks.intersection(keeping)), cause, later_only(clock.now()))
        store_release()
    return sessions


def store_release() -> None:
    ArchiveState.objects.filter(pk=1).update(zone_data=running_release())


def later_only(at: dt.datetime) -> Choose:
    """Lets each instant after `at` move later only, and those until `at` not beyond it."""

    def choose(former: Resolved, resolved: Resolved) -> Resolved:
        return Resolved(*(_chosen(old, new, at) for old, new in zip(former, resolved, strict=True)))

    return choose


def _chosen(old: dt.datetime | None, new: dt.datetime | None, at: dt.datetime) -> dt.datetime | None:
    if old is None:
        return None
    if old > at:
        return max(old, new) if new else None
    return new if new and new <= at else old
