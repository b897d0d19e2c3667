"""What press and staff read before its release."""

from django.db import models
from django.db.models import Q

from abstracts.visibility import OpenManager

from .users import User


class EmbargoedRead(models.Model):
    """The first time of a day (UTC) that a person read an abstract on the site before the public could.

    It is evidence: it outlives the account, the abstract and the meeting, so it describes the abstract itself. Pages of
    the admin are not recorded.
    """

    class Role(models.TextChoices):
        PRESS = "press", "Press"
        STAFF = "staff", "Staff"

    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    email = models.EmailField("person", help_text="The address of the account at that time.")
    role = models.CharField(max_length=10, choices=Role, db_default="press")
    abstract_id = models.BigIntegerField(db_index=True, help_text="Its primary key, also after it is deleted.")
    meeting = models.CharField(max_length=120, blank=True, db_default="", help_text="The meeting's address.")
    number = models.CharField(max_length=40, blank=True, db_default="")
    title = models.TextField(blank=True, db_default="", help_text="As it was read.")
    at = models.DateTimeField("first read")
    day = models.DateField(null=True, help_text="UTC. Empty: a further read, recorded when all reads were.")
    kind = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        help_text="How it was read first: page, search, figure, print, export …",
    )
    path = models.CharField(max_length=300)

    objects = OpenManager()

    class Meta:
        verbose_name = "read ahead of release"
        verbose_name_plural = "reads ahead of release"
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(email=""), name="embargoed_read_by_whom"),
            models.UniqueConstraint(fields=["user", "day", "abstract_id"], name="embargoed_read_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.at:%Y-%m-%d %H:%M}"
