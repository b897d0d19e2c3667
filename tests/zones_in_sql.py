"""Statements that convert time zones fail in all tests.

PostgreSQL has zone data of its own, which may be of another release than the one that `acrsite.zone_data` chose. So
whatever decides something compares instants, and local times are made and shown in Python.
"""

import re
import sys

from django.db.backends.signals import connection_created

# What Django writes for TruncDay, ExtractHour and lookups like released_from__date, and what people write themselves.
CONVERTS = re.compile(r"\bAT\s+TIME\s+ZONE\b|\bdjango_datetime_\w+\(|\btimezone\(", re.IGNORECASE)


class ConvertsZones(Exception):
    """A statement lets the database convert time zones."""


def install() -> None:
    """Watch every connection that is made from now on."""
    connection_created.connect(_watch)


def _watch(connection, **kwargs) -> None:
    if _check not in connection.execute_wrappers:
        connection.execute_wrappers.append(_check)


def _check(execute, sql, params, many, context):
    if CONVERTS.search(str(sql)) and not _is_migration():
        raise ConvertsZones(f"It would be converted by the database's own rules: {sql}")
    return execute(sql, params, many, context)


def _is_migration() -> bool:
    """Whether a migration runs: those that are there convert to UTC, which has no rules."""
    frame = sys._getframe(1)
    while frame:
        if "/migrations/" in frame.f_code.co_filename and not frame.f_code.co_filename.startswith(sys.prefix):
            return True
        frame = frame.f_back
    return False
