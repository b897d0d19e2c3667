"""Brings the index to the database's revision before each search.

- If little is missing, the request itself catches up, or waits for the process that is catching up.
- If much is missing (no index, an index of an older program, a restored backup, a damaged index, a large import on
  another machine), a thread rebuilds or catches up. Until it has finished, the database answers searches (see
  `database`).

A snapshot that is behind is never searched: it would count what may be hidden by now.
"""

import threading

import structlog
from django.db import InterfaceError, OperationalError, connection, connections

from .. import clock
from ..models import Abstract, ArchiveState
from .damage import is_index_ignored
from .documents import INDEXER
from .replica import IndexBehind, Replica, Snapshot, get_replica

logger = structlog.get_logger(__name__)

# The most documents that a request writes before it searches: a few seconds of work.
LIMIT_IN_REQUEST = 3000
WAIT = 10.0


def ensure_current_snapshot() -> Snapshot | None:
    """A snapshot at the database's revision, after writing up to LIMIT_IN_REQUEST documents if it is behind.

    None while a thread or another process brings the index up to date, and where that is impossible, as on a full disk.
    """
    target = None if is_index_ignored() else get_replica()
    if target is None:
        return None
    replica, mark = target
    if (snapshot := replica.last_snapshot()) and snapshot.mark == mark and _has_current_index(replica):
        return snapshot
    if (snapshot := replica.open_snapshot()) and snapshot.mark == mark:
        return snapshot
    if replica.is_resting():
        return None
    try:
        return replica.catch_up(WAIT, LIMIT_IN_REQUEST)
    except IndexBehind:
        return _rebuild_or_start_thread(replica)


def _has_current_index(replica: Replica) -> bool:
    return (replica.folder / "current").exists()


def _rebuild_or_start_thread(replica: Replica) -> Snapshot | None:
    if _is_small_archive() or connection.in_atomic_block:
        try:
            return _catch_up_or_rebuild(replica)
        except IndexBehind:
            return None
    _start_thread(replica)
    return None


def _is_small_archive() -> bool:
    rows = Abstract.objects.visible_to(INDEXER, clock.now())
    return len(rows.order_by().values_list("pk", flat=True)[: LIMIT_IN_REQUEST + 1]) <= LIMIT_IN_REQUEST


def _catch_up_or_rebuild(replica: Replica) -> Snapshot:
    snapshot = replica.open_snapshot()
    if snapshot is None or not ArchiveState.has_been_at(snapshot.mark):
        return replica.rebuild(WAIT)
    return replica.catch_up(60)


def _start_thread(replica: Replica) -> None:
    if any(thread.name == _thread_name(replica) for thread in threading.enumerate()):
        return
    threading.Thread(target=_run, args=(replica,), name=_thread_name(replica), daemon=True).start()


def _thread_name(replica: Replica) -> str:
    return f"search-index {replica.folder}"


def _run(replica: Replica) -> None:
    try:
        _catch_up_or_rebuild(replica)
    except IndexBehind:
        return  # another process is writing, or the disk is full
    except (OperationalError, InterfaceError) as error:
        logger.warning("search index waits for the database", error=str(error))
    finally:
        connections.close_all()


def update_index() -> Snapshot | None:
    """Catch up or rebuild at once, however long it takes; for commands and imports. None for an empty archive."""
    target = get_replica()
    if target is None:
        return None
    replica, _ = target
    try:
        return replica.catch_up(60)
    except IndexBehind:
        return replica.rebuild(600)
