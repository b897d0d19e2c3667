"""The folder of finished books, and which of them may be served at an instant.

    DOWNLOADS_ROOT/<archive's identity>/
        worker.lock                 held by the process that makes books
        <meeting's key>/
            wanted                  somebody asked for a new book
            progress.json           how far it is
            book-<digest>.pdf       a book, and beside it as .json what it was made of

Beside each book stands what it was made of: every abstract in it with its level and the revision at which it last
changed; and the mark of the archive then, by which a restored database knows that the book is of another history.
A book may be served as long as each of them may still be seen as far, and is as it was. So time that passes
(a release) makes a book incomplete, never wrong; a withdrawal, a correction or a postponed embargo makes it wrong at
once, at the next request, whoever wrote. All of it can be deleted at any time.
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
from ..visibility import ANONYMOUS

# By primary key: the level of an abstract for the public, and the revision at which it last changed.
State = dict[int, tuple[int, int]]
# Raised when books look otherwise, so that older ones are made again.
EDITION = 1


def state_of(meeting: Meeting, at: dt.datetime) -> State:
    """What the public may see of `meeting` at `at`, in two queries; of a meeting that is not published, nothing."""
    if not meeting.is_published:
        return {}
    visible = Abstract.objects.visible_to(ANONYMOUS, at).filter(meeting=meeting).order_by("pk")
    levels = dict(visible.values_list("pk", "level"))
    changes = DocumentChange.objects.filter(abstract_id__in=visible.order_by().values("pk"))
    revisions = dict(changes.values_list("abstract_id", "revision"))
    return {pk: (level, revisions.get(pk, 0)) for pk, level in levels.items()}


def digest_of(state: State) -> str:
    """Tells one state from every other."""
    written = json.dumps([EDITION, sorted(state.items())])
    return hashlib.sha256(written.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Made:
    """A finished book: its file, when it was made, and what it was made of."""

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
        """Whether all that it shows may be shown, and is what it was, when the archive's state is `now`."""
        return ArchiveState.has_been_at(self.mark) and all(
            pk in now and now[pk][0] >= level and now[pk][1] == revision for pk, (level, revision) in self.state.items()
        )


class Look(NamedTuple):
    """What the shelf has of a meeting: the book to be served (None: none), whether it is complete, what is done."""

    book: Made | None
    is_current: bool
    is_wanted: bool
    is_working: bool
    progress: dict[str, Any]
    visible: int


def look(meeting: Meeting, at: dt.datetime) -> Look:
    """What there is of `meeting` for the public at `at`."""
    state = state_of(meeting, at)
    digest = digest_of(state)
    lawful = [made for made in books_of(meeting) if state and made.may_be_served(state)]
    lawful.sort(key=lambda made: (made.digest == digest, made.made_at))
    book = lawful[-1] if lawful else None
    current = book is not None and book.digest == digest
    wanted = is_wanted(meeting)
    working = wanted and is_working()
    return Look(book, current, wanted, working, progress_of(meeting) if working else {}, len(state))


def folder() -> Path:
    """The folder of this archive's books."""
    return Path(settings.DOWNLOADS_ROOT) / str(ArchiveState.objects.values_list("identity", flat=True).first() or "new")


def folder_of(meeting: Meeting) -> Path:
    return folder() / str(meeting.pk)


def books_of(meeting: Meeting) -> list[Made]:
    """The finished books of `meeting`, whatever their age; a file without its record, or the reverse, is none."""
    found = []
    for record in folder_of(meeting).glob("book-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            found.append(_read(record))
    return found


def _read(record: Path) -> Made:
    data = json.loads(record.read_text("utf-8"))
    path = record.with_suffix(".pdf")
    state = {int(pk): (level, revision) for pk, (level, revision) in data["state"].items()}
    made_at = dt.datetime.fromisoformat(data["made_at"])
    mark = Mark(*data["mark"])
    return Made(path, made_at, data["pages"], path.stat().st_size, state, digest_of(state), mark)


def put(meeting: Meeting, file: Path, state: State, mark: Mark, made_at: dt.datetime, pages: int) -> Path:
    """Take the finished `file`, made of `state` at `mark`, onto the shelf, and remove the former ones."""
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
    """Remove the books of `meeting` that may not be served when the archive's state is `state`."""
    for made in books_of(meeting):
        if not state or not made.may_be_served(state):
            made.path.with_suffix(".json").unlink(missing_ok=True)
            made.path.unlink(missing_ok=True)


def write_json(path: Path, data: Any) -> None:
    """Write `data` in one step: a reader sees the former file or this one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_text(json.dumps(data), "utf-8")
    os.replace(new, path)


# Wishes, progress, and who works


def wish(meeting: Meeting) -> None:
    """Ask for a new book of `meeting`."""
    folder_of(meeting).mkdir(parents=True, exist_ok=True)
    (folder_of(meeting) / "wanted").touch()


def is_wanted(meeting: Meeting) -> bool:
    return (folder_of(meeting) / "wanted").exists()


def granted(meeting: Meeting) -> None:
    """The wish for `meeting` is done with."""
    (folder_of(meeting) / "wanted").unlink(missing_ok=True)
    (folder_of(meeting) / "progress.json").unlink(missing_ok=True)


def wanted() -> list[int]:
    """Keys of the meetings of which a book is wanted, the longest waiting first."""
    found = [path for path in folder().glob("*/wanted") if path.parent.name.isdigit()]
    return [int(path.parent.name) for path in sorted(found, key=lambda path: path.stat().st_mtime)]


def progress_of(meeting: Meeting) -> dict[str, Any]:
    """`done` and `total` abstracts of the book being made; {} where it has not begun."""
    try:
        return json.loads((folder_of(meeting) / "progress.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


class Busy(Exception):
    """Another process makes books here."""


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Be the process that makes books; the kernel ends it with the process. Raises Busy where another is."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "worker.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


def is_working() -> bool:
    """Whether some process makes books here."""
    try:
        with (folder() / "worker.lock").open("r") as lock:
            # Shared: two that look do not take each other for the worker.
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False
