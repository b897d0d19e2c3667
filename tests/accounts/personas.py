"""Readers with leave to read ahead of release."""

import datetime as dt

from abstracts.models import Meeting
from accounts.models import PressAccess
from tests.factories import LONG_AGO, UserFactory

LONG_AFTER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


def give_access(user, *meetings: Meeting, accepted: bool = True, **fields) -> PressAccess:
    """Access of `user` to each of `meetings`, or else to all; the last one."""
    terms = {"starts_at": LONG_AGO, "ends_at": LONG_AFTER, "may_export": True}
    for meeting in meetings or Meeting.objects.all():
        if accepted:
            terms |= {"accepted_at": LONG_AGO, "accepted_version": meeting.terms_version}
        access = PressAccess.objects.create(user=user, meeting=meeting, **{**terms, **fields})
    return access


def press_reader(*meetings: Meeting, **fields):
    """A reader with access to `meetings`, or else to all that there are, who has accepted the terms."""
    user = UserFactory(**fields)
    give_access(user, *meetings)
    return user
