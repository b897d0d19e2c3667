"""The command that sends alerts: twice, and two at once."""

import contextlib
import datetime as dt
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.searches import saved as searches
from tests.accounts.personas import give_access
from tests.accounts.smtp_server import Failure, smtp_server
from tests.factories import AbstractFactory, UserFactory

ROOT = Path(__file__).resolve().parents[3]


def wait_for_news(searchers: int = 1) -> None:
    """Searches with alerts, and after that something new for them."""
    at = timezone.now() - dt.timedelta(hours=1)
    for _ in range(searchers):
        searches.save(UserFactory(), "q=gout", at, alert="release")
    AbstractFactory(title="Gout in invented mice")


@pytest.mark.django_db
def test_it_says_what_it_did(capsys):
    wait_for_news()
    call_command("send_alerts")
    said = "1 searches looked through, 1 e-mails sent, 0 searches invalid. 0 e-mails to the press.\n"
    assert capsys.readouterr().out == said
    call_command("send_alerts")
    assert "0 e-mails sent" in capsys.readouterr().out
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_it_mails_the_press_too(capsys):
    abstract = AbstractFactory()
    mailed = timezone.now() - dt.timedelta(hours=1)
    give_access(UserFactory(), abstract.meeting, wants_releases=True, mailed_until=mailed)
    call_command("send_alerts")
    assert capsys.readouterr().out.endswith("1 e-mails to the press.\n")
    assert abstract.title_text in mail.outbox[0].body


@pytest.mark.django_db
def test_failures_are_loud(settings):
    wait_for_news()

    with smtp_server(Failure("mail", "452 full"), Failure("mail", "452 full")) as server:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST = "accounts.mail_server.SmtpBackend", "127.0.0.1"
        settings.EMAIL_PORT = server.port
        with pytest.raises(CommandError, match="1 e-mails were not accepted and wait for the next run"):
            call_command("send_alerts")


def address_of_database(folder: Path) -> str:
    """DATABASE_URL by which another process reaches what this test wrote: on SQLite, a copy in a file."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(folder / "db.sqlite3")) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{folder}/db.sqlite3"
    known = connection.connection.info
    return f"postgres://{known.user}@/{known.dbname}?host={known.host}"


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_nothing_twice(tmp_path):
    wait_for_news(searchers=6)
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "acrsite.settings",
        "DEBUG": "true",
        "DATABASE_URL": address_of_database(tmp_path),
        "SEARCH_INDEX_ROOT": str(tmp_path / "search"),
        "CACHE_DIR": str(tmp_path / "cache"),
        "EMAIL_URL": f"filemail:///{tmp_path}/mails",
    }
    command = [sys.executable, "manage.py", "send_alerts"]
    runs = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [(run.communicate()[0], run.returncode) for run in runs]
    assert [code for _, code in answers] == [0, 0, 0]
    assert sum(int(re.search(r"(\d+) e-mails sent", answer)[1]) for answer, _ in answers) == 6
    mails = "".join(path.read_text() for path in (tmp_path / "mails").iterdir())
    recipients = re.findall(r"^To: (.*)$", mails, re.M)
    assert len(recipients) == len(set(recipients)) == 6
