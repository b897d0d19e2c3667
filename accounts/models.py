"""People who use the archive: users, their favorites, and what press readers looked at."""

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from abstracts.models import Abstract
from abstracts.visibility import LawfulManager, Level


class UserManager(BaseUserManager):
    """Makes users whose name is their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """Somebody with an account; the e-mail address is the name."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    embargo_terms_accepted_at = models.DateTimeField(
        null=True, blank=True, help_text="When this reader of embargoed content agreed to keep the embargo."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()  # type: ignore[misc]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_unique_email_any_case")]

    def __str__(self) -> str:
        return self.email


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
