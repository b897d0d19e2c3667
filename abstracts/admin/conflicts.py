"""What the form says that somebody sent after another one had saved (see `concurrency`)."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BaseModelForm
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.choices import flatten_choices
from django.utils.text import capfirst

from .forms import InstantField, in_zone

Hashes = dict[str, dict[str, dict[str, str]]]
# More of a stored text is not shown beside its field.
LONGEST = 10_000


class Conflict:
    """A form that was sent, compared with what is stored now.

    `form` and `formsets` show what is stored. `shown` and `now` are the hashes of what the sent form showed (None where
    it does not say) and of what is stored. `data` is what was sent.
    """

    def __init__(
        self, form: BaseModelForm, formsets: list[BaseInlineFormSet], shown: Hashes | None, now: Hashes, data: QueryDict
    ):
        self.form, self.formsets, self.shown, self.now, self.data = form, formsets, shown, now, data

    def refusing(self, form_class: type[BaseModelForm]) -> type[BaseModelForm]:
        """`form_class`, which is never valid and says why."""
        errors = [self._headline(), *self._rows()]

        class RefusingForm(form_class):  # type: ignore[misc, valid-type]
            def _clean_form(self):
                super()._clean_form()
                self.add_error(None, errors)

        return RefusingForm

    def mark(self, form: BaseModelForm, formsets: list[BaseInlineFormSet]) -> None:
        """Write beside the fields of the bound forms what is stored, where others changed it and it differs."""
        self._mark_form(form, self.form, "")
        stored = {formset.prefix: formset for formset in self.formsets}
        for formset in formsets:
            rows = {row.instance.pk: row for row in stored[formset.prefix].initial_forms}
            for row in formset.initial_forms:
                if row.instance.pk in rows and row.has_changed():
                    self._mark_form(row, rows[row.instance.pk], formset.prefix)

    def _mark_form(self, form: BaseModelForm, stored: BaseModelForm, prefix: str) -> None:
        changed = self._changed_fields(prefix, stored)
        for name in form.changed_data:
            if name in changed and not form[name].is_hidden:
                form.add_error(name, f"Stored now: {readable(stored, name)}")

    def _changed_fields(self, prefix: str, stored: BaseModelForm) -> set[str]:
        """The names of what others changed in a row."""
        key = str(stored.instance.pk) if prefix else next(iter(self.now[""]))
        now = self.now[prefix][key]
        if self.shown is None:
            return set(now)
        shown = self.shown.get(prefix, {}).get(key)
        # A row that others added is in the form with its stored values.
        return {name for name, value in now.items() if shown.get(name) != value} if shown is not None else set()

    def _headline(self) -> str:
        if self.shown is None:
            return (
                "Nothing was saved: the page did not say what it had shown, so others may have changed it meanwhile. "
                "What is stored now stands beside each field that you have otherwise. Save again to overwrite that."
            )
        return (
            f"Somebody changed this while you were editing{_last_change(self.form.instance)}. Nothing was saved. "
            "Your input is below; what is stored now stands beside it where the two differ. "
            "Save again to overwrite that."
        )

    def _rows(self) -> list[str]:
        """What happened to whole rows, in sentences."""
        if self.shown is None:
            return []
        sentences = []
        for formset in self.formsets:
            name = capfirst(formset.model._meta.verbose_name)
            shown, now = self.shown.get(formset.prefix, {}), self.now[formset.prefix]
            rows = {str(row.instance.pk): row for row in formset.initial_forms}
            sentences += [
                f"{name} “{rows[pk].instance}” was added; it is in the form." for pk in now if pk not in shown
            ]
            sentences += [
                f"{name} was deleted and left the form. It had: {_sent_values(self.data, formset, pk)}."
                for pk in shown
                if pk not in now
            ]
            sentences += [
                f"{name} “{row.instance}” got another {label}."
                for row in rows.values()
                for attribute, label in getattr(row, "compares", {}).items()
                if attribute in self._changed_fields(formset.prefix, row)
            ]
        return sentences


def _last_change(row: Model) -> str:
    """Who changed `row` last and when, by its log and its history; "" if neither knows."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    changes = [(entry.action_time, entry.user) for entry in entries.select_related("user").order_by("-pk")[:1]]
    if history := getattr(type(row), "history", None):
        records = history.unfiltered.filter(**{row._meta.pk.attname: row.pk}).select_related("history_user")
        changes += [(record.history_date, record.history_user) for record in records.order_by("-history_id")[:1]]
    if not changes:
        return ""
    at, user = max(changes, key=lambda change: change[0])
    return f" (last: {f'{user}, ' if user else ''}{in_zone(at, dt.UTC)})"


