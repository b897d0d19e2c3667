"""Lists of favorites, what is on them, and what the last changes removed from them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from abstracts.models import Abstract
from abstracts.visibility import LawfulManager, Level, OpenManager

from ..secret_addresses import decrypt, digest, encrypt
from .users import User


class FavoritesList(models.Model):
    """A list of favorites of a user or (`user` empty) of the browser session that holds its id.

    The list without a name is the home list, to which stars go; a user has one, and named ones beside it. Whoever has
    the `share_token` may read what is on the list, as far as the law lets them, but not its name or its notes.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="favorites_lists")
    name = models.CharField(max_length=80, blank=True)
    share_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    share_encrypted = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OpenManager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint("user", Lower("name"), name="favorites_list_unique_name"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(name="", share_digest__isnull=True),
                name="favorites_list_named_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'Favorites'} of {self.user or 'a browser session'}"

    @property
    def share_token(self) -> str:
        """The token of the list's link; "" where it has none, or SECRET_KEY has changed since."""
        return decrypt(self.share_encrypted)

    @share_token.setter
    def share_token(self, token: str) -> None:
        self.share_digest, self.share_encrypted = (digest(token), encrypt(token)) if token else (None, "")


class Favorite(models.Model):
    """An abstract in a list. It stays when the abstract becomes hidden: the law only takes it off the page.

    The list's own order is by `position`; items that were never placed have none and come last, by `added_at`.
    """

    list = models.ForeignKey(FavoritesList, models.CASCADE, related_name="+", related_query_name="favorite")
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="favorite")
    added_at = models.DateTimeField()
    note = models.TextField(blank=True, help_text="Private: only the owner of the list reads it.")
    position = models.PositiveIntegerField(null=True, blank=True)

    unfiltered = models.Manager()
    objects = LawfulManager("abstract__", Level.SHELL)

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["list", F("position").asc(nulls_last=True), "added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["list", "abstract"], name="favorite_once_per_list")]

    def __str__(self) -> str:
        return f"{self.list_id}: {self.abstract_id}"


class FavoritesChange(models.Model):
    """What a change of any list of an owner removed, so that it can be undone. `home` is the owner's home list."""

    class Kind(models.TextChoices):
        REMOVED = "removed"
        CLEARED = "cleared"
        MOVED = "moved"
        LIST_DELETED = "list-deleted"

    home = models.ForeignKey(FavoritesList, models.CASCADE, related_name="+", related_query_name="change")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    # See accounts.favorites.undoing.
    removed = models.JSONField(default=dict)

    objects = OpenManager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.home_id}: {self.kind}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def count(self) -> int:
        """How many items were removed."""
        return len(self.removed["items"])


class CalendarAddress(models.Model):
    """The private address at which calendars read the program of a user, without a sign-in."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_address")
    token_digest = models.CharField(max_length=64, unique=True)
    token_encrypted = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OpenManager()

    def __str__(self) -> str:
        return f"Calendar of {self.user}"

    @property
    def token(self) -> str:
        """The token of the address; "" where SECRET_KEY has changed since."""
        return decrypt(self.token_encrypted)

    @token.setter
    def token(self, token: str) -> None:
        self.token_digest, self.token_encrypted = digest(token), encrypt(token)
