"""Primary keys in lists that a database takes at once."""

from collections.abc import Iterable, Iterator


def in_chunks(pks: Iterable[int], size: int = 500) -> Iterator[list[int]]:
    """`pks` in lists that are short enough for IN (…) on every database."""
    pks = list(pks)
    for start in range(0, len(pks), size):
        yield pks[start : start + size]
