"""The embargo record, which nobody can edit or delete."""

from django.contrib import admin

from ..models import EmbargoRecord
from .base import ReadOnlyAdmin


@admin.register(EmbargoRecord)
class EmbargoRecordAdmin(ReadOnlyAdmin):
    list_display = ["number", "at", "by_name", "proposed_by_name", "door", "abstracts", "reason"]
    search_fields = ["door", "reason", "by_name"]
    fields = ["number", "at", "by_name", "proposed_by_name", "door", "reason", "abstracts", "previous", "digest"]
