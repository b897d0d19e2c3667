"""Searches that users save, their results that were mailed, and since when the public sees what."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from abstracts.models import Abstract
from abstracts.visibility import OpenManager

from .users import User


class SavedSearch(models.Model):
    """A search of a user's. `query_string` is canonical: behind `/search/?` it runs the search.

    Its e-mails hold what the public may see, whoever owns it.
    """

    class Alert(models.TextChoices):
        NEVER = "never", _("No e-mail")
        RELEASE = "release", _("When new results are released")
        DAILY = "daily", _("New results, once a day")
        WEEKLY = "weekly", _("New results, once a week")

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=120)
    query_string = models.TextField()
    alert = models.CharField(_("e-mail"), max_length=10, choices=Alert, default=Alert.NEVER)
    # This search ran on all that became visible to the public until then.
    searched_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OpenManager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Saved search {self.pk}"


class AlertResult(models.Model):
    """A new result of a search, mailed to its owner or (`mailed_at` empty) to be mailed; each result once."""

    search = models.ForeignKey(SavedSearch, models.CASCADE, related_name="+", related_query_name="result")
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+")
    found_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)

    objects = OpenManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "abstract"], name="alert_result_once_per_search")]

    def __str__(self) -> str:
        return f"{self.search_id}: {self.abstract_id}"


class PublicSince(models.Model):
    """Since when the public sees an abstract, as far as `send_alerts` noticed: its listing, and all of it."""

    abstract = models.OneToOneField(Abstract, models.CASCADE, related_name="+")
    listed_at = models.DateTimeField(db_index=True)
    released_at = models.DateTimeField(null=True, db_index=True)

    objects = OpenManager()

    def __str__(self) -> str:
        return f"{self.abstract_id}: {self.listed_at:%Y-%m-%d %H:%M}"
