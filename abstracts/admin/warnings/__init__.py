"""Warnings about the embargo of a meeting: what staff should look at, each with a link to the fix."""

import datetime as dt

from ...models import Meeting
from .addresses import telling_addresses
from .base import MeetingWarning, ahead
from .clock_changes import clock_changes
from .moves import moved_sessions
from .rules import rules_that_fail
from .titles import titles_with_results


def warnings_of(meeting: Meeting, at: dt.datetime) -> list[MeetingWarning]:
    """All warnings about the stored `meeting` at `at`. The number of queries does not depend on its rows."""
    embargo = ahead(meeting, at)
    return [
        *rules_that_fail(embargo),
        *clock_changes(embargo),
        *moved_sessions(embargo),
        *titles_with_results(embargo),
        *telling_addresses(meeting, at),
    ]
