"""Rows with a unique position: they change places in one save, and one without a position goes to the end."""

from django import forms
from django.db.models import F
from django.db.models.query import QuerySet

from .base import InlineFormSet

MOST = 9_999
# Added to positions while rows change places: beyond what forms take, within what the column holds.
ASIDE = 10_000


class PositionForm(forms.ModelForm):
    """The formset, not the form, sees to it that positions are unique."""

    position = forms.IntegerField(
        min_value=0,
        max_value=MOST,
        required=False,
        help_text="Blank: at the end.",
        widget=forms.NumberInput(attrs={"class": "vSmall"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["position"] = None

    def place(self, position: int) -> None:
        """Give the row this position, whatever was typed."""
        self.cleaned_data["position"] = self.instance.position = position
        if self.instance.pk and self.initial["position"] != position and "position" not in self.changed_data:
            self.changed_data.append("position")

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | {"position"}


class PositionFormSet(InlineFormSet):
    """Rows may change places in one save: those that move step aside first, past every unique constraint."""

    def save(self, commit=True):
        moved = [
            form.instance.pk
            for form in self.initial_forms
            if form.instance.pk and (self._should_delete_form(form) or "position" in form.changed_data)
        ]
        # Past the managers: nobody sees the rows between the two steps.
        QuerySet(self.model).filter(pk__in=moved, position__lt=ASIDE).update(position=F("position") + ASIDE)
        return super().save(commit)

    save.alters_data = True  # type: ignore[attr-defined]

    def kept_forms(self) -> list[forms.ModelForm]:
        """The valid forms of rows that will be there after saving."""
        return [
            form
            for form in self.forms
            if not self._should_delete_form(form)
            and (form.instance.pk or form.has_changed())
            and "position" in getattr(form, "cleaned_data", {})
        ]

    def place_blank(self) -> None:
        """Rows without a position go to the end."""
        rows = self.kept_forms()
        last = max((form.cleaned_data["position"] or 0 for form in rows), default=0)
        for form in rows:
            if form.cleaned_data["position"] is None:
                last += 1
                form.place(last)
