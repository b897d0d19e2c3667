"""One run of the alerts."""

import datetime as dt
import time
from dataclasses import dataclass, field

import structlog
from django.core.mail import get_connection

from ...mail_server import Unanswered, Unreachable
from .finding import due_searches, record_new_results
from .mailing import mail_results, searches_to_mail
from .noticing import notice

# So often in a row the server may be out of reach; then what is left waits for the next run.
MOST_UNREACHABLE = 3

logger = structlog.get_logger(__name__)


@dataclass
class Report:
    """What a run did.

    `mails` were accepted by the mail server, `waiting` were not and come with the next run, of `unanswered` nobody
    knows whether they were. `invalid`: primary keys of searches that are no valid searches any more.
    """

    searches: int = 0
    mails: int = 0
    results: int = 0
    waiting: int = 0
    unanswered: int = 0
    invalid: list[int] = field(default_factory=list)


def run(at: dt.datetime) -> Report:
    """Notice, find and mail what is new at `at`. An invalid search or a mail that fails stops no other."""
    started = time.monotonic()
    report = Report()
    notice(at)
    for pk in due_searches(at):
        report.searches += 1
        if not record_new_results(pk, at):
            report.invalid.append(pk)
            logger.warning("saved search is invalid", search=pk)
    _mail_all(report, at)
    counts = {name: value for name, value in vars(report).items() if name != "invalid"}
    logger.info("alerts sent", **counts, invalid=len(report.invalid), seconds=round(time.monotonic() - started, 1))
    return report


def _mail_all(report: Report, at: dt.datetime) -> None:
    connection = get_connection()
    unreachable = 0
    for pk in searches_to_mail():
        if unreachable == MOST_UNREACHABLE:
            report.waiting += 1
            continue
        try:
            results = mail_results(pk, at, connection)
        except OSError as error:
            unreachable = unreachable + 1 if isinstance(error, Unreachable) else 0
            if isinstance(error, Unanswered):
                report.unanswered += 1
            else:
                report.waiting += 1
            cause = type(error.__cause__ or error).__name__
            logger.warning("alert not sent", search=pk, failure=type(error).__name__, cause=cause)
        else:
            unreachable = 0
            report.mails += bool(results)
            report.results += results
    connection.close()
