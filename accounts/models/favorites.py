"""Lists of favorites and what is on them."""

from django.db import models

from abstracts.models import Abstract
from abstracts.visibility import LawfulManager, Level

from .users import User


class FavoritesList(models.Model):
    """A list of favorites. It is a user's, or (`user` empty) that of the one browser session that holds its id."""

    user = models.OneToOneField(User, models.CASCADE, null=True, blank=True, related_name="favorites_list")
    created_at = models.DateTimeField(auto_now_add=True)
    # What the last "clear all" took, for undoing it: [[abstract id, ISO instant added], …].
    cleared = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"Favorites of {self.user or 'a browser session'}"


class Favorite(models.Model):
    """An abstract in a list. It stays when the abstract becomes hidden: the law only takes it off the page."""

    list = models.ForeignKey(FavoritesList, models.CASCADE, related_name="+", related_query_name="favorite")
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="favorite")
    added_at = models.DateTimeField()

    unfiltered = models.Manager()
    objects = LawfulManager("abstract__", Level.SHELL)

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["list", "added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["list", "abstract"], name="favorite_once_per_list")]

    def __str__(self) -> str:
        return f"{self.list_id}: {self.abstract_id}"
