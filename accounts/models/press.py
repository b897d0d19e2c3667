"""Who of the press may read ahead of release in which meeting, and who asked for it."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from abstracts import clock
from abstracts.models import Meeting
from abstracts.visibility import OpenManager

from .users import User


class PressAccessQuerySet(models.QuerySet):
    def current(self, user: int, at: dt.datetime) -> "PressAccessQuerySet":
        """Those of `user` (primary key) that are neither over nor revoked at `at`, with their meetings."""
        current = self.filter(user=user, revoked_at=None, ends_at__gt=at, meeting__is_published=True)
        return current.select_related("meeting").order_by("ends_at", "pk")

    def in_force(self, user: int, at: dt.datetime) -> list["PressAccess"]:
        """Those by which `user` (primary key) reads ahead of release at `at`."""
        return [access for access in self.current(user, at) if access.starts_at <= at and access.is_accepted]


class PressAccess(models.Model):
    """What one person may read ahead of release: one meeting, from one instant to another, under its terms."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="person")
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="+")
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("until")
    may_export = models.BooleanField(
        default=False, help_text="On: files and prints may contain what is ahead of release. Off: what the public sees."
    )
    accepted_version = models.CharField("accepted terms", max_length=16, blank=True, default="", editable=False)
    accepted_at = models.DateTimeField("terms accepted", null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    approved_at = models.DateTimeField("approved", default=clock.now, editable=False)
    revoked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, editable=False)
    language = models.CharField("language of e-mails", max_length=8, choices=settings.LANGUAGES, default="en")
    wants_releases = models.BooleanField("e-mails on each release", default=False)
    # What happened until then, and up to that entry of the record, was mailed or is not to be mailed.
    mailed_until = models.DateTimeField(default=clock.now, editable=False)
    mailed_entry = models.PositiveBigIntegerField(default=0, editable=False)

    objects = OpenManager.from_queryset(PressAccessQuerySet)()

    class Meta:
        verbose_name = "press access"
        verbose_name_plural = "press accesses"
        ordering = ["-ends_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="press_access_lasts")]

    def __str__(self) -> str:
        return f"{self.user}, {self.meeting}"

    @property
    def is_accepted(self) -> bool:
        """Whether the person has accepted the terms of the meeting as they are now."""
        return self.accepted_at is not None and self.accepted_version == self.meeting.terms_version


class PressApplication(models.Model):
    """Somebody asks to read ahead of release in one meeting."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="account")
    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=200)
    outlet = models.CharField(max_length=200)
    statement = models.TextField(max_length=3000)
    work = models.URLField("link to work", max_length=500)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    made_at = models.DateTimeField("made", default=clock.now)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    note = models.TextField(blank=True, help_text="For press officers; the applicant does not see it.")
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField("decided", null=True)

    objects = OpenManager()

    class Meta:
        verbose_name = "press application"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.outlet}"
