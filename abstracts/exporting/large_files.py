"""Limits large exports to two at a time per process: it has few threads, and pages come first."""

import threading
from collections.abc import Iterable, Iterator

# A file of more abstracts than this is large.
LARGE = 1_000
MAX_LARGE_FILES = 2
_slots = threading.BoundedSemaphore(MAX_LARGE_FILES)


class LargeFile:
    """The `pieces` of a large file. It occupies a slot until it is closed."""

    def __init__(self, pieces: Iterable[bytes]):
        self._pieces = pieces
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Release the slot; closing again does nothing."""
        if self._is_open:
            self._is_open = False
            _slots.release()


def open_large_file(pieces: Iterable[bytes]) -> LargeFile | None:
    """`pieces` in a slot; None if all slots are occupied."""
    return LargeFile(pieces) if _slots.acquire(blocking=False) else None
