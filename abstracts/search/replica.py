"""This machine's search index: a folder that follows the database as a replica follows its primary.

    SEARCH_INDEX_ROOT/<schema version>-<archive's identity>/
        current             name of the index in use
        <name>/             a Tantivy index; one of its documents holds the mark (revision and token) of the index
        write.lock          locked while a process writes to an index
        build.lock          locked while a process builds a new index beside the one in use
        use.lock            locked by every process that uses the folder (see `folders`)

Documents and mark are committed together, and a document is replaced (deleted and added) in one commit. So the index
always shows exactly one revision, even after a kill, and catches up from there. The locks are kernel locks: they are
released when their process dies.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import structlog
from django.conf import settings
from tantivy import DocAddress, Document, Index, Query, Searcher

from .. import clock
from ..models import Abstract, ArchiveState, DocumentChange, Mark
from ..private_files import make_private
from ..visibility import Level
from ..visibility.prepared import PreparedQuery
from . import documents
from .damage import CheckedSearcher, IndexDamaged, noticing_damage
from .folders import Use, remove_unused
from .schema import SCHEMA_VERSION, schema, with_tokenizers

logger = structlog.get_logger(__name__)

HEAP = 64_000_000
BATCH = 2000
# Seconds: between two tries to write where writing fails, and between two rebuilds because of damage.
REST = 60.0
REPAIR_PAUSE = 600.0
_STATE = "state"


class IndexBehind(Exception):
    """The index does not match the database, and cannot be brought up to date now."""


class Snapshot(NamedTuple):
    """An immutable view of the index, and the mark of the archive that it shows.

    `unfiltered` knows nothing of visibility: searches go through `searching.LawfulSearcher`.
    """

    unfiltered: Searcher
    mark: Mark

    @property
    def revision(self) -> int:
        return self.mark.revision


def pks_at(searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
    """Primary keys of the abstracts whose documents are at `addresses`, in the same order."""
    return [int(pk or 0) for pk in searcher.fast_field_values("pk", addresses)]


class Replica:
    """The index of one archive in one folder, as this process sees it. Threads may share it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._lock = threading.RLock()
        self._name = ""
        self._index: Index | None = None
        self._snapshot: Snapshot | None = None
        self._is_tidy = False
        self._use: Use | None = None
        self._damaged_name = ""
        self._repaired_at = -REPAIR_PAUSE
        self._rests_until = 0.0

    def open_snapshot(self) -> Snapshot | None:
        """Open the newest snapshot on this machine; None if there is no readable index."""
        with self._lock:
            self._hold()
            try:
                name = (self.folder / "current").read_text()
                if name == self._damaged_name:
                    self._index = self._snapshot = None
                    return None
                with noticing_damage():
                    if name != self._name or self._index is None:
                        self._index, self._name = _open_index(self.folder / name), name
                    else:
                        self._index.reload()
                    searcher, mark = _read_snapshot(self._index)
                checked = cast(Searcher, CheckedSearcher(searcher, self._put_out_of_use))
                self._snapshot = Snapshot(checked, mark)
            except (OSError, ValueError, IndexDamaged):
                # Missing or damaged: it will be rebuilt.
                self._index = self._snapshot = None
            if self._snapshot and not self._is_tidy:
                self._is_tidy = True
                self._remove_leftovers()
                remove_unused(self.folder)
            return self._snapshot

    def _hold(self) -> None:
        """Have other processes know that the folder is in use, if there is one."""
        if self._use is None or not self._use.is_of_present_folder():
            self._use = None
            with contextlib.suppress(OSError):
                self._use = Use(self.folder)

    def _put_out_of_use(self, damage: Exception) -> None:
        """Have a new index built by whoever needs one next, in any process of this machine."""
        with self._lock:
            if time.monotonic() < self._repaired_at + REPAIR_PAUSE:
                return  # a new index did not help: no rebuild for each request
            self._repaired_at, self._damaged_name = time.monotonic(), self._name
            self._index = self._snapshot = None
            logger.warning("search index damaged", error=str(damage))
            with contextlib.suppress(OSError):
                if (self.folder / "current").read_text() == self._damaged_name:
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
            logger.warning("search index can be written again")
        self._rests_until = 0.0

    def last_snapshot(self) -> Snapshot | None:
        """The snapshot that this process opened last."""
        return self._snapshot

    def catch_up(self, wait: float = 10.0, limit: int | None = None) -> Snapshot:
        """Write what changed since the index's revision, whichever process changed it. Raises IndexBehind.

        `wait`: seconds to wait for another process that is writing. `limit`: give up at once if more documents than
        this have to be written.
        """
        if limit is not None and self._count_missing() > limit:
            raise IndexBehind("there is too much to write now")  # whoever writes it takes long: do not wait for that
        with self._locked("write.lock", wait):
            mark = ArchiveState.current_mark()
            snapshot = self.open_snapshot()
            if snapshot is None or not ArchiveState.has_been_at(snapshot.mark):
                raise IndexBehind("there is no index")
            if snapshot.mark == mark:
                return snapshot
            changes = DocumentChange.objects.filter(revision__gt=snapshot.revision, revision__lte=mark.revision)
            pks = list(changes.order_by("abstract_id").values_list("abstract_id", flat=True))
            assert self._index is not None
            start = time.monotonic()
            try:
                with noticing_damage():
                    documents = _write_documents(self._index, pks, mark)
            except IndexDamaged as damage:
                self._put_out_of_use(damage)
                self._rest(damage)
                raise IndexBehind(str(damage)) from damage
            self._wrote()
            logger.info("search index caught up", revision=mark.revision, documents=documents, seconds=_since(start))
            snapshot = self.open_snapshot()
            if snapshot is None:
                raise IndexBehind("the index cannot be read")
            return snapshot

    def _count_missing(self) -> int:
        """How many documents changed since the index's revision; 0 if there is no index."""
        snapshot = self.open_snapshot()
        return DocumentChange.objects.filter(revision__gt=snapshot.revision).count() if snapshot else 0

    def rebuild(self, wait: float = 0.0) -> Snapshot:
        """Build a new index beside the one in use, then switch to it. Raises IndexBehind if another process builds."""
        with self._locked("build.lock", wait):
            start, name = time.monotonic(), f"index-{secrets.token_hex(4)}"
            log = logger.bind(replaces=self._state())
            log.info("search index rebuild started")
            try:
                with noticing_damage():
                    documents = _build_index(self.folder / name)
                with self._locked("write.lock", 60):
                    _write_atomically(self.folder / "current", name)
            except (OSError, IndexDamaged) as error:
                shutil.rmtree(self.folder / name, ignore_errors=True)
                self._rest(error)
                raise IndexBehind(str(error)) from error
            self._wrote()
            self._remove_other_indexes(name)
            log.info("search index rebuilt", documents=documents, seconds=_since(start))
        return self.catch_up(60)

    def _state(self) -> str:
        """What there is now, for the log."""
        if snapshot := self.open_snapshot():
            return "an index" if ArchiveState.has_been_at(snapshot.mark) else "an index of another database history"
        return "a damaged index" if (self.folder / "current").exists() else "no index"

    def _remove_other_indexes(self, name: str) -> None:
        for path in self.folder.glob("index-*"):
            if path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    def _remove_leftovers(self) -> None:
        """Remove the indexes of processes that were killed while they built one."""
        with contextlib.suppress(IndexBehind, OSError), self._locked("build.lock", 0):
            self._remove_other_indexes((self.folder / "current").read_text())

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
            _acquire(lock, wait)
            yield


