"""Meetings, their embargo tiers and their sessions."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from .. import clock
from ..models import Abstract, EmbargoTier, Meeting, Presentation, RecordLine, Session
from ..words.identifiers import number_prefixes
from ..words.query_strings import cleaned_data
from ..words.text import page_html
from .base import ArchiveAdmin, ChosenSelect, Inline, InlineFormSet, number_of
from .embargo import tally
from .forms import HTML_NOTE, FixedMeetingForm, SanitizedForm, ZonedForm, in_zone
from .zones import OffersZones, ZoneField, days_of, offer_zones, zones_named


class MeetingForm(ZonedForm, SanitizedForm):
    sanitized = {"embargo_policy": page_html}

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


class TierFormSet(InlineFormSet):
    """Of one meeting: no two tiers may take the same numbers."""

    def clean(self):
        super().clean()
        takers: dict[str, str] = {}
        for form in self.forms:
            name = form.cleaned_data.get("name") if form.is_valid() and form not in self.deleted_forms else None
            for prefix in number_prefixes(form.cleaned_data["number_prefixes"]) if name else ():
                if (taker := takers.setdefault(prefix, name)) != name:
                    form.add_error("number_prefixes", _taken(prefix, taker))


def _taken(prefix: str, taker: object) -> str:
    return f"The tier “{taker}” takes numbers that start with {prefix}."


class TierInline(Inline):
    model = EmbargoTier
    formset = TierFormSet
    fields = [
        "name", "position", "number_prefixes", "release_rule", "release_date", "release_time",
        "listing_level", "listing_date", "listing_time", "timezone",
    ]  # fmt: skip
    show_change_link = True
    verbose_name_plural = "embargo tiers (dates and times are in the meeting's zone, or in the tier's own)"


@admin.register(Meeting)
class MeetingAdmin(OffersZones, ArchiveAdmin):
    form = MeetingForm
    change_list_template = "admin/abstracts/list_with_import.html"
    inlines = [TierInline]
    list_display = ["name", "year", "starts_on", "city", "timezone", "is_published", "menu_order", "menu_group"]
    list_filter = ["kind", "is_published"]
    search_fields = ["name", "slug", "city", "=year"]
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["abstracts_now", "embargo_record"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "is_published", "abstracts_now"]}),
        ("When and where", {"fields": ["year", "starts_on", "ends_on", "city", "is_virtual", "timezone"]}),
        ("Citation", {"fields": ["journal", "volume", "supplement", "citation_year"]}),
        ("Menu", {"fields": ["menu_order", "menu_group"]}),
        ("Embargo", {"fields": ["news_embargo_at", "embargo_policy", "embargo_record"]}),
    ]

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


class FixedMeetingAdmin(ArchiveAdmin):
    """Rows that cannot move to another meeting, because their own rows belong to it."""

    form = FixedMeetingForm
    list_select_related = ["meeting"]

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "meeting"] if obj else fields


class TierForm(FixedMeetingForm):
    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        meeting = self.instance.meeting_id or getattr(cleaned.get("meeting"), "pk", None)
        others = EmbargoTier.objects.filter(meeting=meeting).exclude(pk=self.instance.pk)
        typed = number_prefixes(cleaned.get("number_prefixes", ""))
        for other in others:
            for prefix in number_prefixes(other.number_prefixes):
                if prefix in typed:
                    self.add_error("number_prefixes", _taken(prefix, other))
        return cleaned


@admin.register(EmbargoTier)
class TierAdmin(FixedMeetingAdmin):
    form = TierForm
    list_display = ["name", "meeting", "rule", "listing_level", "abstracts"]
    list_filter = ["release_rule", "listing_level", "meeting"]
    search_fields = ["name", "meeting__name"]
    ordering = ["-meeting_id", "position", "name"]
    autocomplete_fields = ["meeting"]
    readonly_fields = ["abstracts_now"]
    fieldsets = [
        (None, {"fields": ["meeting", "name", "position", "number_prefixes", "timezone", "abstracts_now"]}),
        (
            "Release",
            {
                "fields": ["release_rule", "release_date", "release_time"],
                "description": "Dates and times are clock time in the tier's zone, else in the meeting's.",
            },
        ),
        ("Before release", {"fields": ["listing_level", "listing_date", "listing_time"]}),
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("meeting")
            .annotate(abstracts=number_of(Abstract, "tier", "pk"))
        )

    @admin.display(description="abstracts", ordering="abstracts")
    def abstracts(self, tier):
        return tier.abstracts

    @admin.display(description="released", ordering="release_date")
    def rule(self, tier):
        if tier.release_rule == tier.Rule.FIXED:
            return (
                f"{tier.release_date:%b} {tier.release_date.day}, {tier.release_date.year}, {tier.release_time:%H:%M}"
            )
        clock = f", {tier.release_time:%H:%M}" if tier.release_rule == tier.Rule.SESSION_DAY else ""
        return tier.get_release_rule_display() + clock

    @admin.display(description="abstracts")
    def abstracts_now(self, tier):
        stored = EmbargoTier.objects.filter(pk=tier.pk).select_related("meeting").first()
        return tally(Q(tier=stored), stored.zone, clock.now()) if stored else "–"


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
