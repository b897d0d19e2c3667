"""Has the index at the database's revision before anything is searched.

- Where little is missing, the request catches up itself (or waits for the process that does).
- Where much is missing (no index, one of an older program or of the time before a backup was restored, a damaged
  one, a large import elsewhere), a thread
  builds or catches up, and until it is done the database answers searches instead (see `database`).

A snapshot that is behind is never searched: what it would count may be hidden by now.
"""

import threading

from django.db import connection, connections

from ..visibility import Role, Viewer
from .replica import Behind, Replica, Snapshot, is_of_this_history, state

# Documents that a request writes before it searches: some seconds of work at most.
MOST_IN_REQUEST = 3000
WAIT = 10.0
_INDEXER = Viewer(Role.STAFF)


def current_snapshot() -> Snapshot | None:
    """A snapshot at the database's revision; None where it is being made."""
    found = state()
    if found is None:
        return None
    mine, mark = found
    if (known := mine.known()) and known.mark == mark and _is_alive(mine):
        return known
    if (newest := mine.snapshot()) and newest.mark == mark:
        return newest
    try:
        return mine.catch_up(WAIT, MOST_IN_REQUEST)
    except Behind:
        return _from_behind(mine)


def _is_alive(mine: Replica) -> bool:
    return (mine.folder / "current").exists()


def _from_behind(mine: Replica) -> Snapshot | None:
    if _is_small() or connection.in_atomic_block:
        try:
            return _build_or_catch_up(mine)
        except Behind:
            return None
    _in_background(mine)
    return None


def _is_small() -> bool:
    from django.utils import timezone

    from ..models import Abstract

    rows = Abstract.objects.visible_to(_INDEXER, timezone.now())
    return len(rows.order_by().values_list("pk", flat=True)[: MOST_IN_REQUEST + 1]) <= MOST_IN_REQUEST


def _build_or_catch_up(mine: Replica) -> Snapshot:
    snapshot = mine.snapshot()
    if snapshot is None or not is_of_this_history(snapshot):
        return mine.build(WAIT)
    return mine.catch_up(60)


def _in_background(mine: Replica) -> None:
    if any(thread.name == _thread_name(mine) for thread in threading.enumerate()):
        return
    threading.Thread(target=_work, args=(mine,), name=_thread_name(mine), daemon=True).start()


def _thread_name(mine: Replica) -> str:
    return f"search-index {mine.folder}"


def _work(mine: Replica) -> None:
    try:
        _build_or_catch_up(mine)
    except Behind:
        # Another process is at it.
        return
    finally:
        connections.close_all()


def follow_now() -> Snapshot | None:
    """Catch up or build here and now, however long it takes; for commands and imports."""
    found = state()
    if found is None:
        return None
    mine, _ = found
    try:
        return mine.catch_up(60)
    except Behind:
        return mine.build(600)
