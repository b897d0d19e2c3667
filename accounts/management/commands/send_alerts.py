"""E-mails about new results of saved searches, and to the press."""

import contextlib

from django.core.management.base import BaseCommand, CommandError

from abstracts import clock
from abstracts.search.following import update_index
from abstracts.search.replica import IndexBehind
from accounts.press.news_mail import send_news
from accounts.searches.alerts.running import run


class Command(BaseCommand):
    help = (
        "Mail the new results of saved searches to those who asked for it, and to the press what was released and what "
        "moved. Run it every 15 minutes; running it twice, or two at once, sends nothing twice."
    )

    def handle(self, *args, **options):
        # The database alone would find less: synonyms and spellings are the index's. But better less than nothing.
        with contextlib.suppress(IndexBehind):
            update_index()
        at = clock.now()
        report = run(at)
        press, waiting = send_news(at)
        self.stdout.write(
            f"{report.searches} searches looked through, {report.mails} e-mails sent, "
            f"{len(report.invalid)} searches invalid. {press} e-mails to the press."
        )
        if report.waiting or report.unanswered or waiting:
            raise CommandError(
                f"{report.waiting + waiting} e-mails were not accepted and wait for the next run; "
                f"{report.unanswered} were not answered and are not repeated."
            )
