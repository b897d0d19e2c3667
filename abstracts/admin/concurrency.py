"""Two people edit the same row: who saves last is shown what the other one changed, and overwrites nothing unawares.

A change form carries the `FormState` of what it shows: a hash of each stored value behind its fields and behind those
of its inline rows. When it is sent, the row and its inline rows are locked, and the state is computed again from the
database, in the transaction that saves. If it is another one, or none was sent, nothing is saved: the form comes again
with what was typed, with the stored version beside each field that somebody else changed, with the rows that others
added, and with the present state; to save that is to overwrite what it shows. Files have to be chosen again.

A request that is stored and sent again later is compared in the same way: its state is part of what was posted. It has
to run as its author, because the fields and inlines of a form depend on permissions. If it is refused as outdated, the
view answers with the form, status 200, and `request.stale_form` is True. After any other request to a change form it
is False.
"""

import base64
import copy
import datetime as dt
import hashlib
import json
from typing import Any

from django.contrib.admin.helpers import AdminErrorList
from django.contrib.admin.options import ModelAdmin
from django.core import signing
from django.db.models import Model, QuerySet
from django.forms import BaseModelForm, FileField
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse

from .conflicts import Conflict, with_stored_rows

FIELD = "_form_state"
SALT = "abstracts.admin.concurrency"


class FormState:
    """Hashes of stored values: by prefix of the formset ("" for the form itself), primary key, and field."""

    def __init__(self, hashes: dict[str, dict[str, dict[str, str]]]):
        self.hashes = hashes

    @classmethod
    def of(cls, form: BaseModelForm, formsets: list[BaseInlineFormSet]) -> "FormState":
        """The state behind forms that show what is stored (unbound ones)."""
        hashes = {"": {f"{form.instance._meta.label} {form.instance.pk}": _hashes(form)}}
        for formset in formsets:
            hashes[formset.prefix] = {str(row.instance.pk): _hashes(row) for row in formset.initial_forms}
        return cls(hashes)

    @classmethod
    def loads(cls, text: str) -> "FormState | None":
        """The state in a hidden field; None where it is missing or not ours."""
        try:
            return cls(signing.loads(text, salt=SALT))
        except signing.BadSignature:
            return None

    def dumps(self) -> str:
        """For a hidden field: signed, so that it says what a form of ours showed."""
        return signing.dumps(self.hashes, salt=SALT, compress=True)


def _hashes(form: BaseModelForm) -> dict[str, str]:
    """The hash of each value that saving `form` could overwrite, and of the attributes that its class `compares`."""
    values = {
        name: form.get_initial_for_field(field, name)
        for name, field in form.fields.items()
        if not (field.disabled or isinstance(field, FileField))
    }
    values |= {name: getattr(form.instance, name) for name in getattr(form, "compares", ())}
    return {name: _hash(value) for name, value in values.items()}


def _hash(value: Any) -> str:
    text = json.dumps(_plain(value))
    return base64.b64encode(hashlib.sha256(text.encode()).digest())[:8].decode()


def _plain(value: Any) -> Any:
    """`value` as JSON, always the same for the same stored value."""
    if isinstance(value, list | tuple | QuerySet):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)


class RefusesStaleForms:
    """ModelAdmin mixin: see the head of this module."""

    def _changeform_view(self, request, object_id, form_url, extra_context) -> HttpResponse:
        request.stale_form, request.conflict, request.form_state = False, None, None
        request.compares_form = request.method == "POST" and "_saveasnew" not in request.POST
        return super()._changeform_view(request, object_id, form_url, extra_context)

    def get_object(self, request, object_id, from_field=None):
        """The row of a change form, compared with what was sent before the form is made of it."""
        row = super().get_object(request, object_id, from_field)
        if row is None or not getattr(request, "compares_form", False):
            return row
        request.compares_form = False
        if self.has_change_permission(request, row):
            self._lock(request, row)
            self._compare(request, super().get_object(request, object_id, from_field))
        return super().get_object(request, object_id, from_field)

    def _compare(self, request: HttpRequest, row: Model | None) -> None:
        """Compare what was sent with what is stored; `row` is not used for anything else."""
        if row is None:
            return
        reading = copy.copy(request)
        reading.method = "GET"
        form = self.get_form(reading, row, change=True)(instance=row)
        formsets, _ = self._create_formsets(reading, row, change=True)
        request.form_state = FormState.of(form, formsets)
        shown = FormState.loads(request.POST.get(FIELD, ""))
        if shown is None or shown.hashes != request.form_state.hashes:
            request.stale_form = True
            request.conflict = Conflict(form, formsets, shown and shown.hashes, request.form_state.hashes, request.POST)
            request.POST = with_stored_rows(request.POST, formsets)

    def _lock(self, request: HttpRequest, row: Model) -> None:
        """Wait for others who write `row` or its inline rows. (SQLite has one writer at a time.)

        Inline rows first: forms of sessions and of abstracts share presentations, so one waits there and holds nothing
        that the other will write.
        """
        for formset, _ in self.get_formsets_with_inlines(request, row):
            _lock_rows(formset.model, **{formset.fk.name: row.pk})
        _lock_rows(type(row), pk=row.pk)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        conflict = getattr(request, "conflict", None)
        return conflict.refusing(form) if conflict else form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change and obj is not None:
            form = context["adminform"].form
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            if request.conflict:
                request.conflict.mark(form, formsets)
                context["errors"] = AdminErrorList(form, formsets)
            state = request.form_state or FormState.of(form, formsets)
            context |= {"form_state": state.dumps(), "form_state_field": FIELD}
        return super().render_change_form(request, context, add, change, form_url, obj)


def refusing_stale_forms(admin_class: type[ModelAdmin] | None) -> type[ModelAdmin]:
    """`admin_class` (None: Django's) with the mixin, which those of other packages lack."""
    admin_class = admin_class or ModelAdmin
    if issubclass(admin_class, RefusesStaleForms):
        return admin_class
    return type(admin_class.__name__, (RefusesStaleForms, admin_class), {"__module__": admin_class.__module__})


def _lock_rows(model: type[Model], **which: Any) -> None:
    # A plain queryset: it is about rows, not about what they say. No key: rows that refer to them can be written.
    rows = QuerySet(model).filter(**which).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk"))
