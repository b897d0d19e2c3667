"""Large files wait for their turn: a process has few threads, and pages come first."""

import threading
from collections.abc import Iterable, Iterator

# Files of more abstracts than this are large; so many of them are made at a time, in each process.
LARGE = 1_000
AT_ONCE = 2
_turns = threading.BoundedSemaphore(AT_ONCE)


class InTurn:
    """`pieces` of a large file. Whoever has one holds a turn until it is closed."""

    def __init__(self, pieces: Iterable[bytes]):
        self._pieces = pieces
        self._held = True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Give the turn back; a second time does nothing."""
        if self._held:
            self._held = False
            _turns.release()


def in_turn(pieces: Iterable[bytes]) -> InTurn | None:
    """`pieces` with a turn; None where all are taken."""
    return InTurn(pieces) if _turns.acquire(blocking=False) else None
