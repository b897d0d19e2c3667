"""Figures of abstracts. Their files are outside all public paths and are served through the law only."""

import os
import secrets
from pathlib import PurePath

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.urls import reverse
from django.utils.deconstruct import deconstructible

from ..visibility import LawfulManager, Level
from ..words.text import inline_html, squeeze
from .abstract import Abstract
from .base import ArchiveModel, ArchiveQuerySet
from .former_states import hidden_history
from .keys import KeyField


@deconstructible(path="abstracts.models.figure.FigureStorage")
class FigureStorage(FileSystemStorage):
    """Files under FIGURES_ROOT (read at each access); they have no public address.

    Their group reads them: the web server's, which folders inherit from FIGURES_ROOT (setgid). Django's modes for
    folders would be set by chmod, and take that bit away; so they are left to the umask (027).
    """

    base_url = None  # type: ignore[assignment]
    file_permissions_mode = 0o640

    @property
    def base_location(self) -> str:
        return str(settings.FIGURES_ROOT)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)


figure_storage = FigureStorage()


def figure_path(instance: models.Model, filename: str) -> str:
    """A random name in one of 256 folders, with the extension of `filename`."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}{PurePath(filename).suffix.lower()}"


class Figure(ArchiveModel):
    """A figure: caption and alternative text, and an image if there is one."""

    DOCUMENT_PATH = "abstract"

    key = KeyField()
    abstract = models.ForeignKey(Abstract, models.CASCADE, related_name="+", related_query_name="figure")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=100, blank=True, help_text="“Figure 1”, “Supporting image 2”.")
    caption = models.TextField(blank=True, help_text="HTML: i, em, b, strong, sub and sup.")
    alt = models.TextField("alternative text", blank=True)
    image = models.FileField(upload_to=figure_path, storage=figure_storage, blank=True, max_length=200)
    original_name = models.CharField(max_length=300, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of the file as it came.")
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("abstract__", Level.FULL)
    history = hidden_history(but=["key"])

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["abstract", "position", "pk"]
        indexes = [models.Index(fields=["abstract", "position"])]

    def __str__(self) -> str:
        return self.label or f"Figure {self.position}"

    def derive(self) -> None:
        self.label = squeeze(self.label)
        self.caption = inline_html(self.caption)
        self.alt = squeeze(self.alt)

    def get_absolute_url(self) -> str:
        """Address of the image at full size."""
        return reverse("figure-file", args=[self.key])


class Rendition(ArchiveModel):
    """A smaller version of a figure's image."""

    figure = models.ForeignKey(Figure, models.CASCADE, related_name="+", related_query_name="rendition")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    image = models.FileField(upload_to=figure_path, storage=figure_storage, max_length=200)

    unfiltered = models.Manager.from_queryset(ArchiveQuerySet)()
    objects = LawfulManager("figure__abstract__", Level.FULL)

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["figure", "width"]
        constraints = [models.UniqueConstraint(fields=["figure", "width"], name="rendition_unique_width")]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"
