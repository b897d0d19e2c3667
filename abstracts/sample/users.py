"""The sign-ins of a demonstration. Their passwords are made up on the spot and told once."""

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.crypto import get_random_string

from .. import clock
from ..models.groups import CURATORS, OFFICERS
from .loading import stored_sample

STAFF, OFFICER = "staff@example.org", "officer@example.org"
READER, PRESS = "reader@example.org", "press@example.org"
MAY = {
    STAFF: "curates: the admin, and every abstract ahead of release; proposes releases",
    OFFICER: "embargo officer: confirms releases, and makes them",
    PRESS: "press: reads the newest meeting ahead of release",
    READER: "an ordinary reader",
}

_GROUPS = {STAFF: CURATORS, OFFICER: OFFICERS}
_PRESS_FOR = dt.timedelta(days=365)


@dataclass(frozen=True)
class SignIn:
    """A demo user; `password` is None where the user was there and keeps the old one."""

    email: str
    password: str | None
    may: str


def demo_sign_ins(new_passwords: bool = False) -> list[SignIn]:
    """Make the demo users that are missing; `new_passwords` gives the others a new one too."""
    sign_ins = [_sign_in(email, new_passwords) for email in MAY]
    _give_press_access(clock.now())
    return sign_ins


def _sign_in(email: str, new_password: bool) -> SignIn:
    User = get_user_model()
    user = User.objects.filter(email__iexact=email).first()
    if user and not new_password:
        return SignIn(email, None, MAY[email])
    password = get_random_string(14, "abcdefghjkmnpqrstuvwxyz23456789")
    if user:
        user.set_password(password)
        user.save(update_fields=["password"])
    else:
        _make(email, password)
    return SignIn(email, password, MAY[email])


def _make(email: str, password: str) -> None:
    user = get_user_model().objects.create_user(email, password)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if email in _GROUPS:
        user.groups.add(Group.objects.get(name=_GROUPS[email]))
    user.is_staff = email in (STAFF, OFFICER)
    user.save(update_fields=["is_staff"])


def _give_press_access(now: dt.datetime) -> None:
    """Access to the newest meeting of the sample, which --reset makes anew, with its terms accepted."""
    access = apps.get_model("accounts", "PressAccess").objects
    press = get_user_model().objects.get(email__iexact=PRESS)
    for meeting in stored_sample()[:1]:
        period = {"starts_at": now, "ends_at": now + _PRESS_FOR}
        terms = {"accepted_at": now, "accepted_version": meeting.terms_version}
        access.get_or_create(user=press, meeting=meeting, defaults={**period, **terms, "may_export": True})
