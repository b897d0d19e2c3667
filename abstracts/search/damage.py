"""A damaged index is noticed when it is read; whoever reads it then answers from the database instead.

Tantivy checks the files that it opens, not what it reads of them later: that fails with one exception or another, or
with a panic, which is none of Python's exceptions.
"""

import contextlib
import errno
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from tantivy import Searcher

_is_ignored: ContextVar[bool] = ContextVar("search index ignored", default=False)


class IndexDamaged(Exception):
    """The index cannot be read. It has been put out of use: the next search builds a new one."""


def is_of_disk(damage: IndexDamaged) -> bool:
    """Whether a disk is full or read-only, so that the indexes in use are whole. (Tantivy says it in words.)"""
    numbers = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
    cause = damage.__cause__
    return (isinstance(cause, OSError) and cause.errno in numbers) or any(
        f"(os error {number})" in str(damage) for number in numbers
    )


@contextlib.contextmanager
def noticing_damage() -> Iterator[None]:
    """Around whatever reads or writes an index. Raises IndexDamaged for all that Tantivy raises."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise IndexDamaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise IndexDamaged(f"panic: {error}") from error
        raise


class CheckedSearcher:
    """A searcher that calls `report` and raises IndexDamaged where it cannot read the index."""

    def __init__(self, searcher: Searcher, report: Callable[[IndexDamaged], None]):
        self._searcher, self._report = searcher, report

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._searcher, name)
        return self._checked(value) if callable(value) else value

    def _checked(self, method: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                with noticing_damage():
                    return method(*args, **kwargs)
            except IndexDamaged as damage:
                self._report(damage)
                raise

        return call


@contextlib.contextmanager
def without_index() -> Iterator[None]:
    """The database answers searches in here, whatever the state of the index."""
    token = _is_ignored.set(True)
    try:
        yield
    finally:
        _is_ignored.reset(token)


def is_index_ignored() -> bool:
    return _is_ignored.get()