def readable(form: BaseModelForm, name: str) -> str:
    """The value of a field of an unbound form, as people read it."""
    field, value = form.fields[name], form[name].value()
    if isinstance(field, forms.ModelMultipleChoiceField):
        value = ", ".join(
            map(field.label_from_instance, field.queryset.filter(pk__in=[_pk(row) for row in value or ()]))
        )
    elif isinstance(field, forms.ModelChoiceField):
        value = _label(field, value)
    elif isinstance(field, forms.ChoiceField):
        labels = {str(key): label for key, label in flatten_choices(field.choices)}
        value = labels.get(str(value), value) if value is not None else ""
    elif isinstance(field, InstantField) and value:
        value = f"{value:%Y-%m-%d %H:%M:%S} ({field.zone})"
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    text = "" if value is None else str(value)
    return (text[:LONGEST] + " …" if len(text) > LONGEST else text) or "(blank)"


def _pk(row: Any) -> Any:
    return row.pk if isinstance(row, Model) else row


def _label(field: forms.ModelChoiceField, value: Any) -> Any:
    try:
        row = field.to_python(value)
    except ValidationError:
        return value
    return field.label_from_instance(row) if row else ""


# Rows of formsets in what was sent


def with_stored_rows(data: QueryDict, formsets: list[BaseInlineFormSet]) -> QueryDict:
    """`data` with the rows that are stored now: without those that others deleted, with those that others added."""
    renewed = data.copy()
    for formset in formsets:
        if f"{formset.prefix}-TOTAL_FORMS" in data:
            _renew_rows(renewed, formset)
    return renewed


def _renew_rows(data: QueryDict, formset: BaseInlineFormSet) -> None:
    prefix, key = formset.prefix, formset.model._meta.pk.name
    sent = _sent_rows(data, prefix)
    stored = {str(row.instance.pk): row for row in formset.initial_forms}
    known = [row for row in sent if row.get(key, [""])[0] in stored]
    new = [row for row in sent if not row.get(key, [""])[0]]
    sent_keys = {row[key][0] for row in known}
    added = [_stored_values(row) for pk, row in stored.items() if pk not in sent_keys]
    rows = [*known, *added, *new]
    for name in [name for name in data if re.match(rf"{re.escape(prefix)}-\d+-", name)]:
        del data[name]
    for index, row in enumerate(rows):
        for name, values in row.items():
            data.setlist(f"{prefix}-{index}-{name}", values)
    data[f"{prefix}-TOTAL_FORMS"], data[f"{prefix}-INITIAL_FORMS"] = str(len(rows)), str(len(rows) - len(new))


def _sent_rows(data: QueryDict, prefix: str) -> list[dict[str, list[str]]]:
    """The values of each row, by field, in the order of their numbers."""
    rows: dict[int, dict[str, list[str]]] = {}
    for name, values in data.lists():
        if match := re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,6}})-(.+)", name, re.ASCII):
            rows.setdefault(int(match[1]), {})[match[2]] = values
    return [rows[number] for number in sorted(rows)]


def _sent_values(data: QueryDict, formset: BaseInlineFormSet, pk: str) -> str:
    """What was sent for the row `pk`, in words."""
    key = formset.model._meta.pk.name
    hidden = {key, formset.fk.name, "DELETE"}
    for row in _sent_rows(data, formset.prefix):
        if row.get(key) == [pk]:
            values = (f"{name}: {', '.join(values)}" for name, values in row.items() if name not in hidden)
            return "; ".join(value for value in values if not value.endswith(": ")) or "nothing"
    return "nothing"


def _stored_values(form: BaseModelForm) -> dict[str, list[str]]:
    """What a browser would send of an unbound form that is left as it is, by field."""
    values: dict[str, list[str]] = {}
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        value = form[name].value()
        if isinstance(widget, forms.MultiWidget):
            parts = value if isinstance(value, list) else widget.decompress(value)
            for suffix, part, of_part in zip(widget.widgets_names, parts, widget.widgets, strict=True):
                values[name + suffix] = _texts(of_part, part)
        else:
            values[name] = _texts(widget, value)
    return {name: texts for name, texts in values.items() if texts}


def _texts(widget: forms.Widget, value: Any) -> list[str]:
    if isinstance(widget, forms.FileInput):
        return []
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    formatted = widget.format_value(value)
    return [str(part) for part in formatted] if isinstance(formatted, list) else [formatted or ""]
