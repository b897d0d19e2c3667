"""Changes that wait for a confirmation, or for an embargo officer."""

import datetime as dt

from django.conf import settings
from django.db import models

from .. import clock
from ..visibility import HiddenManager

# How long the author of a change may take to confirm it.
ANSWER_WITHIN = dt.timedelta(hours=1)


class HeldChange(models.Model):
    """A change that somebody made in the admin and that the gate refused: it is stored as it was sent.

    `post` and the files in the folder `files_token` are what the browser sent to `path`. They may contain text under
    embargo, and are deleted when the change is carried out, declined or left; `effects` says what it does, in numbers
    and titles, and stays.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waits for its author"
        PROPOSED = "proposed", "Waits for an embargo officer"
        CONFIRMED = "confirmed", "Carried out"
        DECLINED = "declined", "Declined"

    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="proposed by"
    )
    # Whoever confirms what a command proposed is its author; without a command, `by` is NULL for a deleted account.
    by_command = models.BooleanField(default=False)
    created_at = models.DateTimeField("made", auto_now_add=True)
    door = models.CharField("change", max_length=300)
    reason = models.TextField(blank=True)
    path = models.CharField(max_length=2000)
    post = models.JSONField(default=list)
    files = models.JSONField(default=list)
    files_token = models.CharField(max_length=32, blank=True)
    effects = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    needs_officer = models.BooleanField(default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="Why it was declined.")
    entry = models.PositiveBigIntegerField("entry of the embargo record", null=True, blank=True)

    unfiltered = models.Manager()
    objects = HiddenManager()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["-created_at", "-pk"]
        verbose_name = "proposal"
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return self.door

    @property
    def author(self) -> str:
        """Who made it, in words."""
        return "manage.py" if self.by_command else str(self.by or "–")

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be confirmed."""
        return self.state == self.State.PROPOSED or (self.state == self.State.ASKED and not self.is_late)

    @property
    def is_late(self) -> bool:
        return clock.now() - self.created_at > ANSWER_WITHIN
