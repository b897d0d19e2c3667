"""The mail server: no mail waits for it for long, and a failure says whether the server may have accepted the mail.

Alerts use `send`, requests `send_in_background`: how long a server takes, or that nothing was sent, is not to be seen
in the time of an answer, as it would tell who has an account.
"""

import contextlib
import io
import re
import select
import smtplib
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

# Seconds before each try of a mail in the background.
TRIES = (0, 10, 60)

logger = structlog.get_logger(__name__)
_background = ThreadPoolExecutor(max_workers=8, thread_name_prefix="mail")


class Unreachable(OSError):
    """The server did not let anybody connect or sign in."""


class Unanswered(smtplib.SMTPException):
    """The whole mail was sent and no answer came: nobody knows whether the server accepted it."""


class _Reader(socket.SocketIO):
    """Reads the answers of a server until the deadline of `connection`, however slowly they come."""

    def __init__(self, connection: "_Connection"):
        super().__init__(connection.sock, "r")  # type: ignore[arg-type]
        self.connection = connection

    def readinto(self, buffer) -> int | None:
        self.connection.set_timeout()
        return super().readinto(buffer)


class _Connection(smtplib.SMTP):
    """A connection that takes `timeout` seconds at most to connect and sign in, for a mail, and for its last line."""

    deadline = 0.0

    def connect(self, *args, **kwargs):
        self.deadline = time.monotonic() + self.timeout
        return super().connect(*args, **kwargs)

    def sendmail(self, *args, **kwargs):
        self.deadline = time.monotonic() + self.timeout
        return super().sendmail(*args, **kwargs)

    def set_timeout(self) -> None:
        """Let the next use of the socket wait until the deadline."""
        if self.sock:
            self.sock.settimeout(max(self.deadline - time.monotonic(), 0.001))

    def send(self, s) -> None:
        self.set_timeout()
        super().send(s)

    def getreply(self):
        if self.file is None and self.sock:
            self.file = io.BufferedReader(_Reader(self))
        return super().getreply()

    def has_ended(self) -> bool:
        """Whether the server has said something unasked: that it closes the connection, or did."""
        return not self.sock or bool(select.select([self.sock], [], [], 0)[0])

    def before_end(self) -> None:
        """Called when the server has all of a mail but the line that ends it, so cannot have accepted it yet."""

    def data(self, msg):
        """Like the method of `smtplib`, in two steps. Raises Unanswered where the mail was sent and no answer came."""
        code, text = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, text)
        self.send(re.sub(rb"(?m)^\.", b"..", msg.removesuffix(b"\r\n")))
        self.before_end()
        # However long that took, the server has time to answer.
        self.deadline = time.monotonic() + self.timeout
        if self.has_ended():
            raise smtplib.SMTPServerDisconnected
        self.send(b"\r\n.\r\n")
        try:
            code, text = self.getreply()
        except smtplib.SMTPException as error:
            raise Unanswered from error
        if code // 100 not in (2, 4, 5):
            raise Unanswered
        return 250 if code // 100 == 2 else code, text


class _EncryptedConnection(_Connection, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's, with these connections."""

    @property
    def connection_class(self) -> type[_Connection]:
        return _EncryptedConnection if self.use_ssl else _Connection


def send(connection: BaseEmailBackend, mail: EmailMessage, before_end: Callable[[], None]) -> None:
    """Send `mail`; `before_end` is called at the last moment at which the server cannot have accepted it yet.

    What it raises stops the mail. Raises Unreachable where there was no connection, Unanswered where the server may
    have accepted the mail, and another OSError where it certainly did not. Other backends than SMTP do not tell:
    after `before_end`, all their errors are Unanswered. After an error the connection is closed.
    """
    try:
        if isinstance(connection, SmtpBackend):
            _opened(connection).before_end = before_end  # type: ignore[method-assign]
            connection.send_messages([mail])
        else:
            before_end()
            _send_otherwise(connection, mail)
    except BaseException:
        with contextlib.suppress(OSError):
            connection.close()
        raise


def _opened(connection: SmtpBackend) -> _Connection:
    if isinstance(connection.connection, _Connection) and connection.connection.has_ended():
        connection.close()
    try:
        connection.open()
    except OSError as error:
        raise Unreachable from error
    assert isinstance(connection.connection, _Connection)
    return connection.connection


def _send_otherwise(connection: BaseEmailBackend, mail: EmailMessage) -> None:
    try:
        connection.send_messages([mail])
    except OSError as error:
        raise Unanswered from error


def send_in_background(mail: EmailMessage, kind: str) -> None:
    """Send `mail`, of which logs hold the `kind`, without making the caller wait; a refused mail is tried again.

    A process that ends normally sends what it has first. Other backends than SMTP are quick, so they send at once.
    """
    connection = get_connection()
    if isinstance(connection, SmtpBackend):
        sending = _background.submit(_send_with_retries, connection, mail, kind)
        sending.add_done_callback(lambda done: _log_failure(kind, done.exception()))
    else:
        connection.send_messages([mail])


def _send_with_retries(connection: BaseEmailBackend, mail: EmailMessage, kind: str) -> None:
    for seconds in TRIES:
        time.sleep(seconds)
        try:
            send(connection, mail, before_end=lambda: None)
        except OSError as error:
            _log_failure(kind, error)
            if isinstance(error, Unanswered):
                return
        else:
            connection.close()
            return


def _log_failure(kind: str, error: BaseException | None) -> None:
    """Messages of errors may hold the address: only the names of their classes are logged."""
    if error:
        cause = type(error.__cause__ or error).__name__
        logger.warning("account mail not sent", kind=kind, failure=type(error).__name__, cause=cause)
