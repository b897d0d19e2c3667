"""Caches that fail without failing a request.

`FirstWorkingCache` passes each call to the first of several caches that works. One that raises is left alone for
`PAUSE` seconds, so that a server that hangs costs one request its timeout and the others nothing; then it has to take
a value before it is used again. Values are not copied: the next cache begins empty.
"""

import contextlib
import fcntl
import os
import pickle
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any

import redis
import structlog
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.filebased import FileBasedCache

log = structlog.get_logger(__name__)

# Seconds: between two tries of a cache that failed; between two removals of expired files.
PAUSE = 10.0
SWEEP = 60.0
# A server that is gone, hangs or is full; a disk that is full or read-only.
FAILURES = (redis.RedisError, OSError)
# A value that another version of the program wrote, or a damaged file.
UNREADABLE = (
    pickle.UnpicklingError, zlib.error, AttributeError, ImportError, EOFError, LookupError, TypeError, ValueError,
)  # fmt: skip


class FirstWorkingCache(BaseCache):
    """OPTIONS["caches"] names caches, the best first; the last one must not fail. There is no LOCATION."""

    def __init__(self, location: str, params: dict[str, Any]):
        super().__init__(params)
        self._names: list[str] = params["OPTIONS"]["caches"]

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("add", key, version, value, self._seconds(timeout))

    def get(self, key, default=None, version=None):
        try:
            return self._call("get", key, version, default)
        except UNREADABLE:
            return default

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("set", key, version, value, self._seconds(timeout))

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("touch", key, version, self._seconds(timeout))

    def delete(self, key, version=None):
        return self._call("delete", key, version)

    def incr(self, key, delta=1, version=None):
        return self._call("incr", key, version, delta)

    def clear(self):
        for name in self._names:
            with contextlib.suppress(*FAILURES):
                caches[name].clear()

    def _call(self, method: str, key: str, version: int | None, *arguments: Any) -> Any:
        key = self.make_and_validate_key(key, version=version)
        for name in self._names[:-1]:
            if _breakers[name].is_usable():
                try:
                    return getattr(caches[name], method)(key, *arguments)
                except FAILURES as error:
                    _breakers[name].failed(error)
        return getattr(caches[self._names[-1]], method)(key, *arguments)

    def _seconds(self, timeout: Any) -> float | None:
        return self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout


class Breaker:
    """Says for all threads of the process whether the cache `name` is worth a try."""

    def __init__(self, name: str):
        self._name = name
        self._retry_at: float | None = None
        self._trying = threading.Lock()

    def is_usable(self) -> bool:
        if self._retry_at is None:
            return True
        # One thread tries; the others do not wait for it.
        if time.monotonic() < self._retry_at or not self._trying.acquire(blocking=False):
            return False
        try:
            caches[self._name].set("is-it-back", True, 1)
        except FAILURES as error:
            self.failed(error)
            return False
        finally:
            self._trying.release()
        self._retry_at = None
        log.warning("cache_is_back", cache=self._name)
        return True

    def failed(self, error: Exception) -> None:
        """Leave the cache alone for `PAUSE` seconds; logged once until it is back."""
        if self._retry_at is None:
            log.warning("cache_failed", cache=self._name, error=repr(error))
        self._retry_at = time.monotonic() + PAUSE


class _Breakers(dict[str, Breaker]):
    def __missing__(self, name: str) -> Breaker:
        return self.setdefault(name, Breaker(name))


_breakers = _Breakers()


class FileCache(FileBasedCache):
    """Django's file cache, but `add` and `incr` are atomic, damaged files are no values, what has expired is removed
    soon, and values are not counted at each write: there may be as many too many as are written in `SWEEP`."""

    # By folder, for all threads of the process.
    _swept_at: dict[str, float] = {}

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        with self._locked():
            if self.get(key, version=version) is not None:
                return False
            self.set(key, value, timeout, version)
            return True

    def get(self, key, default=None, version=None):
        try:
            return super().get(key, default, version)
        except UNREADABLE:
            self.delete(key, version)
            return default

    def _is_expired(self, f):
        try:
            return super()._is_expired(f)
        except UNREADABLE:
            self._delete(f.name)
            return True

    def incr(self, key, delta=1, version=None):
        """Like Redis, and unlike Django's, keeps the time at which the value expires."""
        with self._locked():
            value = self.get(key, version=version)
            if value is None:
                raise ValueError(f"Key '{key}' not found")
            with open(self._key_to_file(key, version), "rb") as file:
                expires_at = pickle.load(file)  # noqa: S301 (its own)
            left = None if expires_at is None else expires_at - time.time()
            self.set(key, value + delta, left, version)
            return value + delta

    def _cull(self):
        if time.monotonic() < self._swept_at.get(self._dir, 0.0) + SWEEP:
            return
        self._swept_at[self._dir] = time.monotonic()
        for path in self._list_cache_files():
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
                self._is_expired(file)
        super()._cull()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._createdir()  # type: ignore[attr-defined]
        with open(os.path.join(self._dir, "lock"), "a") as lock:  # type: ignore[attr-defined]
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
