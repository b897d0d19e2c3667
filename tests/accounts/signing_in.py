"""People who sign in as they do, and what their authenticator apps say."""

import time
from unittest import mock

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

PASSWORD = "sesame-open-42"


def confirmed(factory=UserFactory, **fields):
    """A user whose e-mail address is confirmed."""
    user = factory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(user, **headers) -> Client:
    """A browser in which `user` has just signed in with the password."""
    client = Client(headers={"sec-fetch-site": "same-origin", "origin": "http://testserver", **headers})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def shown_again(client: Client) -> Client:
    """The same after typing the password once more, as sensitive pages ask."""
    response = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert response.status_code == 302
    return client


def code_of(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows, `steps` of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(client: Client) -> str:
    """Set an authenticator app up; its secret."""
    shown_again(client)
    url = reverse("mfa_activate_totp")
    secret = client.get(url).context["form"].secret
    # The transaction of a test is never committed.
    with mock.patch("django.db.transaction.on_commit", lambda function, **options: function()):
        response = client.post(url, {"code": code_of(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    return secret
