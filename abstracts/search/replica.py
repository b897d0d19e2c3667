"""This machine's index: a folder that follows the database.

    SEARCH_INDEX_ROOT/<schema version>-<archive's identity>/
        current             name of the index in use
        <name>/             a Tantivy index; one document of it tells the revision that it holds
        write.lock          held while an index is written to
        build.lock          held while another one is built beside it

The index and its revision are committed in one step, and a document is replaced by deleting and adding in one step:
whenever the program is killed, the index is as of some revision, and catches up from there. Locks are the kernel's,
which frees them when their holder dies.
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
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from tantivy import DocAddress, Document, Index, Query, Searcher

from ..models import Abstract, ArchiveState, DocumentChange, Mark, PastRevision
from ..visibility import Level
from ..visibility.prepared import PreparedQuery
from . import documents
from .schema import SCHEMA_VERSION, schema, with_tokenizers

HEAP = 64_000_000
BATCH = 2000
_STATE = "state"


class Behind(Exception):
    """The index is not what the database is, and cannot be made so now."""


class Snapshot(NamedTuple):
    """What is searched: a view of the index that nobody changes, and the state of the archive that it shows."""

    searcher: Searcher
    mark: Mark

    @property
    def revision(self) -> int:
        return self.mark.revision


def pks_at(searcher: Searcher, addresses: list[DocAddress]) -> list[int]:
    """Primary keys of the abstracts whose documents are at `addresses`, in their order."""
    return [int(pk or 0) for pk in searcher.fast_field_values("pk", addresses)]


class Replica:
    """The index of one archive in one folder, as one process sees it. Threads may share it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._lock = threading.RLock()
        self._name = ""
        self._index: Index | None = None
        self._snapshot: Snapshot | None = None

    # Reading

    def snapshot(self) -> Snapshot | None:
        """The newest snapshot on this machine; None where there is no index that can be read."""
        with self._lock:
            try:
                name = (self.folder / "current").read_text()
                if name != self._name or self._index is None:
                    self._index, self._name = _open(self.folder / name), name
                else:
                    self._index.reload()
                self._snapshot = _snapshot(self._index)
            except (OSError, ValueError):
                # Missing, or not what it was: it is built anew.
                self._index = self._snapshot = None
            return self._snapshot

    def known(self) -> Snapshot | None:
        """The snapshot that this process saw last."""
        return self._snapshot

    # Writing

    def catch_up(self, wait: float = 10.0, most: int | None = None) -> Snapshot:
        """Bring the index to the database's revision, whoever wrote. Raises Behind.

        `wait`: seconds to wait for another process that writes. `most`: Behind where more documents than that are
        to be written.
        """
        if most is not None and self._backlog() > most:
            raise Behind("there is too much to write now")  # and who writes it will take long: nobody waits for that
        with self._locked("write.lock", wait):
            mark = ArchiveState.current_mark()
            held = self.snapshot()
            if held is None or not is_of_this_history(held):
                raise Behind("there is no index")
            if held.mark == mark:
                return held
            changes = DocumentChange.objects.filter(revision__gt=held.revision, revision__lte=mark.revision)
            pks = list(changes.order_by("abstract_id").values_list("abstract_id", flat=True))
            assert self._index is not None
            try:
                _write(self._index, pks, mark)
            except (OSError, ValueError) as error:
                raise Behind(str(error)) from error
            snapshot = self.snapshot()
            if snapshot is None:
                raise Behind("the index cannot be read")
            return snapshot

    def _backlog(self) -> int:
        """How many documents changed since the index's revision; 0 where there is no index."""
        held = self.snapshot()
        return DocumentChange.objects.filter(revision__gt=held.revision).count() if held else 0

    def build(self, wait: float = 0.0) -> Snapshot:
        """Build an index from nothing beside the one in use, and take its place. Raises Behind where another does."""
        with self._locked("build.lock", wait):
            name = f"index-{secrets.token_hex(4)}"
            _build(self.folder / name)
            with self._locked("write.lock", 60):
                _replace(self.folder / "current", name)
            self._remove_others(name)
        return self.catch_up(60)

    def _remove_others(self, name: str) -> None:
        for path in self.folder.glob("index-*"):
            if path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self, name: str, wait: float) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("w") as lock:
            _take(lock, wait)
            yield


def _take(lock: Any, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Behind("another process is writing") from None
            time.sleep(0.02)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _open(path: Path) -> Index:
    if not path.is_dir() or not Index.exists(str(path)):
        raise ValueError("no index")
    index = with_tokenizers(Index.open(str(path)))
    index.config_reader("manual")
    index.reload()
    return index


def _snapshot(index: Index) -> Snapshot:
    searcher = index.searcher()
    hits = searcher.search(Query.term_query(schema(), "state", _STATE), 1).hits
    if not hits:
        raise ValueError("the index does not tell its revision")
    told = searcher.doc(hits[0][1])
    return Snapshot(searcher, Mark(int(told["revision"][0]), str(told.get_first("token") or "")))


def is_of_this_history(snapshot: Snapshot) -> bool:
    """Whether the archive is, or was, at what `snapshot` shows; not so where a backup was restored since."""
    return snapshot.mark == ArchiveState.current_mark() or PastRevision.holds(snapshot.mark)


def _write(index: Index, pks: list[int], mark: Mark) -> None:
    """Write the documents of the abstracts `pks` as they are now, with `mark`, in one commit."""
    writer = index.writer(HEAP, 1)
    for pk in pks:
        writer.delete_documents_by_term("pk", pk)
    for fields in documents.documents_of(pks):
        writer.add_document(_document(fields))
    _tell_revision(writer, mark)
    writer.commit()
    writer.wait_merging_threads()


def _build(path: Path) -> None:
    path.mkdir(parents=True)
    index = with_tokenizers(Index(schema(), str(path)))
    # Read first: what changes meanwhile is caught up with.
    mark = ArchiveState.current_mark()
    writer = index.writer(HEAP, 1)
    for pks in all_pks():
        for fields in documents.documents_of(pks):
            writer.add_document(_document(fields))
    _tell_revision(writer, mark)
    writer.commit()
    writer.wait_merging_threads()


def all_pks() -> Iterator[list[int]]:
    """Primary keys of all abstracts, ascending, in batches."""
    last = 0
    while True:
        rows = Abstract.objects.visible_to(documents.INDEXER, timezone.now(), Level.SHELL).filter(pk__gt=last)
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield pks
        last = pks[-1]


def _tell_revision(writer: Any, mark: Mark) -> None:
    writer.delete_documents_by_term("state", _STATE)
    writer.add_document(Document.from_dict({"state": _STATE, **mark._asdict()}, schema()))


def _document(fields: dict[str, Any]) -> Document:
    filled = {name: value for name, value in fields.items() if value not in ("", [])}
    return Document.from_dict(filled, schema())


_replicas: dict[Path, Replica] = {}
_opening = threading.Lock()
_states = PreparedQuery(
    ArchiveState, lambda pks: ArchiveState.objects.filter(pk__in=pks).values_list("identity", "revision", "token")
)


def state() -> tuple[Replica, Mark] | None:
    """The replica of this database, and what it is to be at; None for an archive that was never written to."""
    row = next(_states.rows([1]), None)
    if row is None:
        return None
    identity, *mark = row
    folder = Path(settings.SEARCH_INDEX_ROOT) / f"{SCHEMA_VERSION}-{identity.hex}"
    with _opening:
        return _replicas.setdefault(folder, Replica(folder)), Mark(*mark)
