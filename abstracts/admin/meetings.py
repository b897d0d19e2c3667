"""Meetings and their sessions."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.urls import path, reverse
from django.utils.html import format_html

from .. import clock
from ..models import Meeting, Presentation, RecordLine, Session
from ..words.query_strings import cleaned_data
from ..words.text import page_html
from .base import ArchiveAdmin, ChosenSelect, Inline, number_of
from .embargo import tally
from .fixed import FixedMeetingAdmin
from .forms import HTML_NOTE, FixedMeetingForm, SanitizedForm, ZonedForm, in_zone
from .tiers import OffersSessionTypes, TierInline
from .warnings.page import may_see_warnings, warnings_in_short, warnings_view
from .zones import OffersZones, ZoneField, days_of, offer_zones, zones_named


class MeetingForm(ZonedForm, SanitizedForm):
    sanitized = dict.fromkeys(Meeting.PAGE_TEXTS, page_html)

    class Meta:
        model = Meeting
        fields = "__all__"
        field_classes = {"timezone": ZoneField}
        help_texts = {
            "embargo_policy": f"HTML; shown on the meeting's embargo page. {HTML_NOTE}",
            "timezone": "Type a city, and choose. All times of the program are in it.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_zones(self.fields.get("timezone"), days_of(self.instance))

    def zone_of_form(self):
        """The zone that was typed, if there is such a zone; else the stored one."""
        typed = zones_named(self.data.get("timezone", "")) if self.is_bound else []
        if len(typed) == 1:
            return zoneinfo.ZoneInfo(typed[0])
        return self.instance.zone if self.instance.pk or not self.is_bound else None


@admin.register(Meeting)
class MeetingAdmin(OffersZones, OffersSessionTypes, ArchiveAdmin):
    form = MeetingForm
    change_list_template = "admin/abstracts/list_with_import.html"
    inlines = [TierInline]
    list_display = ["name", "year", "starts_on", "city", "timezone", "is_published", "menu_order", "menu_group"]
    list_filter = ["kind", "is_published"]
    search_fields = ["name", "slug", "city", "=year"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["warnings", "abstracts_now", "embargo_record"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "is_published", "abstracts_now"]}),
        ("When and where", {"fields": ["year", "starts_on", "ends_on", "city", "is_virtual", "timezone"]}),
        ("Citation", {"fields": ["journal", "volume", "supplement", "citation_year"]}),
        ("Menu", {"fields": ["menu_order", "menu_group"]}),
        ("Embargo", {"fields": ["news_embargo_at", "embargo_policy", "embargo_policy_es", "embargo_record"]}),
        (
            "Press",
            {
                "fields": ["press_terms", "press_terms_es"],
                "description": "Whoever accepted them must accept them again after each change, to read ahead.",
            },
        ),
    ]

    def get_urls(self):
        page = path(
            "<int:meeting>/warnings/", self.admin_site.admin_view(warnings_view), name="abstracts_meeting_warnings"
        )
        return [page, *super().get_urls()]

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj and may_see_warnings(request.user):
            return [("Warnings about the embargo", {"fields": ["warnings"]}), *fieldsets]
        return fieldsets

    @admin.display(description="to look at")
    def warnings(self, meeting):
        # Read again, because a form with errors has set the typed values on the row.
        return warnings_in_short(Meeting.objects.get(pk=meeting.pk))

    @admin.display(description="abstracts")
    def abstracts_now(self, meeting):
        # Read again, because a form with errors has set the typed values on the row.
        stored = Meeting.objects.filter(pk=meeting.pk).first()
        return tally(Q(meeting=stored), stored.zone, clock.now()) if stored else "–"

    @admin.display(description="embargo record")
    def embargo_record(self, meeting):
        if not (meeting.pk and RecordLine.objects.filter(meeting=meeting.slug).exists()):
            return "–"
        address = reverse("admin:abstracts_record_csv", args=[meeting.slug])
        return format_html('<a href="{}">All changes of what the public sees, as CSV</a>', address)


class SessionForm(FixedMeetingForm):
    class Meta:
        model = Session
        fields = "__all__"
        help_texts = {"end_time": "Before the start: on the next day, which a message then says; six hours at most."}

    def clean(self):
        cleaned = super().clean()
        meeting = self.instance.meeting_id or getattr(cleaned.get("meeting"), "pk", None)
        same = Session.objects.filter(meeting=meeting).exclude(pk=self.instance.pk)
        if (code := cleaned.get("code")) and (other := same.filter(code=code).first()):
            self.add_error("code", f"This is the code of “{other}”.")
        if (slug := cleaned.get("slug")) and (other := same.filter(slug=slug).first()):
            self.add_error("slug", f"This is the address of “{other}”.")
        return cleaned


class PresentationInline(Inline):
    """The abstracts of a session."""

    model = Presentation
    fields = ["position", "abstract", "start_time", "end_time"]
    autocomplete_fields = ["abstract"]
    verbose_name = "abstract"
    verbose_name_plural = "abstracts in their order (times only where an abstract has its own)"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("abstract", "session").order_by("position", "pk")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        narrow_to_meeting(formset.form, "abstract", obj)
        return formset


class AutocompleteForm(forms.Form):
    """The query string of an autocompleting field."""

    meeting = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


def narrow_to_meeting(form: type[forms.ModelForm], name: str, obj) -> None:
    """Suggest only rows of the meeting of `obj` in the autocompleting field `name`."""
    widget = form.base_fields[name].widget if name in form.base_fields else None
    widget = getattr(widget, "widget", widget)
    if obj and isinstance(widget, ChosenSelect):
        widget.query = f"?meeting={obj.meeting_id}"


def of_meeting(request, rows):
    """`rows` of the meeting that `narrow_to_meeting` put into the query string; all rows without one."""
    meeting = cleaned_data(AutocompleteForm(request.GET))["meeting"]
    return rows.filter(meeting=meeting) if meeting else rows


@admin.register(Session)
class SessionAdmin(FixedMeetingAdmin):
    form = SessionForm
    inlines = [PresentationInline]
    list_display = ["title", "code", "type", "meeting", "date", "start_time", "end_time", "presentations"]
    list_filter = ["meeting", "type"]
    search_fields = ["title", "code", "type", "meeting__name"]
    ordering = ["-meeting_id", "date", "starts_at", "code", "pk"]
    autocomplete_fields = ["meeting"]
    readonly_fields = ["instants"]
    fieldsets = [
        (None, {"fields": ["meeting", "code", "title", "slug", "type", "place"]}),
        ("Time, in the meeting's zone", {"fields": ["date", "start_time", "end_time", "instants"]}),
    ]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("meeting")
        if request.path.endswith("/autocomplete/"):
            return of_meeting(request, rows)
        return rows.annotate(presentations=number_of(Presentation, "session"))

    @admin.display(description="abstracts", ordering="presentations")
    def presentations(self, session):
        return session.presentations

    @admin.display(description="resolved")
    def instants(self, session):
        if not (session.pk and session.starts_at):
            return "–"
        zone = session.meeting.zone
        return f"{in_zone(session.starts_at, zone)} to {in_zone(session.ends_at, zone)}"
