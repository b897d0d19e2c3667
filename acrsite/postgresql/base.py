"""PostgreSQL that hangs counts as away: OperationalError within seconds, as where it is stopped.

A frozen server keeps its connections open, and libpq would wait for an answer for ever. A server that was silent for
`SILENCE` seconds is asked for a second connection. Where it gives one it is at work (on a long statement, or behind a
lock) and may take its time; where it does not, the first one is given up, too.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import waiting
from psycopg.abc import PQGen

# Seconds; libpq takes no shorter timeout than 2.
SILENCE = 3.0
CONNECT_TIMEOUT = 2
# For so long after a connection that did not come nobody asks for one: requests fail at once, and threads stay free.
PAUSE = 3.0

_retry_at = 0.0


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        return {"connect_timeout": CONNECT_TIMEOUT, **super().get_connection_params()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        with _noticing_silence():
            connection = super().get_new_connection(conn_params)
        connection.wait = partial(_wait, connection, conn_params)  # type: ignore[method-assign]
        return connection


@contextlib.contextmanager
def _noticing_silence() -> Iterator[None]:
    """Around what connects: remembers a server that did not answer, and does not try it again for a while."""
    global _retry_at
    if time.monotonic() < _retry_at:
        raise psycopg.errors.ConnectionTimeout("the server did not answer a moment ago")
    try:
        yield
    except psycopg.errors.ConnectionTimeout:
        _retry_at = time.monotonic() + PAUSE
        raise


def _wait(connection: psycopg.Connection, parameters: dict[str, Any], steps: PQGen[Any], *args: Any, **kwargs: Any):
    """psycopg's `Connection.wait`, for `steps` that look after the server."""
    watched = _watched(steps, partial(_check, connection, parameters))
    return waiting.wait(watched, connection.pgconn.socket, *args, **{"interval": 0.1, **kwargs})


def _watched(steps: PQGen[Any], check: Callable[[], None]) -> PQGen[Any]:
    """`steps` of psycopg, with a call of `check` after every `SILENCE` seconds in which the server sent nothing."""
    heard_at = time.monotonic()
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if ready:
                heard_at = time.monotonic()
            elif time.monotonic() > heard_at + SILENCE:
                check()
                heard_at = time.monotonic()
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value


def _check(connection: psycopg.Connection, parameters: dict[str, Any]) -> None:
    """Close `connection` and raise ConnectionTimeout where the server gives no second one."""
    try:
        with _noticing_silence():
            psycopg.connect(**parameters).close()
    except psycopg.errors.ConnectionTimeout:
        connection.close()
        raise
    except psycopg.OperationalError:
        # Refused (too many connections, say), so somebody is there.
        return
