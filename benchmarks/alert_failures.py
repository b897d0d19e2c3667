"""Alerts against a mail server that fails: how many mails are lost or doubled, and how long the runs take.

    python -m benchmarks.alert_failures [--alerts 24]

For each failure: a server of this machine fails in that way for a third of the mails during the first run of
`send_alerts`, and works during the next two. An alert is lost that the server never accepted, doubled that it accepted
twice. Of "end" failures the server has accepted the mail and does not say so.
"""

import argparse
import contextlib
import datetime as dt
import io
import os
import tempfile
import time
from collections import Counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
folder = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{folder.name}/db.sqlite3"
os.environ["SEARCH_INDEX_ROOT"] = f"{folder.name}/search"
os.environ["LOG_LEVEL"] = "CRITICAL"

import django

django.setup()

from django.core.management import CommandError, call_command
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import SavedSearch
from accounts.searches import saved as searches
from tests.accounts.smtp_server import Failure, smtp_server
from tests.factories import AbstractFactory, UserFactory

FAILURES = [
    (phase, action)
    for phase in ("connect", "mail", "rcpt", "data")
    for action in ("450 later", "550 no", "hang", "drop")
] + [("end", "451 later"), ("end", "hang"), ("end", "drop")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=24)
    count = parser.parse_args().alerts
    call_command("migrate", verbosity=0)
    print(f"{'failure':20}{'alerts':>7}{'tries':>7}{'lost':>6}{'doubled':>8}{'seconds of the failing run':>28}")
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_TIMEOUT=1, EMAIL_BACKEND=smtp_backend()):
        for number, (phase, action) in enumerate(FAILURES):
            measure(number, phase, action, count)


def smtp_backend() -> str:
    """The backend that EMAIL_URL=smtp://… chooses."""
    try:
        from accounts.mail_server import SmtpBackend
    except ImportError:
        from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
    return f"{SmtpBackend.__module__}.{SmtpBackend.__name__}"


def measure(number: int, phase: str, action: str, count: int) -> None:
    SavedSearch.objects.all().delete()
    at = timezone.now() - dt.timedelta(minutes=1)
    users = [UserFactory(email=f"reader{number}-{n}@example.org") for n in range(count)]
    for user in users:
        searches.save(user, f"q=gout{number}", at, alert="release")
    AbstractFactory(title=f"Gout{number} in invented mice")
    if phase in ("connect", "mail"):
        failures = [Failure(phase, action, times=count // 3)]
    else:
        failures = [Failure(phase, action, recipient=user.email) for user in users[::3]]
    with smtp_server(*failures) as server, override_settings(EMAIL_PORT=server.port):
        started = time.monotonic()
        send()
        seconds = time.monotonic() - started
        server.failures.clear()
        send()
        send()
        accepted = Counter(server.accepted)
        lost = sum(user.email not in accepted for user in users)
        doubled = sum(times > 1 for times in accepted.values())
        tries = sum(server.tries.values())
    print(f"{phase + ': ' + action:20}{count:7}{tries:7}{lost:6}{doubled:8}{seconds:28.1f}", flush=True)


def send() -> None:
    with contextlib.suppress(CommandError):
        call_command("send_alerts", stdout=io.StringIO())


if __name__ == "__main__":
    main()
