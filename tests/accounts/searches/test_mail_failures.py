"""Alerts and a mail server that refuses, hangs or breaks down in each phase: none is lost, none is mailed twice."""

import datetime as dt
import ipaddress
import ssl
import time
from collections import Counter

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from abstracts.models import Abstract
from accounts.models import AlertResult
from accounts.searches.alerts import mailing
from accounts.searches.alerts.running import MOST_UNREACHABLE, run
from tests.accounts.searches.test_alerts import DAY, HOUR, RELEASE, asking, embargoed
from tests.accounts.smtp_server import HANGS, Failure, smtp_server

pytestmark = pytest.mark.django_db

# Seconds after which a mail is given up in these tests.
PATIENCE = 0.4
BEFORE_THE_END = [
    (phase, action)
    for phase in ("connect", "ehlo", "mail", "rcpt", "data")
    for action in ("421 not now", "550 no", "hang", "drop")
] + [("end", "451 later"), ("end", "554 spam")]


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "accounts.mail_server.SmtpBackend", "127.0.0.1"
    settings.EMAIL_TIMEOUT = PATIENCE


@pytest.fixture
def serving(settings):
    """Makes a server that fails in the given ways the site's."""

    def serve(*failures):
        context = smtp_server(*failures)
        server = context.__enter__()
        contexts.append(context)
        settings.EMAIL_PORT = server.port
        return server

    contexts = []
    yield serve
    for context in contexts:
        context.__exit__(None, None, None)


def three_alerts():
    """Three searches with one new result each; the addresses of their owners."""
    embargoed()
    return [asking(email=f"reader{number}@example.org").user.email for number in range(3)]


@pytest.mark.parametrize(("phase", "action"), BEFORE_THE_END)
def test_mail_that_was_certainly_not_accepted_is_sent_by_the_next_run(serving, phase, action):
    emails = three_alerts()
    server = serving(Failure(phase, action))
    report = run(RELEASE)
    assert (report.mails, report.waiting, report.unanswered) == (0, 3, 0)
    assert server.accepted == []
    server.failures.clear()
    assert run(RELEASE + HOUR).mails == 3
    assert run(RELEASE + 2 * HOUR).mails == 0
    assert Counter(server.accepted) == Counter(emails)


@pytest.mark.parametrize("action", ["hang", "drop", "garbage", "354 what"])
def test_mail_that_may_have_been_accepted_is_not_repeated(serving, action):
    emails = three_alerts()
    server = serving(Failure("end", action, recipient=emails[1]))
    report = run(RELEASE)
    assert (report.mails, report.waiting, report.unanswered) == (2, 0, 1)
    server.failures.clear()
    assert run(RELEASE + HOUR).mails == 0
    assert Counter(server.accepted + ["reader1@example.org"] * (emails[1] not in server.accepted)) == Counter(emails)


@pytest.mark.parametrize("phase", ["rcpt", "data"])
@pytest.mark.parametrize("action", ["550 unknown", "451 later", "hang", "drop"])
def test_one_bad_recipient_delays_nobody_else(serving, phase, action):
    emails = three_alerts()
    server = serving(Failure(phase, action, recipient=emails[0]))
    started = time.monotonic()
    assert run(RELEASE).mails == 2
    assert time.monotonic() - started < HANGS
    assert sorted(server.accepted) == emails[1:]
    assert run(RELEASE + HOUR).mails == 0
    assert sorted(server.accepted) == emails[1:]


def test_failures_are_logged_without_the_address(serving, caplog):
    caplog.set_level("INFO")
    emails = three_alerts()
    serving(Failure("rcpt", "550 unknown", recipient=emails[0]), Failure("end", "drop", recipient=emails[1]))
    run(RELEASE)
    failures = [record.msg for record in caplog.records if record.msg["event"] == "alert not sent"]
    assert sorted(record["cause"] for record in failures) == ["SMTPRecipientsRefused", "SMTPServerDisconnected"]
    assert not any(email in caplog.text for email in emails)