def _acquire(lock: IO[str], wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise IndexBehind("another process is writing") from None
            time.sleep(0.02)


def _write_atomically(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.is_dir():
        shutil.rmtree(path)
    new.replace(path)


def _open_index(path: Path) -> Index:
    if not path.is_dir() or not Index.exists(str(path)):
        raise ValueError("no index")
    index = with_tokenizers(Index.open(str(path)))
    index.config_reader("manual")
    index.reload()
    return index


def _read_snapshot(index: Index) -> tuple[Searcher, Mark]:
    searcher = index.searcher()
    hits = searcher.search(Query.term_query(schema(), "state", _STATE), 1).hits
    if not hits:
        raise ValueError("the index has no mark")
    state = searcher.doc(hits[0][1])
    return searcher, Mark(int(state["revision"][0]), str(state.get_first("token") or ""))


def _write_documents(index: Index, pks: list[int], mark: Mark) -> int:
    """Replace the documents of the abstracts `pks` and the mark in one commit; the number of documents written."""
    writer = index.writer(HEAP, 1)
    for pk in pks:
        writer.delete_documents_by_term("pk", pk)
    count = _add_documents(writer, pks)
    _write_mark(writer, mark)
    writer.commit()
    writer.wait_merging_threads()
    return count


def _build_index(path: Path) -> int:
    """Write an index of all abstracts to the new folder `path`; the number of documents written."""
    path.mkdir(parents=True)
    index = with_tokenizers(Index(schema(), str(path)))
    # Read before the documents: what changes in the meantime is written by the catch-up that follows.
    mark = ArchiveState.current_mark()
    writer = index.writer(HEAP, 1)
    count = sum(_add_documents(writer, pks) for pks in pks_in_batches())
    _write_mark(writer, mark)
    writer.commit()
    writer.wait_merging_threads()
    return count


def _add_documents(writer: Any, pks: list[int]) -> int:
    count = 0
    for fields in documents.build_documents(pks):
        writer.add_document(_to_document(fields))
        count += 1
    return count


def pks_in_batches() -> Iterator[list[int]]:
    """Primary keys of all abstracts, ascending, in batches."""
    last = 0
    while True:
        rows = Abstract.objects.visible_to(documents.INDEXER, clock.now(), Level.SHELL).filter(pk__gt=last)
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield pks
        last = pks[-1]


def _since(start: float) -> float:
    """Seconds since the monotonic time `start`, for the log."""
    return round(time.monotonic() - start, 3)


def _write_mark(writer: Any, mark: Mark) -> None:
    writer.delete_documents_by_term("state", _STATE)
    writer.add_document(Document.from_dict({"state": _STATE, **mark._asdict()}, schema()))


def _to_document(fields: dict[str, Any]) -> Document:
    filled = {name: value for name, value in fields.items() if value not in ("", [])}
    return Document.from_dict(filled, schema())


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
