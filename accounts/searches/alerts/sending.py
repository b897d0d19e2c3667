"""One run of the alerts."""

import datetime as dt
import logging
import smtplib

from django.core.mail import get_connection

from .finding import due, find
from .mailing import Sent, tell, waiting
from .noticing import notice

logger = logging.getLogger(__name__)


def send(at: dt.datetime) -> Sent:
    """Notice, find and tell what is new at `at`. What one search or mail server does wrong stops no other search."""
    sent = Sent()
    notice(at)
    for pk in due(at):
        sent.looked += 1
        if not find(pk, at):
            sent.invalid.append(pk)
            logger.warning("saved search %s is no valid search any more", pk)
    connection = get_connection()
    for pk in waiting():
        try:
            sent.mails += bool(tell(pk, at, connection))
        except (OSError, smtplib.SMTPException) as error:
            sent.failed += 1
            connection.close()
            logger.warning("alert of saved search %s was not sent: %s", pk, type(error).__name__)
    connection.close()
    return sent
