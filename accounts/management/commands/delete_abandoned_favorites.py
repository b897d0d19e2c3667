"""Housekeeping beside Django's `clearsessions`: lists of favorites whose browser sessions have ended."""

from django.core.management.base import BaseCommand

from abstracts import clock
from accounts.favorites import delete_abandoned


class Command(BaseCommand):
    help = "Delete the favorites of visitors without an account whose sessions have ended. Run it daily."

    def handle(self, *args, **options):
        self.stdout.write(f"{delete_abandoned(clock.now())} lists deleted.")
