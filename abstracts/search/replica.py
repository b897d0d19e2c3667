"""This machine's search index: a folder that follows the database as a replica follows its primary.

    SEARCH_INDEX_ROOT/<schema version>-<archive's identity>/
        current             names the indexes in use, and the mark (revision and token) of what they show: a `State`
        <name>/             a Tantivy index: of all documents, or of what the public finds for a time (see `writing`)
        write.lock          locked while a process writes what comes next
        build.lock          locked while a process builds new indexes beside those in use
        use.lock            locked by every process that uses the folder (see `folders`)

No index in use is ever changed: `current` is replaced when the next ones are complete. So the folder always shows
exactly one revision, even after a kill, and catches up from there. The locks are kernel locks: they are released when
their process dies.
"""

import contextlib
import datetime as dt
import functools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import structlog
from django.conf import settings
from tantivy import Searcher

from .. import clock
from ..models import ArchiveState, DocumentChange, Mark
from ..private_files import make_private
from ..visibility.prepared import PreparedQuery
from . import writing
from .damage import CheckedSearcher, IndexDamaged, is_of_disk, noticing_damage
from .folders import Use, acquire, remove_indexes, remove_unused, write_atomically
from .schema import SCHEMA_VERSION
from .snapshots import Snapshot, State
from .workshop import MOST_AHEAD, Workshop, edges

logger = structlog.get_logger(__name__)

# Seconds: between two tries to write where writing fails, and between two rebuilds because of damage.
REST = 60.0
REPAIR_PAUSE = 600.0
# What was deleted still counts in Tantivy's statistics. After so many seconds an index of the public is made anew;
# in large archives later, so that it takes a twentieth of the time.
CLEAN_AFTER = 300.0
CLEAN_SHARE = 20


class IndexBehind(Exception):
    """The index does not match the database, and cannot be brought up to date now."""


