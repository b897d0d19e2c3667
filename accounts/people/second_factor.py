"""Second factors: how their secrets are stored, and who lacks one.

With STAFF_SECOND_FACTOR a member of staff has a reader's rights, in the archive and in the admin, until the account has
a second factor and this sign-in has shown it. `accounts.people.viewers` asks for the one, `accounts.admin_site` for
the other.
"""

import base64
import secrets

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from ..encryption import fernet

_PURPOSE = "second factor"
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts the secrets in the database: a copy of it is not enough to sign in as somebody else."""

    def encrypt(self, text: str) -> str:
        return fernet(_PURPOSE).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. If SECRET_KEY has changed since (and is no fallback), a random one: no code is right."""
        try:
            return fernet(_PURPOSE).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def _get_site_name(self) -> str:
        return settings.SITE_NAME


def is_lacking(request: HttpRequest) -> bool:
    """Whether the user of `request` is staff, must have a second factor, and has not shown one."""
    user = request.user
    if not settings.STAFF_SECOND_FACTOR or not user.is_staff:
        return False
    shown = any(record.get("method") == "mfa" for record in get_authentication_records(request, user))
    return not (shown and Authenticator.objects.filter(user_id=user.pk, type__in=STRONG).exists())


@receiver(authenticator_added)
def count_as_shown(sender, request: HttpRequest, user, authenticator: Authenticator, **kwargs) -> None:
    """Somebody who has just set up a second factor has shown it."""
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
