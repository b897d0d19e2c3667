"""The two indexes in the admin. Entries can be merged: an action, a page that asks, a log entry for every row."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignKey, Model, Q
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse

from ..words.text import sort_key
from .base import ArchiveAdmin, KeySelect, log, number_of

MOST = 50
MOST_WORDS = 8


class MergeForm(forms.Form):
    """Which of the chosen rows stays, or which other row takes them all."""

    target = forms.ModelChoiceField(None, widget=forms.RadioSelect, required=False, empty_label=None, label="Keep")
    other = forms.ModelChoiceField(None, required=False, label="Or merge them all into")

    def __init__(self, *args, rows, relation, site, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["target"].queryset = rows
        self.fields["other"].queryset = rows.model.unfiltered.all()
        self.fields["other"].widget = KeySelect(relation, site)
        self.fields["other"].widget.choices = self.fields["other"].choices
        self.fields["other"].widget.is_required = False

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("other") or cleaned.get("target")):
            raise ValidationError("Choose which one stays.")
        return cleaned

    @property
    def remaining(self):
        """The row that stays."""
        return self.cleaned_data.get("other") or self.cleaned_data["target"]


class Refused(Exception):
    """These rows cannot be merged; the text says why, for the curator."""


class IndexAdmin(ArchiveAdmin):
    """The entries of an index, keywords or persons: searched by name, counted, merged.

    `link` is the foreign key by which rows of abstracts point to an entry; `former_names` the model of names that lead
    to an entry; `key` the folded name.
    """

    actions = ["merge_selected"]
    link: ForeignKey
    former_names: type[Model]
    key = "key"
    merge_unit = "abstracts"

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.path.endswith("/autocomplete/"):
            return rows
        return rows.annotate(abstracts=number_of(self.link.model, self.link.name))

    def get_search_results(self, request, queryset, search_term):
        """Every word must be in the name, or in one of the former names, whatever the accents."""
        for word in sort_key(search_term).split()[:MOST_WORDS]:
            former = self.former_names.unfiltered.filter(key__contains=word).order_by().values(self.link.name)
            queryset = queryset.filter(Q(**{f"{self.key}__contains": word}) | Q(pk__in=former))
        return queryset, False

    @admin.display(description="abstracts", ordering="abstracts")
    def abstracts(self, row):
        return row.abstracts

    def merge_warnings(self, rows: Sequence) -> list[str]:
        """What the curator should know before merging `rows`."""
        return []

    def merge_label(self, row) -> str:
        return f"{row} ({row.abstracts} abstracts)"

    def take_over(self, source, target, user) -> int:
        """Give the abstracts of `source` to `target`; the number of rows moved."""
        raise NotImplementedError

    def leave_name(self, source, target) -> None:
        """Delete `source`; its names and addresses lead to `target` from then on."""
        raise NotImplementedError

    def merge(self, request: HttpRequest, sources: Sequence, target) -> str:
        """Merge `sources` into `target`; a message for the curator. Raises `Refused`."""
        if not sources:
            raise Refused(f"Choose at least two {self.opts.verbose_name_plural}, or another one to merge into.")
        moved = 0
        for source in sources:
            count = self.take_over(source, target, request.user)
            log(request, source, f"Merged into “{target}” (id {target.pk}).", deletion=True)
            log(request, target, f"Took over “{source}” (id {source.pk}) with {count} abstracts.")
            self.leave_name(source, target)
            moved += count
        return f"Merged {len(sources)} into “{target}”; {moved} {self.merge_unit} moved."

    @admin.action(description="Merge the selected %(verbose_name_plural)s", permissions=["change"])
    def merge_selected(self, request, queryset):
        rows = queryset.order_by("pk")
        if rows.count() > MOST:
            self.message_user(request, f"Merge at most {MOST} at a time.", messages.ERROR)
            return None
        is_confirmed = "confirm" in request.POST
        form = MergeForm(request.POST if is_confirmed else None, rows=rows, relation=self.link, site=self.admin_site)
        form.fields["target"].label_from_instance = self.merge_label
        if is_confirmed and form.is_valid():
            try:
                with transaction.atomic():
                    message = self.merge(request, [row for row in rows if row.pk != form.remaining.pk], form.remaining)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, message, messages.SUCCESS)
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