class Replica:
    """The index of one archive in one folder, as this process sees it. Threads may share it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._searchers: dict[str, Searcher] = {}
        self._state: State | None = None
        self._read_as: tuple[int, int] | None = None
        self._is_tidy = False
        self._use: Use | None = None
        self._damaged = ""
        self._repaired_at = -REPAIR_PAUSE
        self._rests_until = 0.0

    # Reading

    def state(self) -> State:
        """What is in use, without opening it. Raises OSError, ValueError or TypeError where there is nothing."""
        with self._lock:
            # The file is replaced, never written to: this tells each from the next.
            stat = (self.folder / "current").stat()
            if self._state is None or self._read_as != (stat.st_ino, stat.st_mtime_ns):
                self._state = State.loads((self.folder / "current").read_text())
                self._read_as = stat.st_ino, stat.st_mtime_ns
            return self._state

    def open_snapshot(self) -> Snapshot | None:
        """The newest snapshot on this machine; None if there is no readable index."""
        with self._lock:
            self._hold()
            try:
                if self._snapshot is None or self._snapshot.state is not self.state():
                    self._snapshot = self._open_newest()
            except (OSError, ValueError, TypeError, IndexDamaged):
                # Missing or damaged: it will be rebuilt.
                self._snapshot = None
            if self._snapshot and not self._is_tidy:
                self._is_tidy = self._remove_leftovers()
                remove_unused(self.folder)
            return self._snapshot

    def _open_newest(self) -> Snapshot | None:
        state = self.state()
        if self._damaged in state.names:
            return None
        try:
            return self._open(state)
        except IndexDamaged:
            # Another process may have removed these indexes after it wrote the next ones.
            if self.state() is state:
                raise
            return self._open(self.state())

    def _open(self, state: State) -> Snapshot:
        for name in state.names - self._searchers.keys():
            self._searchers[name] = self._searcher(name)
        self._searchers = {name: self._searchers[name] for name in state.names}
        return Snapshot(state, self._searchers)

    def _searcher(self, name: str) -> Searcher:
        with noticing_damage():
            searcher = writing.open_searcher(self.folder / name)
        return cast(Searcher, CheckedSearcher(searcher, functools.partial(self._put_out_of_use, name)))

    def snapshot_at(self, mark: Mark, at: dt.datetime) -> Snapshot | None:
        """The snapshot that shows the archive at `mark`, and what the public finds at `at`; None if there is none."""
        snapshot = self.open_snapshot()
        return snapshot if snapshot and snapshot.mark == mark and snapshot.part_at(at) else None

    def _hold(self) -> None:
        """Have other processes know that the folder is in use, if there is one."""
        if self._use is None or not self._use.is_of_present_folder():
            self._use = None
            with contextlib.suppress(OSError):
                self._use = Use(self.folder)

    # Failures

    def _put_out_of_use(self, name: str, damage: Exception) -> None:
        """Have new indexes built by whoever needs one next, in any process, as the one called `name` is damaged."""
        with self._lock:
            if time.monotonic() < self._repaired_at + REPAIR_PAUSE:
                return  # a new index did not help: no rebuild for each request
            self._repaired_at, self._damaged = time.monotonic(), name
            self._snapshot, self._searchers = None, {}
            logger.warning("search index damaged", error=str(damage))
            with contextlib.suppress(OSError, ValueError, TypeError):
                if name in self.state().names:
                    (self.folder / "current").unlink()

    def is_resting(self) -> bool:
        """Whether writing failed a short while ago, as on a full disk: nobody tries again yet."""
        return time.monotonic() < self._rests_until

    def _rest(self, error: Exception) -> None:
        if not self._rests_until:
            logger.warning("search index cannot be written", error=str(error))
        self._rests_until = time.monotonic() + REST

    def _wrote(self) -> None:
        if self._rests_until:
            self._is_tidy = False
            logger.warning("search index can be written again")
        self._rests_until = 0.0

    # Writing

    def catch_up(self, wait: float = 10.0, limit: int | None = None, at: dt.datetime | None = None) -> Snapshot:
        """Write what changed since the index's revision, whichever process changed it. Raises IndexBehind.

        `wait`: seconds to wait for another process that is writing. `limit`: give up at once if more documents than
        this have to be written. `at`: around which time the public asks, if not now.
        """
        at = at or clock.now()
        if limit is not None and self.count_missing() > limit:
            raise IndexBehind("there is too much to write now")  # whoever writes it takes long: do not wait for that
        with self._locked("write.lock", wait):
            mark = ArchiveState.current_mark()
            snapshot = self.open_snapshot()
            if snapshot is None or not ArchiveState.has_been_at(snapshot.mark):
                raise IndexBehind("there is no index")
            if self.is_prepared(mark, at):
                return snapshot
            start = time.monotonic()
            try:
                with noticing_damage(), Workshop(self.folder) as workshop:
                    count = self._write_next(snapshot.state, at, workshop)
            except IndexDamaged as damage:
                if not is_of_disk(damage):
                    self._put_out_of_use(snapshot.state.all, damage)
                self._rest(damage)
                raise IndexBehind(str(damage)) from damage
            self._wrote()
            logger.info("search index caught up", revision=mark.revision, documents=count, seconds=_since(start))
            return self._reopen()

    def count_missing(self) -> int:
        """How many documents changed since the index's revision; 0 if there is no index."""
        snapshot = self.open_snapshot()
        return DocumentChange.objects.filter(revision__gt=snapshot.revision).count() if snapshot else 0

    def _reopen(self) -> Snapshot:
        snapshot = self.open_snapshot()
        if snapshot is None:
            raise IndexBehind("the index cannot be read")
        return snapshot

    def is_prepared(self, mark: Mark, at: dt.datetime) -> bool:
        """Whether the newest snapshot shows the archive at `mark`, and the public at `at`, shortly before and after."""
        snapshot = self.open_snapshot()
        if snapshot is None or snapshot.mark != mark:
            return False
        first, now, last = (any(p.start <= edge < p.end for p in snapshot.state.public) for edge in edges(at))
        return first and now and (last or len(snapshot.state.public) >= MOST_AHEAD)

    def _write_next(self, state: State, at: dt.datetime, workshop: Workshop) -> int:
        """Write what follows `state` and switch to it; the number of documents written."""
        mark = ArchiveState.current_mark()
        pks = changed_documents(state.mark.revision)
        state, count = workshop.next_state(state, mark, pks, at)
        self._switch(state)
        return count

    def rebuild(self, wait: float = 0.0, at: dt.datetime | None = None) -> Snapshot:
        """Build new indexes beside those in use, then switch to them. Raises IndexBehind if another process builds.

        `at`: around which time the public asks, if not now.
        """
        with self._locked("build.lock", wait):
            start = time.monotonic()
            log = logger.bind(replaces=self._condition())
            log.info("search index rebuild started")
            try:
                with noticing_damage(), Workshop(self.folder) as workshop:
                    # Read before the documents: what changes meanwhile is written by the catch-up that follows.
                    state, count = workshop.first_state(ArchiveState.current_mark(), at or clock.now())
                    with self._locked("write.lock", 60):
                        self._switch(state)
                        self._remove_others(state)
            except (OSError, IndexDamaged) as error:
                self._rest(error)
                raise IndexBehind(str(error)) from error
            self._wrote()
            log.info("search index rebuilt", documents=count, seconds=_since(start))
        return self.catch_up(60, at=at)

    def needs_cleaning(self) -> bool:
        """Whether documents that were deleted count in the statistics of the public's index for too long."""
        snapshot = self.open_snapshot()
        if not snapshot:
            return False
        patience = max(CLEAN_AFTER, CLEAN_SHARE * snapshot.state.seconds)
        return any(0 < part.deleted_at < clock.now().timestamp() - patience for part in snapshot.state.public)

    def clean(self, wait: float = 0.0, pause: writing.Pause = writing.never_pause) -> Snapshot:
        """Make the public's index anew, so that nothing that was deleted counts in its statistics.

        Tantivy forgets a deleted document only when it merges its segment, which nobody can ask of it. Raises
        IndexBehind.
        """
        with self._locked("build.lock", wait), noticing_damage(), Workshop(self.folder) as workshop:
            start = time.monotonic()
            state = workshop.clean(self._reopen().state, clock.now(), pause)
            with self._locked("write.lock", 60):
                # Meanwhile others wrote, and removed what was copied: what changed since then is written once more.
                self._write_next(state._replace(all=self._reopen().state.all), clock.now(), workshop)
            logger.info("search index cleaned", seconds=_since(start))
            return self._reopen()

    def _condition(self) -> str:
        """What there is now, for the log."""
        if snapshot := self.open_snapshot():
            return "an index" if ArchiveState.has_been_at(snapshot.mark) else "an index of another database history"
        return "a damaged index" if (self.folder / "current").exists() else "no index"

    def _switch(self, state: State) -> None:
        """Have everybody use `state`, and remove the indexes that only the state before it used."""
        former: set[str] = set()
        with contextlib.suppress(OSError, ValueError, TypeError):
            former = self.state().names
        write_atomically(self.folder / "current", state.dumps())
        remove_indexes(self.folder, former - state.names)

    def _remove_others(self, state: State) -> None:
        remove_indexes(self.folder, {path.name for path in self.folder.glob("index-*")} - state.names)

    def _remove_leftovers(self) -> bool:
        """Remove the indexes of processes that were killed, or failed, while they built; False if one builds now."""
        try:
            with self._locked("build.lock", 0), self._locked("write.lock", 0):
                self._remove_others(self.state())
        except (IndexBehind, OSError, ValueError, TypeError):
            return False
        return True

    @contextlib.contextmanager
    def _locked(self, name: str, wait: float) -> Iterator[None]:
        try:
            make_private(self.folder)
            self._hold()
            lock = (self.folder / name).open("w")
        except OSError as error:
            self._rest(error)
            raise IndexBehind(str(error)) from error
        with lock:
            try:
                acquire(lock, wait)
            except BlockingIOError:
                raise IndexBehind("another process is writing") from None
            yield


def changed_documents(after: int) -> list[int]:
    """Primary keys of the abstracts whose documents changed after the revision `after`.

    Without an end: of each only the last change is recorded, so one before an end may be hidden by one after it.
    """
    changes = DocumentChange.objects.filter(revision__gt=after)
    return list(changes.order_by("abstract_id").values_list("abstract_id", flat=True))


def _since(start: float) -> float:
    """Seconds since the monotonic time `start`, for the log."""
    return round(time.monotonic() - start, 3)


_replicas: dict[Path, Replica] = {}
_replicas_lock = threading.Lock()
_archive_states = PreparedQuery(
    ArchiveState, lambda pks: ArchiveState.objects.filter(pk__in=pks).values_list("identity", "revision", "token")
)


def get_replica() -> tuple[Replica, Mark] | None:
    """This machine's replica of the database, and the database's mark; None for an archive that is still empty."""
    row = next(_archive_states.rows([1]), None)
    if row is None:
        return None
    identity, *mark = row
    folder = Path(settings.SEARCH_INDEX_ROOT) / f"{SCHEMA_VERSION}-{identity.hex}"
    with _replicas_lock:
        return _replicas.setdefault(folder, Replica(folder)), Mark(*mark)
