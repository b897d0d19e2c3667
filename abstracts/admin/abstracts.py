"""Abstracts, with the rows that belong to them."""

import zoneinfo

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.urls import path

from .. import clock
from ..models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    AuthorLine,
    Figure,
    Meeting,
    Presentation,
    Section,
)
from ..models.abstract import new_slug
from ..words.text import block_html, inline_html, slugify, sort_key, squeeze
from .base import ArchiveAdmin, Inline
from .byline import AffiliationInline, AuthorFormSet, AuthorInline
from .embargo import State, both_zones, outlook, with_state
from .figures import FigureInline
from .filters import SessionTypeFilter, StateFilter, TierFilter
from .forms import HTML_NOTE, TIERS, FixedMeetingForm, SanitizedForm, TierChoice, ZonedForm, in_zone
from .history import changes_within
from .importing import import_view
from .meetings import narrow_to_meeting, of_meeting
from .records import record_of
from .warnings.addresses import renew_addresses


class AbstractForm(ZonedForm, SanitizedForm, FixedMeetingForm):
    sanitized = {"title": inline_html, "disclosures": block_html}
    tier = TierChoice(
        TIERS.none(),
        required=False,
        label="Embargo tier",
        help_text="Without a tier and without an override the abstract is never released.",
    )

    class Meta:
        model = Abstract
        fields = "__all__"
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "status_note": forms.Textarea(attrs={"rows": 2}),
            "disclosures": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {
            "title": f"HTML: i, em, b, strong, sub and sup. {HTML_NOTE}",
            "disclosures": f"HTML. {HTML_NOTE}",
            "slug": "Blank: made from the title. A changed one keeps redirecting.",
            "number": "As printed: 0489, L17, LB24, PP01.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            is_stored = bool(self.instance.pk)
            self.fields["tier"].queryset = TIERS.filter(meeting=self.instance.meeting_id) if is_stored else TIERS
            self.fields["tier"].with_meeting = not is_stored

    def clean_number(self) -> str | None:
        return squeeze(self.cleaned_data["number"] or "") or None

    def clean(self):
        cleaned = super().clean()
        meeting = self.instance.meeting if self.instance.pk else cleaned.get("meeting")
        if meeting and cleaned.get("title") and cleaned.get("slug") == "":
            typed = {"meeting": meeting, "title": cleaned["title"], "number": cleaned.get("number")}
            cleaned["slug"] = new_slug(Abstract(pk=self.instance.pk, **typed))
        return cleaned

    def zone_of_form(self) -> zoneinfo.ZoneInfo | None:
        if self.instance.pk:
            return self.instance.meeting.zone
        typed = self.data.get("meeting", "") if self.is_bound else ""
        meeting = Meeting.objects.filter(pk=typed).first() if typed.isascii() and typed.isdigit() else None
        return meeting.zone if meeting else None


class SectionForm(SanitizedForm):
    sanitized = {"html": block_html}

    class Meta:
        model = Section
        fields = ["position", "label", "html"]
        widgets = {"html": forms.Textarea(attrs={"rows": 8, "cols": 90})}
        help_texts = {"html": f"HTML: p, ul, ol, li, table, i, b, sub, sup. No links, no images. {HTML_NOTE}"}


class SectionInline(Inline):
    model = Section
    form = SectionForm
    verbose_name_plural = "sections (disclosures stand with the abstract itself)"


class PresentationInline(Inline):
    model = Presentation
    fields = ["session", "position", "start_time", "end_time"]
    autocomplete_fields = ["session"]
    verbose_name_plural = "presentations (times only where it has its own; in the meeting's zone)"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("session")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        narrow_to_meeting(formset.form, "session", obj)
        return formset


class KeywordInline(Inline):
    model = AbstractKeyword
    fields = ["position", "keyword", "label"]
    autocomplete_fields = ["keyword"]
    verbose_name = "keyword"
    verbose_name_plural = "keywords (“as typed” may stay blank)"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("keyword")


@admin.register(Abstract)
class AbstractAdmin(ArchiveAdmin):
    form = AbstractForm
    actions = [renew_addresses]
    change_list_template = "admin/abstracts/list_with_import.html"
    inlines = [PresentationInline, AffiliationInline, AuthorInline, KeywordInline, SectionInline, FigureInline]
    list_display = ["number_shown", "title_shown", "meeting", "tier", "status", "state", "release"]
    list_display_links = ["number_shown", "title_shown"]
    list_filter = [StateFilter, "status", TierFilter, SessionTypeFilter, "meeting"]
    ordering = ["-meeting_id", "number_key", "pk"]
    search_fields = ["number"]
    search_help_text = "Number, words of the title, or an author's name."
    autocomplete_fields = ["meeting"]
    readonly_fields = ["outlook", "resolved_listing", "resolved_release", "embargo_record"]
    fieldsets = [
        (None, {"fields": ["meeting", "number", "title", "slug", "status", "status_note", "hides_title"]}),
        (
            "Embargo",
            {"fields": ["outlook", "tier", "resolved_listing", "resolved_release"]},
        ),
        (
            "Override of the tier's embargo",
            {
                "classes": ["collapse"],
                "description": "What is filled in wins over the tier.",
                "fields": ["override_released_from", "override_listing_level", "override_listed_from"],
            },
        ),
        ("Text beside the sections", {"fields": ["disclosures", "trial_ids"]}),
        (
            "Publication",
            {"classes": ["collapse"], "fields": ["doi", "first_published", "legacy_id"]},
        ),
        ("When the public could see it", {"classes": ["collapse"], "fields": ["embargo_record"]}),
    ]

    def get_urls(self):
        import_page = path("import/", self.admin_site.admin_view(import_view), name="abstracts_import")
        return [import_page, *super().get_urls()]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("meeting", "tier")
        if request.path.endswith("/autocomplete/"):
            return of_meeting(request, rows)
        return with_state(rows, request.at)

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "meeting"] if obj else self.readonly_fields

    def get_search_results(self, request, queryset, search_term):
        """Every word must be in the number, the title or an author's name, whatever its accents."""
        for word in search_term.split()[:8]:
            queryset = queryset.filter(_matches(word))
        return queryset, False

    def changes_within(self, row):
        return changes_within(row.pk, [Section, AuthorLine, Affiliation, Presentation, Figure])

    def _create_formsets(self, request, obj, change):
        formsets, inlines = super()._create_formsets(request, obj, change)
        by_model = {formset.model._meta.model_name: formset for formset in formsets}
        if isinstance(authors := by_model.get("authorline"), AuthorFormSet):
            authors.affiliation_formset = by_model.get("affiliation")
        return formsets, inlines

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row = Abstract.unfiltered.select_related("meeting").get(pk=form.instance.pk)
        self.message_user(request, outlook(row, request.at))

    @admin.display(description="number", ordering="number_key")
    def number_shown(self, abstract):
        return abstract.number or "–"

    @admin.display(description="title", ordering="title_text")
    def title_shown(self, abstract):
        return abstract.title_text

    @admin.display(description="embargo", ordering="embargo_state")
    def state(self, abstract):
        return State(abstract.embargo_state).label

    @admin.display(description="release", ordering="released_from")
    def release(self, abstract):
        return in_zone(abstract.released_from, abstract.meeting.zone)

    @admin.display(description="what the public sees")
    def outlook(self, abstract):
        return outlook(abstract, clock.now()) if abstract.pk else "–"

    @admin.display(description="embargo record")
    def embargo_record(self, abstract):
        return record_of(abstract) if abstract.pk else "–"

    @admin.display(description="resolved: shown before release")
    def resolved_listing(self, abstract):
        shown = [
            ("Number", abstract.numbered_from),
            ("Title", abstract.titled_from),
            ("Listing", abstract.listed_from),
        ]
        parts = [
            f"{what} from {both_zones(instant, abstract.meeting.zone)}"
            for what, instant in shown
            if instant and instant != abstract.released_from
        ]
        return ". ".join(parts) if abstract.pk and parts else "Nothing."

    @admin.display(description="resolved: released from")
    def resolved_release(self, abstract):
        return both_zones(abstract.released_from, abstract.meeting.zone) if abstract.pk else "–"


def _matches(word: str) -> Q:
    condition = Q(number__iexact=word) | Q(title_text__icontains=word)
    if folded := slugify(word):
        condition |= Q(slug__contains=folded)
    if key := sort_key(word):
        lines = AuthorLine.unfiltered.filter(sort_key__contains=key).order_by()
        condition |= Q(pk__in=lines.values("abstract"))
    return condition
