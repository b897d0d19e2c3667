"""Merging entries of an index: an action of the list, a page that asks, and a log entry for every row touched."""

from collections.abc import Callable, Sequence

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse

from .base import log

MOST = 50


class MergeForm(forms.Form):
    """Which of the chosen rows stays, or which other row takes them all."""

    target = forms.ModelChoiceField(None, widget=forms.RadioSelect, required=False, empty_label=None, label="Keep")
    other = forms.ModelChoiceField(None, required=False, label="Or merge them all into")

    def __init__(self, *args, rows, relation, site, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = rows
        self.fields["other"].queryset = rows.model.objects.all()
        self.fields["other"].widget = AutocompleteSelect(relation, site)
        self.fields["other"].widget.choices = self.fields["other"].choices
        self.fields["other"].widget.is_required = False

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("other") or cleaned.get("target")):
            raise ValidationError("Choose which one stays.")
        return cleaned

    @property
    def kept(self):
        return self.cleaned_data.get("other") or self.cleaned_data["target"]


class Refused(Exception):
    """These rows cannot be merged: a message for people."""


class MergeAdmin:
    """ModelAdmin mixin. Says `merge_relation`, a field that points to the model, and how to merge."""

    merge_relation = None
    merge: Callable[[HttpRequest, Sequence, object], str]

    def merge_warnings(self, rows: Sequence) -> list[str]:
        """What the curator should know before merging `rows`."""
        return []

    def merge_label(self, row) -> str:
        return str(row)

    @admin.action(description="Merge the selected %(verbose_name_plural)s", permissions=["change"])
    def merge_selected(self, request, queryset):
        rows = queryset.order_by("pk")
        count = rows.count()
        if count > MOST:
            self.message_user(request, f"Merge at most {MOST} at a time.", "error")
            return None
        data = request.POST if "confirm" in request.POST else None
        form = MergeForm(data, rows=rows, relation=self.merge_relation, site=self.admin_site)
        form.fields["target"].label_from_instance = self.merge_label
        if data is not None and form.is_valid():
            try:
                with transaction.atomic():
                    told = self.merge(request, [row for row in rows if row.pk != form.kept.pk], form.kept)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, told, "success")
                return HttpResponseRedirect(request.get_full_path())
        return self._ask(request, form, rows)

    def _ask(self, request, form, rows):
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "form": form,
            "rows": rows,
            "warnings": self.merge_warnings(list(rows)),
            "media": self.media + form.media,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/abstracts/merge.html", context)


def note_merge(request: HttpRequest, source, target, moved: int) -> None:
    """Log the merge of `source` (about to be deleted) into `target`, an entry for each."""
    log(request, source, f"Merged into “{target}” (id {target.pk}).", deletion=True)
    log(request, target, f"Took over “{source}” (id {source.pk}) with {moved} abstracts.")