def test_a_server_that_cannot_be_reached_is_not_tried_for_every_mail(serving):
    embargoed()
    for _ in range(MOST_UNREACHABLE + 3):
        asking()
    server = serving(Failure("connect", "hang"))
    started = time.monotonic()
    assert run(RELEASE).waiting == MOST_UNREACHABLE + 3
    assert server.connections == MOST_UNREACHABLE
    assert time.monotonic() - started < HANGS


def test_nothing_listens(settings):
    three_alerts()
    with smtp_server() as server:
        settings.EMAIL_PORT = server.port
    assert run(RELEASE).waiting == 3
    assert not AlertResult.objects.exclude(mailed_at=None).exists()


def test_slow_answers_count_together_against_the_time_limit(serving):
    """Each line of an answer would be in time; all of them together are not."""
    embargoed()
    asking()
    serving(Failure("ehlo", "\r\n".join(["250-slowly"] * 10_000)))
    assert run(RELEASE).waiting == 1


def test_one_connection_for_many_mails_until_the_server_ends_it(serving):
    emails = three_alerts()
    server = serving()
    server.most_mails = 2
    assert run(RELEASE).mails == 3
    assert Counter(server.accepted) == Counter(emails)
    assert server.connections == 2


def test_lines_that_begin_with_a_dot_arrive_as_they_are(serving):
    server = serving()
    embargoed(".Gout")
    asking(query="q=gout")
    run(RELEASE)
    (body,) = server.bodies
    assert "\r\n..Gout\r\n" in body
    assert "\r\n\r\n\r\n.\r\n" not in body


def before_marking(monkeypatch, function):
    """Call `function` when the server has all of a mail but its end, before the mark is set."""
    mark = mailing._mark
    monkeypatch.setattr(mailing, "_mark", lambda *args: (function(), mark(*args)))


def test_a_server_that_breaks_down_while_it_reads_the_mail(serving, monkeypatch):
    emails = three_alerts()
    server = serving(Failure("content", "drop"))
    before_marking(monkeypatch, lambda: time.sleep(0.3))
    assert run(RELEASE).waiting == 3
    server.failures.clear()
    assert run(RELEASE + HOUR).mails == 3
    assert Counter(server.accepted) == Counter(emails)


def test_a_database_that_was_slow_leaves_the_server_its_time_to_answer(serving, monkeypatch):
    emails = three_alerts()
    server = serving()
    before_marking(monkeypatch, lambda: time.sleep(PATIENCE + 0.1))
    assert run(RELEASE).mails == 3
    assert Counter(server.accepted) == Counter(emails)


def test_hidden_while_the_server_was_slow_it_is_not_mailed(serving, monkeypatch):
    abstract = embargoed()
    asking()
    server = serving()
    before_marking(monkeypatch, lambda: Abstract.unfiltered.filter(pk=abstract.pk).update(status="draft"))
    assert run(RELEASE).mails == 0
    assert server.accepted == []
    assert AlertResult.objects.get().mailed_at is None


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """The server's side of a certificate that the site trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - DAY, now + DAY)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False).sign(key, SHA256())
    pem = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + signed.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    trusting = ssl.create_default_context(cadata=signed.public_bytes(Encoding.PEM).decode())
    monkeypatch.setattr("accounts.mail_server.SmtpBackend.ssl_context", trusting)
    return server


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("failure", [(), ("rcpt", "550 unknown"), ("end", "hang")])
def test_encrypted_connections(serving, settings, certificate, at_once, failure):
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = at_once, not at_once
    settings.EMAIL_TIMEOUT = 2
    emails = three_alerts()
    server = serving(*([Failure(*failure, times=1)] if failure else []))
    server.certificate, server.encrypts_at_once = certificate, at_once
    assert run(RELEASE).mails == (2 if failure else 3)
    run(RELEASE + HOUR)
    assert Counter(server.accepted) == Counter(emails)
