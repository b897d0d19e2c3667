"""Whether the time of an answer tells who has an account: every form that takes an e-mail address, asked for known and
unknown addresses in turn, with the password hasher of production.

    python -m benchmarks.account_timing [--requests 50]

For each form: median milliseconds for known and unknown addresses, and how often a known one took longer than an
unknown one: 0.5 tells nothing, 0 or 1 everything. First as a visitor's clock sees it, then in time of the processor
without the wait that evens answers out: what is left where a machine is so slow that they take longer than that.
"""

import argparse
import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
folder = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{folder.name}/db.sqlite3"
os.environ["STATIC_ROOT"] = f"{folder.name}/static"
os.environ["EMAIL_URL"] = "dummymail://"

import django

django.setup()

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from accounts.models import User

PASSWORD = "sesame-open-42"


def resend(form: str):
    """The button of the page behind `form` that asks for another e-mail."""

    def request(client: Client, email: str) -> float:
        fields = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
        page = client.post(reverse(form), fields).url
        return timed(client, page, {"action": "resend"})

    return request


def asked(form: str, **fields: str):
    return lambda client, email: timed(client, reverse(form), {"email": email, "login": email, **fields})


FORMS = {
    "sign-up": asked("account_signup", password1=PASSWORD, password2=PASSWORD),
    "sign-up, send again": resend("account_signup"),
    "wrong password": asked("account_login", password="wrong"),
    "password reset": asked("account_reset_password"),
    "sign-in code": asked("account_request_login_code"),
    "sign-in code, send again": resend("account_request_login_code"),
}


clock = time.monotonic


def timed(client: Client, path: str, fields: dict[str, str]) -> float:
    started = clock()
    response = client.post(path, fields)
    seconds = clock() - started
    assert response.status_code in (200, 302), response.status_code
    return seconds * 1000


def measured(form, count: int, numbers) -> tuple[list[float], list[float]]:
    known, unknown = [], []
    for _ in range(count):
        email = f"known{next(numbers)}@example.org"
        user = User(email=email, password=make_password(PASSWORD))
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        known.append(form(Client(), email))
        unknown.append(form(Client(), f"nobody{next(numbers)}@example.org"))
    return known, unknown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50)
    count = parser.parse_args().requests
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    numbers = itertools.count()
    compare(count, numbers)
    global clock
    clock = time.thread_time
    with override_settings(ACCOUNT_ANSWER_SECONDS=0):
        compare(count, numbers)


def compare(count: int, numbers) -> None:
    print(f"{clock.__name__:26}{'known':>9}{'unknown':>9}{'tells':>7}   {Path(settings.BASE_DIR).name}")
    with override_settings(ACCOUNT_RATE_LIMITS=False, ALLOWED_HOSTS=["*"]):
        for name, form in FORMS.items():
            measured(form, 3, numbers)
            known, unknown = measured(form, count, numbers)
            longer = sum((a > b) + (a == b) / 2 for a in known for b in unknown) / count**2
            print(f"{name:26}{statistics.median(known):9.1f}{statistics.median(unknown):9.1f}{longer:7.2f}")


if __name__ == "__main__":
    main()
