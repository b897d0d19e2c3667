"""What press readers read before its release."""

from django.db import models
from django.db.models import Q

from abstracts.models import Abstract

from .users import User


class EmbargoedRead(models.Model):
    """A press reader read an abstract before its release. Stored as evidence, also after the account is deleted."""

    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(help_text="Of the reader, in case the account is deleted.")
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    path = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(email=""), name="embargoed_read_by_whom")]

    def __str__(self) -> str:
        return f"{self.email}, {self.at:%Y-%m-%d %H:%M}"
