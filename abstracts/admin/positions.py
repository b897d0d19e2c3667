"""Rows with a unique position: they can change places in one save. A row without a position goes to the end."""

from django import forms
from django.db.models import F
from django.db.models.query import QuerySet

from .base import InlineFormSet

MOST = 9_999
# Added to positions while rows change places: more than forms accept, less than the column holds.
OFFSET = 10_000


def is_changed(form: forms.ModelForm, name: str) -> bool:
    """Whether saving `form` changes the field. Rows that the user may only read are not sent, so all of it differs."""
    return form.has_changed() and name in form.changed_data


class PositionForm(forms.ModelForm):
    """The formset, not the form, makes positions unique."""

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
        """Set the position of the row, in place of what was typed."""
        self.cleaned_data["position"] = self.instance.position = position
        if self.instance.pk and self.initial["position"] != position and "position" not in self.changed_data:
            self.changed_data.append("position")

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | {"position"}


class PositionFormSet(InlineFormSet):
    """Rows may change places in one save: rows that move get free positions first, so that no two are equal.

    Rows that are deleted go before that.
    """

    def save(self, commit=True):
        stored = [form for form in self.initial_forms if form.instance.pk]
        deleted = [form.instance for form in stored if self._should_delete_form(form)]
        for row in deleted:
            self.delete_existing(row, commit)
        moved = [form.instance.pk for form in stored if form.instance.pk and is_changed(form, "position")]
        # Without the managers, which would derive fields from the positions in between.
        QuerySet(self.model).filter(pk__in=moved, position__lt=OFFSET).update(position=F("position") + OFFSET)
        saved = super().save(commit)
        self.deleted_objects = deleted
        return saved

    save.alters_data = True  # type: ignore[attr-defined]

    def kept_forms(self) -> list[forms.ModelForm]:
        """The valid forms of rows that will exist after saving."""
        return [
            form
            for form in self.forms
            if not self._should_delete_form(form)
            and (form.instance.pk or form.has_changed())
            and "position" in getattr(form, "cleaned_data", {})
        ]

    def place_blank(self) -> None:
        """Put rows without a position at the end."""
        rows = self.kept_forms()
        last = max((form.cleaned_data["position"] or 0 for form in rows), default=0)
        for form in rows:
            if form.cleaned_data["position"] is None:
                last += 1
                form.place(last)
