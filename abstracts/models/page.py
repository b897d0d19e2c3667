"""Pages that staff write: privacy policy, permissions policies."""

from django.db import models

from ..visibility import OpenManager
from ..words.addresses import address
from ..words.text import page_html, squeeze
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import open_history


class Page(ArchiveModel):
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    html = models.TextField("text", help_text="HTML: headings, paragraphs, lists, tables, links.")
    in_footer = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OpenManager.from_queryset(ArchiveQuerySet)()
    history = open_history()

    class Meta:
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title

    def derive(self) -> None:
        self.title = squeeze(self.title)
        self.html = page_html(self.html)

    def get_absolute_url(self) -> str:
        return address("page", self.slug)
