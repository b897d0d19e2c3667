"""E-mails about new results of saved searches."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from abstracts.search.following import update_index
from accounts.searches.alerts.sending import send


class Command(BaseCommand):
    help = (
        "Mail the new results of saved searches to those who asked for it. Run it every 15 minutes; running it twice, "
        "or two at once, sends nothing twice."
    )

    def handle(self, *args, **options):
        # The database alone would find less: synonyms and spellings are the index's.
        update_index()
        sent = send(timezone.now())
        self.stdout.write(
            f"{sent.looked} searches looked through, {sent.mails} e-mails sent, {len(sent.invalid)} searches invalid."
        )
        if sent.failed:
            raise CommandError(f"{sent.failed} e-mails could not be sent; what was refused waits for the next run.")
