"""Loads invented meetings, so that everything the archive does can be tried out."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F
from django.urls import reverse

from abstracts import clock
from abstracts.importing import BadInput
from abstracts.models import Abstract, AuthorLine, EmbargoTier, Figure, Meeting, Session
from abstracts.models.gate import bypassing, passing
from abstracts.sample.loading import remove_sample, store_sample, stored_sample
from abstracts.sample.users import demo_sign_ins


class Command(BaseCommand):
    help = (
        "Load invented meetings: a past one, and one that takes place now, whose late-breaking abstracts are "
        "released some minutes after loading. Other meetings are not touched; a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--reset", action="store_true", help="delete the sample's meetings and build them anew")
        parser.add_argument(
            "--lift-in",
            type=int,
            default=10,
            metavar="MINUTES",
            help="when the late-breaking embargo lifts (default: 10)",
        )
        parser.add_argument(
            "--with-users",
            action="store_true",
            help="make the demo sign-ins even where DEBUG is off: not in production",
        )
        parser.add_argument(
            "--new-passwords",
            action="store_true",
            help="give demo users that exist already a new password, and print it",
        )

    def handle(self, *args, reset, lift_in, with_users, new_passwords, **options):
        if lift_in < 0:
            raise CommandError("--lift-in takes 0 or more minutes.")
        try:
            self._load(reset, lift_in)
        except BadInput as error:
            raise CommandError(str(error)) from None
        self._print_addresses()
        self._print_embargo()
        if with_users or settings.DEBUG:
            self._print_sign_ins(new_passwords)
        else:
            self.stdout.write("\nNo demo users: DEBUG is off, and --with-users was not given.")

    def _load(self, reset: bool, lift_in: int) -> None:
        begun = time.monotonic()
        with bypassing("Invented data of the sample"), passing():
            if reset:
                self.stdout.write(f"Removed the sample's {remove_sample():,} abstracts.")
            elif stored_sample():
                self.stdout.write(
                    "The sample is here already; nothing was changed. --reset builds it anew, around now."
                )
                return
            store_sample(clock.now(), lift_in)
        self.stdout.write(f"Loaded the sample in {time.monotonic() - begun:.1f} seconds: {self._counts()}.")

    def _counts(self) -> str:
        meetings = stored_sample()
        rows = [
            Session.objects.filter(meeting__in=meetings),
            Abstract.unfiltered.filter(meeting__in=meetings),
            AuthorLine.unfiltered.filter(abstract__meeting__in=meetings),
            Figure.unfiltered.filter(abstract__meeting__in=meetings),
        ]
        counts = [f"{some.count():,} {some.model._meta.verbose_name_plural}" for some in rows]
        return ", ".join([f"{len(meetings)} meetings", *counts])

    def _print_addresses(self) -> None:
        self.stdout.write("\nAll of it is invented. Where to look:")
        for meeting in stored_sample():
            count = Abstract.unfiltered.filter(meeting=meeting).count()
            self.stdout.write(f"  {meeting.name:<32}{count:>4} abstracts  {_address(meeting.get_absolute_url())}")

    def _print_embargo(self) -> None:
        meeting: Meeting = stored_sample()[0]
        self.stdout.write(f"\nThe embargo of {meeting.name} (times: {meeting.timezone}):")
        for tier in EmbargoTier.objects.filter(meeting=meeting):
            abstracts = Abstract.unfiltered.filter(meeting=meeting, tier=tier).exclude(number=None)
            if first := abstracts.order_by(F("released_from").asc(nulls_last=True), "number_key").first():
                self.stdout.write(f"  {tier.name:<25}{self._when(first, meeting):<40} {_by_number(meeting, first)}")

    def _when(self, abstract: Abstract, meeting: Meeting) -> str:
        if abstract.released_from is None:
            return "held until staff release it:"
        local = abstract.released_from.astimezone(meeting.zone)
        return f"released {local:%Y-%m-%d %I:%M %p %Z}, first:"

    def _print_sign_ins(self, new_passwords: bool) -> None:
        self.stdout.write(f"\nSign in at {_address(reverse('account_login'))}")
        for sign_in in demo_sign_ins(new_passwords):
            password = sign_in.password or "(unchanged; --new-passwords)"
            self.stdout.write(f"  {sign_in.email:<22}{password:<30}{sign_in.may}")


def _address(path: str) -> str:
    return settings.SITE_URL + path


def _by_number(meeting: Meeting, abstract: Abstract) -> str:
    return _address(reverse("abstract-by-number", args=[meeting.slug, abstract.number]))
