"""Each page is made once: whoever asks for it meanwhile, in any process of the machine, waits for it."""

import contextlib
import fcntl
import time
from typing import BinaryIO

from django.conf import settings

# Seconds. Whoever has waited so long, for a maker that is slow or hangs, makes the page as well. A maker that is
# killed, or makes nothing that is stored, is waited for no longer than it lives.
PATIENCE = 3.0
LOOK_EVERY = 0.005
# Files to lock. Two pages that share one only wait for each other for nothing.
LOCKS = 1024


def alone(key: str) -> BinaryIO | None:
    """The lock of the page whose `key` is a hexadecimal digest, for the one who makes it (see `over`).

    None for everybody else, after the wait: then the page is in the store, or is not to be waited for.
    """
    try:
        return _alone(_open(f"{int(key[:8], 16) % LOCKS}"))
    except OSError:
        # A disk that is full or read-only, a file system without locks.
        return None


def _alone(lock: BinaryIO) -> BinaryIO | None:
    waits = False
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not waits:
                return lock
            over(lock)
            return None
        waits = True
        time.sleep(LOOK_EVERY)
    lock.close()
    return None


def over(lock: BinaryIO) -> None:
    """Let those who wait go on."""
    # Not by closing alone: a child process may have the file open, too.
    fcntl.flock(lock, fcntl.LOCK_UN)
    lock.close()


def _open(name: str) -> BinaryIO:
    folder = settings.CACHE_ROOT / "making"
    try:
        return (folder / name).open("ab")
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (folder / name).open("ab")
