"""The folder of finished books, and which of them may be served at an instant.

    DOWNLOADS_ROOT/<archive's identity>/
        worker.lock                 locked by the process that makes books
        <meeting's key>/
            wanted                  exists while a new book is wanted
            progress.json           how much of it is done
            book-<digest>.pdf       a book; the .json beside it has the state of which it was made

The state of a book is every abstract in it, with its level and the revision at which it last changed; and the mark of
the archive, by which a restored database knows that the book is of another history. A book may be served while each of
its abstracts has at least that level and that same revision. So a release makes a book incomplete, never wrong; a
withdrawal, a correction or a postponed embargo stops it at the next request, by whatever door it was made. The whole
folder can be deleted at any time.
"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from ..models import Abstract, ArchiveState, DocumentChange, Mark, Meeting
from ..private_files import make_private
from ..visibility import ANONYMOUS

# By primary key: the level of an abstract for the public, and the revision at which it last changed.
State = dict[int, tuple[int, int]]
# Raise it when the look of books changes, so that older ones are made again.
EDITION = 1


def state_of(meeting: Meeting, at: dt.datetime) -> State:
    """What the public may see of `meeting` at `at`, in two queries; nothing of a meeting that is not published."""
    if not meeting.is_published:
        return {}
    visible = Abstract.objects.visible_to(ANONYMOUS, at).filter(meeting=meeting).order_by("pk")
    levels = dict(visible.values_list("pk", "level"))
    changes = DocumentChange.objects.filter(abstract_id__in=visible.order_by().values("pk"))
    revisions = dict(changes.values_list("abstract_id", "revision"))
    return {pk: (level, revisions.get(pk, 0)) for pk, level in levels.items()}


def digest_of(state: State) -> str:
    """24 characters that differ for each state."""
    content = json.dumps([EDITION, sorted(state.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class FinishedBook:
    """A finished book: its file, when it was made, and of which state."""

    path: Path
    made_at: dt.datetime
    pages: int
    size: int
    state: State
    digest: str
    mark: Mark

    @property
    def count(self) -> int:
        return len(self.state)

    def may_be_served(self, now: State) -> bool:
        """Whether the state `now` allows all that it shows, unchanged."""
        return ArchiveState.has_been_at(self.mark) and all(
            pk in now and now[pk][0] >= level and now[pk][1] == revision for pk, (level, revision) in self.state.items()
        )


class BookStatus(NamedTuple):
    """The book of a meeting that may be served, whether it is complete, and whether a new one is being made.

    `progress` counts `done` and `total` abstracts; {} before it begins. `visible`: abstracts that the public may see.
    """

    book: FinishedBook | None
    is_current: bool
    is_wanted: bool
    is_working: bool
    progress: dict[str, Any]
    visible: int


def status_of(meeting: Meeting, at: dt.datetime) -> BookStatus:
    """The status of the book of `meeting` at `at`."""
    state = state_of(meeting, at)
    digest = digest_of(state)
    lawful = [book for book in books_of(meeting) if state and book.may_be_served(state)]
    book = max(lawful, key=lambda book: (book.digest == digest, book.made_at), default=None)
    is_current = book is not None and book.digest == digest
    wanted = is_wanted(meeting)
    working = wanted and is_worker_running()
    return BookStatus(book, is_current, wanted, working, progress_of(meeting) if working else {}, len(state))


def folder() -> Path:
    """The folder of this archive's books."""
    return Path(settings.DOWNLOADS_ROOT) / str(ArchiveState.objects.values_list("identity", flat=True).first() or "new")


def folder_of(meeting: Meeting) -> Path:
    return folder() / str(meeting.pk)


def books_of(meeting: Meeting) -> list[FinishedBook]:
    """The finished books of `meeting`, of any age: files that have a record."""
    books = []
    for record in folder_of(meeting).glob("book-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            books.append(_read(record))
    return books


def _read(record: Path) -> FinishedBook:
    data = json.loads(record.read_text("utf-8"))
    path = record.with_suffix(".pdf")
    state = {int(pk): (level, revision) for pk, (level, revision) in data["state"].items()}
    made_at = dt.datetime.fromisoformat(data["made_at"])
    mark = Mark(*data["mark"])
    return FinishedBook(path, made_at, data["pages"], path.stat().st_size, state, digest_of(state), mark)


def add_book(meeting: Meeting, file: Path, state: State, mark: Mark, made_at: dt.datetime, pages: int) -> Path:
    """Move the finished `file`, made of `state` at `mark`, to its place, and remove former books."""
    target = folder_of(meeting) / f"book-{digest_of(state)}.pdf"
    former = [path for path in folder_of(meeting).glob("book-*") if path.stem != target.stem]
    record = {"made_at": made_at.isoformat(), "pages": pages, "mark": mark, "state": state}
    target.with_suffix(".json").unlink(missing_ok=True)
    os.replace(file, target)
    write_json(target.with_suffix(".json"), record)
    for path in former:
        path.unlink(missing_ok=True)
    return target


def remove_unlawful(meeting: Meeting, state: State) -> None:
    """Remove the books of `meeting` that may not be served in the state `state`."""
    for book in books_of(meeting):
        if not state or not book.may_be_served(state):
            book.path.with_suffix(".json").unlink(missing_ok=True)
            book.path.unlink(missing_ok=True)


def write_json(path: Path, data: Any) -> None:
    """Write `data` in one step: readers see the former file or the new one."""
    make_private(path.parent)
    new = path.with_suffix(f".{os.getpid()}.new")
    try:
        new.write_text(json.dumps(data), "utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


# What is wanted, progress, and the process that makes books


def mark_wanted(meeting: Meeting) -> None:
    """Mark a new book of `meeting` as wanted."""
    make_private(folder_of(meeting))
    (folder_of(meeting) / "wanted").touch()


def is_wanted(meeting: Meeting) -> bool:
    return (folder_of(meeting) / "wanted").exists()


def unmark_wanted(meeting: Meeting) -> None:
    """A new book of `meeting` is not wanted any more."""
    (folder_of(meeting) / "wanted").unlink(missing_ok=True)
    (folder_of(meeting) / "progress.json").unlink(missing_ok=True)


def wanted_meetings() -> list[int]:
    """Primary keys of the meetings whose book is wanted, in the order in which they were marked."""
    paths = [path for path in folder().glob("*/wanted") if path.parent.name.isdigit()]
    return [int(path.parent.name) for path in sorted(paths, key=lambda path: path.stat().st_mtime)]


def progress_of(meeting: Meeting) -> dict[str, Any]:
    """`done` and `total` abstracts of the book that is being made; {} if it has not begun."""
    try:
        return json.loads((folder_of(meeting) / "progress.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


class WorkerRunning(Exception):
    """Another process makes books here."""


@contextlib.contextmanager
def worker_lock() -> Iterator[None]:
    """Be the process that makes books; the kernel unlocks it when the process ends. Raises WorkerRunning."""
    make_private(folder())
    with (folder() / "worker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WorkerRunning from None
        yield


def is_worker_running() -> bool:
    """Whether a process makes books here."""
    try:
        with (folder() / "worker.lock").open("r") as lock:
            # Shared, so that two processes that look do not take each other for the worker.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False
