"""Embargo tiers and their steps."""

import functools
import itertools
import json

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html_join

from .. import clock
from ..models import Abstract, EmbargoStep, EmbargoTier, Meeting, Session
from ..words.identifiers import number_prefixes
from .base import Inline, InlineFormSet, number_of
from .embargo import tally
from .fixed import FixedMeetingAdmin
from .forms import FixedMeetingForm
from .history import changes_within
from .steps import NATURAL_ORDER, NO_STEPS, effects_of, in_order, in_words
from .zones import OffersZones, ZoneField, days_of, offer_zones

LADDER = list(EmbargoStep.LEVELS)
# The fields that a rule uses, for the script that marks the others.
USES = {
    **{rule: ["time", "timezone"] for rule in EmbargoStep.TIMED},
    EmbargoStep.Rule.FIXED: ["date", "time", "timezone"],
    **{rule: ["minutes"] for rule in EmbargoStep.OFFSET},
}
# The id of the list of session types in the page.
SESSION_TYPES = "session-types"


class OffersSessionTypes:
    """Admin of a meeting, or of its tiers: the types of its sessions can be chosen from a list."""

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        meeting = obj if isinstance(obj, Meeting) else getattr(obj, "meeting", None)
        types = Session.objects.filter(meeting=meeting).exclude(type="").order_by("type")
        context["session_types"] = types.values_list("type", flat=True).distinct() if meeting and meeting.pk else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


class TierRowForm(forms.ModelForm):
    class Meta:
        model = EmbargoTier
        fields = ["meeting", "name", "position", "number_prefixes", "decides", "decides_type"]
        widgets = {"decides_type": forms.TextInput(attrs={"class": "vTextField", "list": SESSION_TYPES})}


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
    form = TierRowForm
    fields = ["name", "position", "number_prefixes", "decides", "decides_type", "steps_in_words"]
    readonly_fields = ["steps_in_words"]
    show_change_link = True
    verbose_name_plural = "embargo tiers (what shows when, its steps say: “Change” leads to them)"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("steps")

    @admin.display(description="steps")
    def steps_in_words(self, tier):
        if not tier.pk:
            return "Save, then add its steps."
        return (
            format_html_join("", "<div>{}</div>", ((in_words(step),) for step in in_order(tier.steps.all())))
            or NO_STEPS
        )


class StepFormSet(InlineFormSet):
    """Of one tier: nothing shows later than what contains it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = {step.shows for step in self.get_queryset()}
        self.initial_extra = [{"shows": shows} for shows in EmbargoStep.Shows if shows not in stored]

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


class StepForm(forms.ModelForm):
    class Meta:
        model = EmbargoStep
        fields = ["shows", "rule", "date", "time", "timezone", "minutes"]
        field_classes = {"timezone": ZoneField}
        help_texts = {
            "date": "Only with “At this date and time”.",
            "time": "As clocks show it in the time zone; with the rules that say “at this time”.",
            "minutes": "Only with the start or end of a session or talk. 30: half an hour after; −30: before.",
            "timezone": "Type a city, and choose. Blank: the meeting's.",
        }
        labels = {"minutes": "Minutes later"}
        error_messages = {"rule": {"required": "Choose from when. To remove the step, tick “Delete”."}}
        widgets = {"rule": forms.Select(attrs={"data-uses": json.dumps(USES)})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "rule" in self.fields:
            self.fields["rule"].choices = [("", "– no such step –"), *EmbargoStep.Rule.choices]

    @functools.cached_property
    def changed_data(self):
        """Nothing of a new row that only says what it would show."""
        changed = super().changed_data
        return [] if not self.instance.pk and changed == ["shows"] else changed


class StepInline(Inline):
    """One row for each step that there is, and for each that there could be: to add one needs no script."""

    model = EmbargoStep
    form = StepForm
    formset = StepFormSet
    template = "admin/edit_inline/stacked.html"
    extra = max_num = len(EmbargoStep.Shows)
    fieldsets = [(None, {"fields": [("shows", "rule"), ("date", "time"), ("timezone", "minutes"), "effect"]})]
    readonly_fields = ["effect"]
    verbose_name = "step"
    verbose_name_plural = "steps: how much shows, and from when"

    class Media:
        js = [forms.Script("js/steps.js", defer=True)]

    def get_formset(self, request, obj=None, **kwargs):
        self.tier = obj
        return super().get_formset(request, obj, **kwargs)

    def get_queryset(self, request):
        return super().get_queryset(request).order_by(NATURAL_ORDER)

    @functools.cached_property
    def effects(self):
        return effects_of(self.tier.pk)

    @admin.display(description="that is")
    def effect(self, step):
        return self.effects.get(step.pk, "–") if step.pk else "–"


class TierForm(TierRowForm, FixedMeetingForm):
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
class TierAdmin(OffersZones, OffersSessionTypes, FixedMeetingAdmin):
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
        return "; ".join(map(in_words, in_order(tier.steps.all()))) or NO_STEPS

    @admin.display(description="abstracts")
    def abstracts_now(self, tier):
        stored = EmbargoTier.objects.filter(pk=tier.pk).select_related("meeting").first()
        return tally(Q(tier=stored), stored.meeting.zone, clock.now()) if stored else "–"
