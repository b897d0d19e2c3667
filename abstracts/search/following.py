"""Brings the index to the database's revision, and to the time.

A thread of each process that answers requests does it: whenever something was written here or a search finds the index
behind, and every few seconds. So nobody waits for it but a search, and that not for long:

- If little is missing, a search waits for the index, whichever process writes it.
- If much is missing (no index, an index of an older program, a restored backup, a damaged index, a large import on
  another machine), the database answers searches meanwhile (see `database`).

A snapshot that is behind is never searched: it would count what may be hidden by now. For the public it is not behind
if all that changed since is hidden, and was.
"""

import atexit
import contextlib
import datetime as dt
import threading
import time

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connection

from .. import clock
from ..models import Abstract, ArchiveState, Mark
from ..models.chunks import in_chunks
from ..visibility import ANONYMOUS
from .damage import IndexDamaged, is_index_ignored
from .documents import INDEXER
from .replica import IndexBehind, Replica, changed_documents, get_replica
from .searching import Visible
from .snapshots import Snapshot
from .writing import is_any_in

logger = structlog.get_logger(__name__)

# The most documents for which a search waits: a few seconds of work.
LIMIT_IN_REQUEST = 3000
WAIT = 5.0
# Seconds: between two looks of a search that waits, and between two rounds of the thread that nobody asked for.
LOOK = 0.005
ROUND = 10.0
# Seconds between some ten milliseconds of cleaning.
PAUSE = 0.02
# For so many seconds after a search has waited in vain, none waits.
REST = 1.0


def ensure_current_snapshot(visible: Visible | None = None) -> Snapshot | None:
    """A snapshot at the database's revision, with what `visible` asks for, after waiting for it if need be.

    None while a thread or another process brings the index up to date, and where that is impossible, as on a full disk.
    """
    target = None if is_index_ignored() else get_replica()
    if target is None:
        return None
    replica, mark = target
    at = visible.at if visible else clock.now()
    if snapshot := replica.snapshot_at(mark, at):
        return snapshot
    if visible and visible.is_public and (snapshot := _snapshot_as_before(replica, mark, at)):
        if keeper.is_running():
            keeper.ask()
        return snapshot
    if replica.is_resting():
        return None
    if keeper.is_running() and not connection.in_atomic_block:
        return _wait_for_keeper(replica, at)
    return _bring_up_to_date(replica, at)


def _snapshot_as_before(replica: Replica, mark: Mark, at: dt.datetime) -> Snapshot | None:
    """The newest snapshot, as one at `mark`, if all that changed since is hidden from the public, and was.

    So nobody can tell from waiting, or from plainer answers, that a meeting is being imported.
    """
    snapshot = replica.open_snapshot()
    public = snapshot.public_at(at) if snapshot else None
    if not snapshot or not public or not ArchiveState.has_been_at(snapshot.mark):
        return None
    for pks in in_chunks(changed_documents(snapshot.revision)):
        if is_any_in(public, pks) or Abstract.objects.visible_to(ANONYMOUS, at).filter(pk__in=pks).exists():
            return None
    return snapshot.as_at(mark)


def newest_snapshot(visible: Visible) -> Snapshot | None:
    """The newest snapshot that there is, however old, for hints that are read through the law: nobody waits for it."""
    if not keeper.is_running() or connection.in_atomic_block:
        return ensure_current_snapshot(visible)
    target = None if is_index_ignored() else get_replica()
    return target[0].open_snapshot() if target else None


def _bring_up_to_date(replica: Replica, at: dt.datetime) -> Snapshot | None:
    try:
        return replica.catch_up(WAIT, LIMIT_IN_REQUEST, at)
    except IndexBehind:
        if not (_is_small_archive() or connection.in_atomic_block):
            return None
    try:
        return _catch_up_or_rebuild(replica, at)
    except IndexBehind:
        return None


def _is_small_archive() -> bool:
    rows = Abstract.objects.visible_to(INDEXER, clock.now())
    return len(rows.order_by().values_list("pk", flat=True)[: LIMIT_IN_REQUEST + 1]) <= LIMIT_IN_REQUEST


def _catch_up_or_rebuild(replica: Replica, at: dt.datetime) -> Snapshot:
    if not _has_index(replica):
        return replica.rebuild(WAIT, at)
    return replica.catch_up(60, at=at)


def _has_index(replica: Replica) -> bool:
    """Whether there is an index of this database's history."""
    snapshot = replica.open_snapshot()
    return snapshot is not None and ArchiveState.has_been_at(snapshot.mark)


def _wait_for_keeper(replica: Replica, at: dt.datetime) -> Snapshot | None:
    keeper.ask()
    if time.monotonic() < keeper.kept_waiting_at + REST:
        return None  # one request may ask twice
    is_soon = replica.count_missing() <= LIMIT_IN_REQUEST if _has_index(replica) else _is_small_archive()
    deadline = time.monotonic() + WAIT
    while is_soon and time.monotonic() < deadline and not replica.is_resting():
        target = get_replica()
        if target and (snapshot := target[0].snapshot_at(target[1], at)):
            return snapshot
        time.sleep(LOOK)
    if is_soon:
        keeper.kept_waiting_at = time.monotonic()
    return None


class Keeper:
    """The thread of a process that answers requests: it keeps the index up to date. Commands have none."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._ends = False
        # When a search waited in vain (monotonic).
        self.kept_waiting_at = -REST
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def ask(self) -> None:
        """Have the thread look at once; start it if there is none, as after a fork."""
        self._asked.set()
        with self._lock:
            if not self.is_running():
                atexit.register(self.end)
                self._thread = threading.Thread(target=self._run, name="search-index", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Let the thread finish what it writes, within WAIT: Tantivy aborts where Python ends under it."""
        self._ends = True
        self._asked.set()
        if self._thread:
            self._thread.join(WAIT)

    def _run(self) -> None:
        while not self._ends:
            self._asked.wait(ROUND)
            self._asked.clear()
            try:
                self.look_after_index()
            except IndexBehind:
                pass  # another process is writing, or the disk is full
            except IndexDamaged as damage:
                logger.warning("search index could not be read", error=str(damage))
            except Error as error:
                logger.warning("search index waits for the database", error=str(error))
            finally:
                close_old_connections()

    def look_after_index(self) -> None:
        """Catch up, prepare what the public finds at the next embargo instants, and forget what was deleted."""
        target = get_replica()
        if target is None or target[0].is_resting():
            return
        replica, mark = target
        if not replica.is_prepared(mark, clock.now()):
            _catch_up_or_rebuild(replica, clock.now())
        if replica.needs_cleaning():
            replica.clean(pause=lambda: self._pause_cleaning(replica))

    def _pause_cleaning(self, replica: Replica) -> None:
        """Let others have the processor, and catch up for who waits: cleaning takes seconds, or minutes."""
        time.sleep(PAUSE)
        if self._ends:
            raise IndexBehind("the process ends")
        if self._asked.is_set():
            self._asked.clear()
            with contextlib.suppress(IndexBehind):
                replica.catch_up(WAIT)


keeper = Keeper()


def follow_requests(**kwargs: object) -> None:
    """Receiver of the first request of a process: from then on the thread looks after the index."""
    if settings.SEARCH_INDEX_IN_THREAD and not keeper.is_running():
        keeper.ask()


def follow_writes(**kwargs: object) -> None:
    """Receiver of what was committed in this process."""
    if keeper.is_running():
        keeper.ask()


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


def purge() -> Snapshot | None:
    """`update_index`, and then forget at once what was deleted from the public's index."""
    update_index()
    target = get_replica()
    return target[0].clean(60) if target else None
