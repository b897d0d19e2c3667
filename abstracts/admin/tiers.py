"""Embargo tiers and their steps."""

import itertools

from django import forms
from django.contrib import admin
from django.db.models import Q

from .. import clock
from ..models import Abstract, EmbargoStep, EmbargoTier
from ..words.identifiers import number_prefixes
from .base import Inline, InlineFormSet, number_of
from .embargo import tally
from .fixed import FixedMeetingAdmin
from .forms import FixedMeetingForm
from .history import changes_within
from .steps import in_words
from .zones import OffersZones, ZoneField, days_of, offer_zones

LADDER = list(EmbargoStep.LEVELS)


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
    fields = ["name", "position", "number_prefixes", "decides", "decides_type"]
    show_change_link = True
    verbose_name_plural = "embargo tiers (what shows when is on the page of each: “Change”)"


class StepForm(forms.ModelForm):
    class Meta:
        model = EmbargoStep
        fields = ["shows", "rule", "minutes", "date", "time", "timezone"]
        field_classes = {"timezone": ZoneField}


class StepFormSet(InlineFormSet):
    """Of one tier: nothing shows later than what contains it."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        offer_zones(form.fields.get("timezone"), days_of(getattr(self.instance, "meeting", None)))

    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and form not in self.deleted_forms]
        fixed = {}
        for form in kept:
            step, meeting = form.instance, getattr(self.instance, "meeting", None)
            if form.cleaned_data.get("shows") in LADDER and step.rule == step.Rule.FIXED and meeting:
                fixed[step.shows] = form, step.instant_on(step.date, meeting)
        for lower, higher in itertools.combinations([shows for shows in LADDER if shows in fixed], 2):
            (form, instant), (_, later) = fixed[lower], fixed[higher]
            if instant > later:
                label = EmbargoStep.Shows(higher).label
                form.add_error("date", f"It would show later than “{label}”, which contains it.")


class StepInline(Inline):
    model = EmbargoStep
    form = StepForm
    formset = StepFormSet
    fields = ["shows", "rule", "minutes", "date", "time", "timezone"]
    verbose_name = "step"
    verbose_name_plural = "steps: how much shows, and from when (dates and times: in the meeting's zone, or the step's)"


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
class TierAdmin(OffersZones, FixedMeetingAdmin):
    form = TierForm
    inlines = [StepInline]
    list_display = ["name", "meeting", "rules", "abstracts"]
    list_filter = ["meeting"]
    search_fields = ["name", "meeting__name"]
    ordering = ["-meeting_id", "position", "name"]
    autocomplete_fields = ["meeting"]
    readonly_fields = ["abstracts_now"]
    fieldsets = [
        (
            None,
            {"fields": ["meeting", "name", "position", "number_prefixes", "decides", "decides_type", "abstracts_now"]},
        ),
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("meeting")
            .prefetch_related("steps")
            .annotate(abstracts=number_of(Abstract, "tier", "pk"))
        )

    def changes_within(self, tier):
        return changes_within(tier.pk, [EmbargoStep], "tier_id")

    @admin.display(description="abstracts", ordering="abstracts")
    def abstracts(self, tier):
        return tier.abstracts

    @admin.display(description="steps")
    def rules(self, tier):
        return "; ".join(in_words(step) for step in tier.steps.all()) or "None: nothing ever shows"

    @admin.display(description="abstracts")
    def abstracts_now(self, tier):
        stored = EmbargoTier.objects.filter(pk=tier.pk).select_related("meeting").first()
        return tally(Q(tier=stored), stored.meeting.zone, clock.now()) if stored else "–"
