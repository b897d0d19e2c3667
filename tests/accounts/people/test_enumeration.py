"""Nobody learns who has an account, and nobody's wrong passwords lock anybody else out."""

import threading
import time
from unittest import mock

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from accounts import mail_server
from accounts.people.middleware import EVEN_TIME
from tests.accounts.signing_in import PASSWORD, confirmed
from tests.accounts.smtp_server import Failure, smtp_server

pytestmark = pytest.mark.django_db

FORMS = {
    "account_signup": {"password1": PASSWORD, "password2": PASSWORD},
    "account_login": {"password": "wrong"},
    "account_reset_password": {},
    "account_request_login_code": {},
}


def post(name: str, email: str, client: Client | None = None):
    return (client or Client()).post(reverse(name), {"email": email, "login": email, **FORMS[name]})


@pytest.mark.parametrize("name", FORMS)
def test_known_and_unknown_addresses_cost_the_same_hashes_and_mails(name):
    costs = []
    for email in (confirmed().email, "nobody@example.org"):
        hasher = type(hashers.get_hasher())
        with mock.patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encode:
            before = len(mail.outbox)
            post(name, email)
            costs.append((encode.call_count, len(mail.outbox) - before))
    assert costs[0] == costs[1]
    assert costs[0] != (0, 0)


@pytest.mark.parametrize("name", FORMS)
def test_answers_to_known_and_unknown_addresses_take_the_minimum_time(name, settings):
    settings.ACCOUNT_ANSWER_SECONDS = 0.4
    for email in (confirmed().email, "nobody@example.org"):
        started = time.monotonic()
        post(name, email)
        assert time.monotonic() - started >= 0.4


def test_pages_and_other_forms_do_not_wait(settings, client):
    settings.ACCOUNT_ANSWER_SECONDS = 60
    assert client.get(reverse("account_signup")).status_code == 200
    assert Client(headers={"sec-fetch-site": "same-origin"}).post(reverse("account_logout")).status_code == 302


def test_names_of_forms_that_wait_exist():
    assert {name for name in get_resolver().reverse_dict if isinstance(name, str)} >= EVEN_TIME


# Wrong passwords


def sign_in(email: str, password: str, address: str) -> int:
    response = Client(REMOTE_ADDR=address).post(reverse("account_login"), {"login": email, "password": password})
    return response.status_code


def test_wrong_passwords_typed_by_others_do_not_lock_the_owner_out():
    user = confirmed()
    for number in range(30):
        assert sign_in(user.email, "wrong", f"192.0.2.{number % 3}") == 200
    assert sign_in(user.email, PASSWORD, "192.0.2.1") == 200
    assert sign_in(user.email, PASSWORD, "198.51.100.7") == 302


def test_a_network_of_ipv6_counts_as_one():
    user = confirmed()
    for number in range(5):
        sign_in(user.email, "wrong", f"2001:db8::{number + 1}")
    assert sign_in(user.email, PASSWORD, "2001:db8::99") == 200
    assert sign_in(user.email, PASSWORD, "2001:db8:1::1") == 302


def test_the_code_by_mail_stays_open_after_wrong_passwords():
    user = confirmed()
    for _ in range(10):
        sign_in(user.email, "wrong", "192.0.2.1")
    asked = Client(REMOTE_ADDR="192.0.2.1").post(reverse("account_request_login_code"), {"email": user.email})
    assert asked.url == reverse("account_confirm_login_code")
    assert mail.outbox[-1].to == [user.email]


# The mail server


@pytest.fixture
def smtp(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "accounts.mail_server.SmtpBackend", "127.0.0.1"
    settings.EMAIL_TIMEOUT = 1
    with smtp_server() as server:
        settings.EMAIL_PORT = server.port
        yield server


def background_mails_sent() -> None:
    """Wait for the mails that requests left to the background."""
    barrier = threading.Barrier(mail_server._background._max_workers + 1, timeout=20)
    for _ in range(mail_server._background._max_workers):
        mail_server._background.submit(barrier.wait)
    barrier.wait()


@pytest.mark.parametrize(
    ("name", "phase"),
    [("account_signup", "connect"), ("account_reset_password", "mail"), ("account_request_login_code", "rcpt")],
)
def test_a_mail_server_that_hangs_delays_no_request_and_the_mail_comes(name, phase, smtp, monkeypatch):
    monkeypatch.setattr(mail_server, "TRIES", (0, 0.1, 0.1))
    smtp.failures.append(Failure(phase, "hang", times=1))
    threads, send = set(), mail_server.send

    def recorded(*args, **kwargs):
        threads.add(threading.current_thread())
        send(*args, **kwargs)

    monkeypatch.setattr(mail_server, "send", recorded)
    assert post(name, "somebody@example.org").status_code == 302
    background_mails_sent()
    assert threading.current_thread() not in threads
    assert smtp.accepted == ["somebody@example.org"]


@pytest.mark.parametrize("action", ["hang", "drop"])
def test_account_mail_that_may_have_been_accepted_is_not_repeated(action, smtp, monkeypatch):
    monkeypatch.setattr(mail_server, "TRIES", (0, 0.1, 0.1))
    smtp.failures.append(Failure("end", action))
    post("account_reset_password", "somebody@example.org")
    background_mails_sent()
    assert smtp.accepted == ["somebody@example.org"]


def test_unexpected_errors_of_account_mail_are_logged(smtp, monkeypatch, caplog):
    monkeypatch.setattr("accounts.mail_server.send", lambda *args, **kwargs: {}["somebody@example.org"])
    caplog.set_level("INFO")
    post("account_reset_password", "somebody@example.org")
    background_mails_sent()
    (record,) = [record.msg for record in caplog.records if "account mail not sent" in str(record.msg)]
    assert record["failure"] == "KeyError"
    assert "somebody@example.org" not in caplog.text


def test_account_mail_that_cannot_be_sent_is_logged_without_the_address(smtp, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(mail_server, "TRIES", (0, 0))
    smtp.failures.append(Failure("rcpt", "550 unknown"))
    post("account_reset_password", "somebody@example.org")
    background_mails_sent()
    records = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    failures = [record for record in records if record["event"] == "account mail not sent"]
    assert [record["kind"] for record in failures] == ["account/email/unknown_account"] * 2
    assert "somebody@example.org" not in caplog.text
