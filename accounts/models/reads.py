"""What press readers looked at before its release."""

from django.db import models
from django.db.models import Q

from abstracts.models import Abstract

from .users import User


class EmbargoedRead(models.Model):
    """Somebody with leave to do so read an abstract before its release. Kept for the regulator."""

    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(help_text="Of the reader, should the account go.")
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    path = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(email=""), name="embargoed_read_by_whom")]

    def __str__(self) -> str:
        return f"{self.email}, {self.at:%Y-%m-%d %H:%M}"
