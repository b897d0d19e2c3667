"""The embargo record, which nobody can edit or delete; its part on the page of an abstract; a CSV for each meeting."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from .. import clock
from ..exporting.csv import Csv, csv_lines
from ..models import Abstract, EmbargoRecord, RecordLine
from ..models.public_times import public_times
from ..models.record import table_of
from ..visibility import Level
from .base import ReadOnlyAdmin
from .embargo import WORDS, both_zones

LINES_SHOWN = 200


@admin.register(EmbargoRecord)
class EmbargoRecordAdmin(ReadOnlyAdmin):
    list_display = ["number", "at", "by_name", "proposed_by_name", "door", "abstracts", "reason"]
    search_fields = ["door", "reason", "by_name"]
    search_help_text = "Change, reason, person, or a meeting's short name and an abstract's number (acr-2026 0489)."
    fields = [
        "number",
        "at",
        "by_name",
        "proposed_by_name",
        "door",
        "reason",
        "abstracts",
        "lines",
        "previous",
        "digest",
    ]
    readonly_fields = ["lines"]

    def get_urls(self):
        export = path("meeting/<slug:meeting>.csv", self.admin_site.admin_view(record_csv), name="abstracts_record_csv")
        return [export, *super().get_urls()]

    def get_search_results(self, request, queryset, search_term):
        meeting, _, number = search_term.strip().rpartition(" ")
        lines = RecordLine.objects.filter(entry=OuterRef("pk"), number__iexact=number)
        if meeting and (by_abstract := queryset.filter(Exists(lines.filter(meeting=meeting)))).exists():
            return by_abstract, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="abstracts, before and after")
    def lines(self, entry):
        lines = RecordLine.objects.filter(entry=entry)
        context = {"lines": in_words(lines), "more": max(entry.abstracts - LINES_SHOWN, 0)}
        return render_to_string("admin/abstracts/_record_lines.html", context)


def in_words(lines: QuerySet[RecordLine]) -> list[tuple[RecordLine, str, str]]:
    """The first of `lines`, each with what the public saw before, and after."""
    return [(line, WORDS[Level(line.old_level)], WORDS[Level(line.new_level)]) for line in lines[:LINES_SHOWN]]


@require_safe
def record_csv(request: HttpRequest, meeting: str) -> StreamingHttpResponse:
    """The record of a meeting: one line for each change of each abstract, oldest first."""
    if not request.user.has_perm("abstracts.view_embargorecord"):
        raise PermissionDenied
    if not RecordLine.objects.filter(meeting=meeting).exists():
        raise Http404
    return StreamingHttpResponse(
        csv_lines(table_of(meeting)),
        content_type=Csv.content_type,
        headers={"Content-Disposition": f'attachment; filename="embargo-record-{meeting}.csv"'},
    )


def record_of(abstract: Abstract) -> SafeString:
    """The periods in which the public could see the abstract, and all changes of that, for its page."""
    zone, at = abstract.meeting.zone, clock.now()
    periods = [
        (
            WORDS[level],
            [
                (both_zones(period.start, zone), period.until and both_zones(period.until, zone), period.start > at)
                for period in times
            ],
        )
        for level, times in public_times(abstract.pk, at).items()
    ]
    lines = RecordLine.objects.filter(abstract_id=abstract.pk).select_related("entry").order_by("-entry_id")
    context = {"periods": periods, "lines": in_words(lines)}
    return render_to_string("admin/abstracts/_record_of_abstract.html", context)
