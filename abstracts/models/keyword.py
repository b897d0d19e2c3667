"""Keywords (the keyword index) and their synonyms."""

import hashlib

from django.db import models

from ..visibility import EntryManager, LawfulManager, Level
from ..words.addresses import address
from ..words.text import slug_with, slugify, sort_key, squeeze
from .abstract import Abstract
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import hidden_history


class Keyword(ArchiveModel):
    """A keyword of the keyword index. Visible to whoever may see one of its abstracts."""

    DOCUMENT_PATH = "abstractkeyword__abstract"

    name = models.CharField(max_length=300)
    slug = models.SlugField(max_length=160, unique=True, blank=True)
    key = models.CharField(max_length=300, unique=True, editable=False, help_text="`sort_key` of the name.")

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = EntryManager("AbstractKeyword", "keyword")
    history = hidden_history()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def derive(self) -> None:
        self.name = squeeze(self.name)
        self.key = keyword_key(self.name)
        self.slug = self.slug or keyword_slug(self.name)

    def get_absolute_url(self) -> str:
        return address("keyword", self.slug)


def keyword_slug(name: str) -> str:
    """Address form of a keyword. Where it does not hold the whole key (long names, letters outside ASCII), a checksum
    of the key follows: other keywords have other addresses, and nobody looks which there are."""
    key = keyword_key(name)
    slug = slugify(name, 140)
    if slug == key.replace(" ", "-"):
        return slug
    return slug_with(slug or "keyword", hashlib.sha256(key.encode()).hexdigest()[:8], 149)


def keyword_key(name: str) -> str:
    """Names with the same key are the same keyword."""
    return sort_key(name)[:300]


class KeywordSynonym(ArchiveModel):
    """Another name of a keyword. A keyword that is merged into another becomes one; its old address redirects."""

    keyword = models.ForeignKey(Keyword, models.CASCADE, related_name="synonyms")
    name = models.CharField(max_length=300)
    slug = models.SlugField(max_length=160, unique=True, blank=True)
    key = models.CharField(max_length=300, unique=True, editable=False)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = EntryManager("AbstractKeyword", "keyword", key="keyword")

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    derive = Keyword.derive


class AbstractKeyword(ArchiveModel):
    """A keyword of an abstract, with its position and spelling in the source."""

    DOCUMENT_PATH = "abstract"

    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="abstractkeyword")
    keyword = models.ForeignKey(Keyword, models.PROTECT, related_name="+", related_query_name="abstractkeyword")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField("as typed", max_length=300, blank=True)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.LISTED)

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["abstract", "position", "pk"]
        indexes = [models.Index(fields=["keyword", "abstract"])]
        constraints = [models.UniqueConstraint(fields=["abstract", "keyword"], name="keyword_once_per_abstract")]

    def __str__(self) -> str:
        return self.label or self.keyword.name

    def derive(self) -> None:
        self.label = squeeze(self.label) or self.keyword.name
