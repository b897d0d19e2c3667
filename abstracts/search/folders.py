"""The folders of indexes: which are in use, and which may go. They hold embargoed text, so none stays behind.

A process that uses the folder of an index holds a lock of the kernel on its `use.lock`, which ends with the process.
Former versions of the program, and archives that are gone, leave folders that nobody locks.
"""

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import structlog

logger = structlog.get_logger(__name__)

# The folder of another archive may belong to one that is not running at the moment.
UNUSED_SECONDS = 30 * 24 * 60 * 60
_NAME = re.compile(r"\d+-[0-9a-f]{32}")


class Use:
    """While it exists, `folder` is in use by this process."""

    def __init__(self, folder: Path):
        """Raises OSError where the folder does not exist or cannot be read."""
        self._path = folder / "use.lock"
        self._handle = os.open(self._path, os.O_RDONLY | os.O_CREAT, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def is_of_present_folder(self) -> bool:
        """Whether the folder was not deleted, and made again, since."""
        try:
            return os.path.samestat(os.fstat(self._handle), self._path.stat())
        except OSError:
            return False

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            os.close(self._handle)


def remove_unused(folder: Path) -> None:
    """Remove the folders beside that of this process's index, `folder`, that nobody uses.

    Those of other versions of the same archive go at once, those of other archives when they were not used for long.
    """
    _, _, archive = folder.name.partition("-")
    for other in folder.parent.glob("*-*"):
        if other == folder or not _NAME.fullmatch(other.name):
            continue
        if not other.name.endswith(f"-{archive}") and _last_use(other) > time.time() - UNUSED_SECONDS:
            continue
        with contextlib.suppress(OSError), _locked_alone(other):
            shutil.rmtree(other)
            logger.info("search index removed", folder=other.name)


def _last_use(folder: Path) -> float:
    paths = [folder, *folder.glob("*")]
    return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)


@contextlib.contextmanager
def _locked_alone(folder: Path) -> Iterator[None]:
    """Raises BlockingIOError if a process uses `folder`."""
    handle = os.open(folder / "use.lock", os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def acquire(lock: IO[str], wait: float) -> None:
    """Lock the open file `lock`, within `wait` seconds. Raises BlockingIOError."""
    deadline = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)


def write_atomically(path: Path, text: str) -> None:
    """Put `text` in the place of the file `path`: whoever reads it reads either the old or the new text."""
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.is_dir():
        shutil.rmtree(path)
    new.replace(path)


def remove_indexes(folder: Path, names: Iterable[str]) -> None:
    """Remove the indexes called `names` from `folder`. Who has them open may go on."""
    for name in names:
        shutil.rmtree(folder / name, ignore_errors=True)
