"""Import runs and the log of changes, read-only."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.template.loader import render_to_string

from ..models import ImportRun
from .base import ReadOnlyAdmin
from .reports import report_context


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "meeting", "at", "by", "counted"]
    list_filter = ["meeting"]
    list_select_related = ["meeting", "by"]
    search_fields = ["file_name"]
    fields = ["file_name", "meeting", "at", "by", "counted", "readable"]
    readonly_fields = ["counted", "readable"]

    def has_view_permission(self, request, obj=None) -> bool:
        """Reports name abstracts under embargo."""
        return super().has_view_permission(request, obj) and request.user.has_perm("abstracts.view_abstract")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if request.resolver_match.url_name.endswith("_change") else rows.defer("report")

    @admin.display(description="rows")
    def counted(self, run):
        return ", ".join(f"{count} {name}" for name, count in run.counts.items() if count) or "–"

    @admin.display(description="report")
    def readable(self, run):
        return render_to_string("admin/abstracts/_report.html", report_context(run.report))


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """The changes of all users."""

    list_display = ["action_time", "user", "content_type", "object_repr", "action", "message"]
    list_filter = ["action_flag", "content_type"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "change_message", "user__email"]
    ordering = ["-pk"]
    list_display_links = None
    date_hierarchy = None

    @admin.display(description="action")
    def action(self, entry):
        return entry.get_action_flag_display()

    @admin.display(description="what changed")
    def message(self, entry):
        return entry.get_change_message()
