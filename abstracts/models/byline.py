"""Bylines (author lines with links to numbered affiliations) and persons (the author index).

Superscripts are rendered from positions; they are not stored.
"""

from django.db import models
from django.db.models import Q

from ..visibility import EntryManager, LawfulManager, Level
from ..words.addresses import address
from ..words.identifiers import validate_orcid
from ..words.text import slug_token, slug_with, slugify, sort_key, squeeze
from .abstract import Abstract
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import hidden_history


class Person(ArchiveModel):
    """A person or group in the author index. Visible to whoever may see one of the author lines."""

    name = models.CharField(max_length=300, help_text="As shown: given name first.")
    family = models.CharField(max_length=200, blank=True)
    given = models.CharField(max_length=200, blank=True)
    orcid = models.CharField("ORCID", max_length=19, null=True, blank=True, unique=True, validators=[validate_orcid])
    slug = models.SlugField(max_length=160, unique=True, blank=True)
    sort_key = models.CharField(max_length=300, editable=False, db_index=True)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = EntryManager("AuthorLine", "person")
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["sort_key", "slug"]

    def __str__(self) -> str:
        return self.index_name

    @property
    def index_name(self) -> str:
        """“Retuerto Guerrero, Miriam”; a group's name as it is."""
        return f"{self.family}, {self.given}" if self.family and self.given else self.family or self.name

    def derive(self) -> None:
        self.name = squeeze(self.name)
        self.orcid = self.orcid or None
        self.sort_key = sort_key(f"{self.family} {self.given}" if self.family else self.name)[:300]
        self.slug = self.slug or new_person_slug(self.name)

    def get_absolute_url(self) -> str:
        return address("author", self.slug)


def person_key(name: str) -> str:
    """Names with the same key are taken for one person, unless staff separate them."""
    return sort_key(name)[:300]


def new_person_slug(name: str) -> str:
    """An address for a new person. The token is there whether or not somebody else has that name, who may be hidden.

    (Not the ORCID: where it was wrong, it would be in the address for ever.)
    """
    return slug_with(name if slugify(name) else "author", slug_token(), 127)


class PersonName(ArchiveModel):
    """A name under which imports look up a person. After a merge it has the name and address of the merged person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="names")
    name = models.CharField(max_length=300)
    key = models.CharField(max_length=300, unique=True, editable=False)
    slug = models.SlugField(max_length=160, null=True, blank=True, unique=True, help_text="A former address.")

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = EntryManager("AuthorLine", "person", key="person")

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = squeeze(self.name)
        self.key = person_key(self.name)
        self.slug = self.slug or None


class Affiliation(ArchiveModel):
    """A numbered affiliation of one abstract, as typed, with the institution and country recognized in it."""

    DOCUMENT_PATH = "abstract"

    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="affiliation")
    position = models.PositiveSmallIntegerField("number")
    text = models.TextField(help_text="As typed.")
    institution = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=100, blank=True)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.LISTED)
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["abstract", "position"]
        constraints = [models.UniqueConstraint(fields=["abstract", "position"], name="affiliation_unique_number")]

    def __str__(self) -> str:
        return f"{self.position} {self.text}"

    def derive(self) -> None:
        self.text = squeeze(self.text)


class AuthorLine(ArchiveModel):
    """One author of one abstract, in order, with the name as typed."""

    DOCUMENT_PATH = "abstract"

    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="authorline")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", related_query_name="authorline", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=300, help_text="As typed.")
    family = models.CharField(max_length=200, blank=True)
    given = models.CharField(max_length=200, blank=True)
    orcid = models.CharField("ORCID", max_length=19, blank=True, validators=[validate_orcid])
    is_presenter = models.BooleanField("presenter", default=False)
    is_group = models.BooleanField("group", default=False, help_text="A study group or consortium.")
    sort_key = models.CharField(max_length=300, editable=False)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.LISTED)
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["abstract", "position", "pk"]
        indexes = [models.Index(fields=["person", "abstract"])]
        constraints = [
            models.UniqueConstraint(fields=["abstract", "position"], name="author_unique_position"),
            models.CheckConstraint(condition=~Q(name=""), name="author_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = squeeze(self.name)
        self.sort_key = sort_key(f"{self.family} {self.given}" if self.family else self.name)[:300]


class AuthorAffiliation(ArchiveModel):
    """A link from an author line to an affiliation of the same abstract."""

    author = models.ForeignKey(AuthorLine, models.CASCADE, related_name="+", related_query_name="link")
    affiliation = models.ForeignKey(Affiliation, models.CASCADE, related_name="+", related_query_name="link")

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("author__abstract__", Level.LISTED)

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["author", "affiliation__position"]
        constraints = [models.UniqueConstraint(fields=["author", "affiliation"], name="affiliation_once_per_author")]

    def __str__(self) -> str:
        return f"{self.author_id} – {self.affiliation_id}"
