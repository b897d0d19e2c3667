"""Makes the books of the download pages: PDFs of whole meetings."""

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections

from abstracts import clock

from ...downloads import making, shelf
from ...models import Meeting
from ...models.embargo import PublicState, public_state
from ...printing.compiling import NotTypeset

# Seconds between two rounds of the loop.
PAUSE = 20


class Command(BaseCommand):
    help = (
        "Make the PDF books of the download pages, of what the public may see now. Names meetings, or one of --wanted, "
        "--all, --loop. Books that are up to date are not made again. Can be killed and run again at any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("meetings", nargs="*", metavar="SLUG", help="Meetings by their slugs.")
        parser.add_argument("--wanted", action="store_true", help="Those that visitors asked for, then end.")
        parser.add_argument("--all", action="store_true", help="Of every meeting, then end.")
        parser.add_argument(
            "--loop", action="store_true", help="Go on for ever: all, and again whenever a book is out of date."
        )

    def handle(self, *args, **options):
        if sum([bool(options["meetings"]), options["wanted"], options["all"], options["loop"]]) != 1:
            raise CommandError("Name meetings, or one of --wanted, --all, --loop.")
        if options["loop"]:
            return self._loop()
        if options["all"]:
            making.mark_outdated_wanted()
        for slug in options["meetings"]:
            self._mark_wanted(slug)
        try:
            made = making.make_wanted()
        except shelf.WorkerRunning:
            self.stdout.write("Another process is making books here; it makes these too.")
            return None
        except (NotTypeset, making.MeetingChanged) as error:
            raise CommandError(f"A book could not be made: {error}") from error
        self.stdout.write(f"{made} made.")
        return None

    def _mark_wanted(self, slug: str) -> None:
        meeting = Meeting.objects.filter(slug=slug, is_published=True).first()
        if not meeting:
            raise CommandError(f"There is no published meeting {slug!r}.")
        if not shelf.status_of(meeting, clock.now()).is_current:
            shelf.mark_wanted(meeting)

    def _loop(self) -> None:
        known: PublicState | None = None
        while True:
            close_old_connections()
            try:
                # The next instant of the embargo is another one as soon as one passed.
                if (state := public_state(clock.now())) != known:
                    making.mark_outdated_wanted()
                    known = state
                if made := making.make_wanted():
                    self.stdout.write(f"{made} made.")
            except shelf.WorkerRunning:
                self.stderr.write("Another process is making books here.")
            except (OperationalError, InterfaceError) as error:
                self.stderr.write(f"The database does not answer: {error}")
                known = None
            except (NotTypeset, making.MeetingChanged, OSError) as error:
                self.stderr.write(f"A book could not be made: {error}")
            making.pause(PAUSE)
