"""What the tests of warnings share."""

import datetime as dt

from abstracts.admin.warnings import warnings_of
from abstracts.models import Meeting
from tests import factories

# Before all that the meetings of these tests release.
AT = dt.datetime(2030, 6, 1, tzinfo=dt.UTC)


def a_meeting(**fields) -> Meeting:
    """From October 24 to 29, 2030, in Chicago, where clocks go back on November 3."""
    days = {"starts_on": dt.date(2030, 10, 24), "ends_on": dt.date(2030, 10, 29)}
    return factories.MeetingFactory(**{"timezone": "America/Chicago", "year": 2030} | days | fields)


def fixed(shows: str, month: int, day: int, hour: int = 10, minute: int = 0, **fields) -> dict:
    """A step at a local date and time of 2030."""
    return {"shows": shows, "rule": "fixed", "date": dt.date(2030, month, day), "time": dt.time(hour, minute), **fields}


def a_tier(meeting: Meeting, *steps: dict, **fields):
    return factories.TierFactory(meeting=meeting, name="Regular", steps=list(steps), **{"decides": "last"} | fields)


def texts(meeting: Meeting, kind: str, at: dt.datetime = AT) -> list[str]:
    """The sentences of the warnings of this kind about the stored meeting."""
    return [warning.text for warning in warnings_of(Meeting.objects.get(pk=meeting.pk), at) if warning.kind == kind]


def the_warning(meeting: Meeting, kind: str, at: dt.datetime = AT):
    """The only warning of this kind."""
    (warning,) = (warning for warning in warnings_of(Meeting.objects.get(pk=meeting.pk), at) if warning.kind == kind)
    return warning
