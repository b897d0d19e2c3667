"""The clocks of a machine and of its database, set by tests."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from types import SimpleNamespace

from django.db import OperationalError

from abstracts import clock

SECOND = dt.timedelta(seconds=1)
MICROSECOND = dt.timedelta(microseconds=1)
BEGIN = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)


class Clocks:
    """Takes the place of the database, of the machine's clock and of the monotonic clock in `abstracts.clock`.

    `machine` and `database` say how far each clock is ahead of the true time. An answer of the database takes `way` to
    it and `way` back.
    """

    def __init__(self, monkeypatch, settings):
        self.true = BEGIN
        self.machine = self.database = self.way = dt.timedelta(0)
        self.is_replica = self.is_away = False
        self.times_asked = 0
        settings.DATABASE_CLOCK = True
        monkeypatch.setattr(clock, "_reading", None)
        monkeypatch.setattr(clock, "_due_at", 0)
        monkeypatch.setattr(clock, "_problem", "")
        monkeypatch.setattr(clock, "connection", self)
        monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic_ns=self._monotonic))
        monkeypatch.setattr(clock, "timezone", SimpleNamespace(now=lambda: self.true + self.machine))

    def wait(self, seconds: float) -> None:
        self.true += seconds * SECOND

    def _monotonic(self) -> int:
        return (self.true - BEGIN) // MICROSECOND * 1000

    @contextlib.contextmanager
    def cursor(self) -> Iterator["Clocks"]:
        if self.is_away:
            raise OperationalError("server closed the connection unexpectedly, user archive at 10.0.0.7")
        yield self

    def execute(self, sql: str) -> None:
        self.times_asked += 1
        self.true += self.way

    def fetchone(self) -> tuple[dt.datetime, bool]:
        answer = (self.true + self.database, self.is_replica)
        self.true += self.way
        return answer
