"""Sources of abstracts: import runs, and the imported row of each abstract."""

from django.conf import settings
from django.db import models

from ..visibility import HiddenManager
from .abstract import Abstract
from .meeting import Meeting


class ImportRun(models.Model):
    """One completed import, with its report. Never shown to visitors: the report quotes rows."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="by"
    )
    file_name = models.CharField(max_length=300)
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, blank=True, related_name="+")
    counts = models.JSONField(default=dict, help_text="New, changed, unchanged, skipped and invalid rows.")
    report = models.JSONField(default=dict, help_text="The whole report, by line of the file.")

    unfiltered = models.Manager()
    objects = HiddenManager()

    class Meta:
        default_manager_name = "unfiltered"
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.at:%Y-%m-%d %H:%M}"


class AbstractSource(models.Model):
    """The imported values of one abstract. Never shown, because they contain the text whatever the embargo."""

    abstract = models.OneToOneField(
        Abstract, models.CASCADE, related_name="+", related_query_name="abstractsource", primary_key=True
    )
    reference = models.CharField(max_length=200, blank=True, db_index=True, help_text="The source's own id.")
    row = models.JSONField(default=dict, help_text="The row as it came.")
    imported = models.JSONField(default=dict, help_text="The field values that the import wrote.")
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="+")

    unfiltered = models.Manager()
    objects = HiddenManager()

    class Meta:
        default_manager_name = "unfiltered"

    def __str__(self) -> str:
        return self.reference or str(self.pk)
