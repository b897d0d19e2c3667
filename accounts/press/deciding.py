"""What a press officer's decision about an application does."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from abstracts.models.record import RecordHead

from ..models import PressAccess, PressApplication, User


@transaction.atomic
def approve(
    application: PressApplication,
    by: User,
    at: dt.datetime,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    may_export: bool,
) -> PressAccess:
    """Give the applicant the access, and an account where the e-mail address has none."""
    user = application.user or User.objects.filter(email__iexact=application.email).first() or _new(application)
    access = PressAccess.objects.create(
        user=user,
        meeting=application.meeting,
        starts_at=starts_at,
        ends_at=ends_at,
        may_export=may_export,
        language=application.language,
        approved_by=by,
        approved_at=at,
        mailed_until=at,
        mailed_entry=last_entry(),
    )
    _decide(application, PressApplication.State.APPROVED, by, at, user=user)
    return access


def decline(application: PressApplication, by: User, at: dt.datetime) -> None:
    _decide(application, PressApplication.State.DECLINED, by, at)


def last_entry() -> int:
    """The number of the last entry of the embargo record: what it says needs no mail to who comes after it."""
    return RecordHead.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def _decide(application: PressApplication, state: PressApplication.State, by: User, at: dt.datetime, **fields) -> None:
    values = {"state": state, "decided_by": by, "decided_at": at, **fields}
    PressApplication.objects.filter(pk=application.pk).update(**values)


def _new(application: PressApplication) -> User:
    """An account without a password. Only who reads its mail comes in: by the link, or by a code that is mailed."""
    user = User.objects.create_user(application.email, last_name=application.name[:150])
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user
