"""What all pages of the admin share: safe query strings, history, and a fixed number of queries."""

from collections.abc import Iterator

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from simple_history.admin import SimpleHistoryAdmin

from ..words.query_strings import clean_query
from ..words.text import strip_controls
from .concurrency import RefusesStaleForms
from .forms import FORMFIELDS
from .history import Change, log_of
from .slips import slips_in


class InlineFormSet(BaseInlineFormSet):
    """Its prefix is the model's name: Django takes the relation's reverse name, and relations here have none."""

    @classmethod
    def get_default_prefix(cls) -> str:
        return cls.model._meta.model_name

    def clean(self):
        super().clean()
        for name in self._different_fields():
            for index, form in enumerate(self.initial_forms, 1):
                later = [other.initial.get(name) for other in self.initial_forms[index:]]
                value = form.cleaned_data.get(name) if form.is_valid() and name in form.changed_data else None
                if value is not None and getattr(value, "pk", value) in later and form not in self.deleted_forms:
                    form.add_error(name, "A row below has this until it is saved: change that row instead.")

    def _different_fields(self) -> Iterator[str]:
        """Those that differ in all rows of one form. (The forms of positions put these in order themselves.)"""
        for constraint in self.model._meta.total_unique_constraints:
            names = {*constraint.fields} - {self.fk.name, "position"}
            if len(names) == 1 and self.fk.name in constraint.fields:
                yield from names

    def add_fields(self, form, index):
        super().add_fields(form, index)
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, ChosenSelect):
                widget.chosen = getattr(form.instance, name) if form.instance.pk else None


def is_key(text: str) -> bool:
    """Whether `text` can be a primary key."""
    return text.isascii() and text.isdigit() and len(text) < 19


class KeySelect(AutocompleteSelect):
    """Autocompleting select. Django's asks the database for whatever was posted, which may be no key at all."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if is_key(str(key))], attr)


class ChosenSelect(KeySelect):
    """Autocompleting select that is given the chosen row. Django's makes a query for each."""

    chosen = None
    # A query string that narrows the suggestions.
    query = ""

    def get_url(self) -> str:
        return super().get_url() + self.query

    def optgroups(self, name, value, attr=None):
        if self.chosen and list(value) == [str(self.chosen.pk)]:
            blank = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
            chosen = self.create_option(name, self.chosen.pk, str(self.chosen), True, 0)
            return [(None, [*blank, chosen], 0)]
        return super().optgroups(name, value, attr)


class Inline(admin.TabularInline):
    formset = InlineFormSet
    formfield_overrides = FORMFIELDS
    extra = 0
    offers_add = True

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
            widget.can_add_related = widget.can_add_related and self.offers_add
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = ChosenSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PlainAdmin(RefusesStaleForms, admin.ModelAdmin):
    """Lists and forms without history."""

    formfield_overrides = FORMFIELDS
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    class Media:
        css = {"all": ["css/admin-archive.css"]}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = KeySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changelist_view(self, request, extra_context=None):
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("A row of the list that does not exist.")
        request.GET = clean_query(request.GET, strip_controls)
        return super().changelist_view(request, extra_context)

    def lookup_allowed(self, lookup, value, request=None) -> bool:
        """Only lookups of the filters. Django allows any lookup of a field, such as a broken regular expression."""
        fields = {field.name for field in self.opts.get_fields()} | {"pk"}
        name = lookup.split("__")[0]
        if (name in fields and name not in self.get_list_filter(request)) or "regex" in lookup:
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, strip_controls(search_term))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for one in (form, *(one for formset in formsets for one in formset.forms)):
            for name, removed in getattr(one, "removed", {}).items():
                label = one.fields[name].label or name
                message = f"{label} of “{one.instance}”: removed: {', '.join(removed)}."
                self.message_user(request, message, messages.WARNING)
            if one.instance.pk and one.has_changed():
                for slip in slips_in(one.instance):
                    self.message_user(request, slip, messages.WARNING)


class ArchiveAdmin(PlainAdmin, SimpleHistoryAdmin):
    """Tables with history. Former states are shown but never restored: that could end an embargo unnoticed."""

    history_list_per_page = 50

    def revert_disabled(self, request, obj=None) -> bool:
        return True

    def history_view(self, request, object_id, extra_context=None):
        _check_key(object_id)
        row = self.model(pk=int(object_id))
        extra = {"log_entries": log_of(row), "changes_within": self.changes_within(row)}
        return super().history_view(request, object_id, (extra_context or {}) | extra)

    def get_history_queryset(self, request, history_manager, pk_name, object_id):
        return super().get_history_queryset(request, history_manager.unfiltered, pk_name, object_id)

    def changes_within(self, row) -> list[Change]:
        """The changes of rows that belong to `row`, for its history page."""
        return []

    def history_form_view(self, request: HttpRequest, object_id, version_id, extra_context=None) -> HttpResponse:
        """One former state, read-only. (The form of simple-history saves what is posted to it.)"""
        _check_key(object_id)
        _check_key(version_id)
        former = get_object_or_404(self.model.history.unfiltered, id=unquote(object_id), history_id=version_id)
        if request.method not in ("GET", "HEAD") or not self.has_view_or_change_permission(request, former.instance):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"As it was: {former.history_object}",
            "opts": self.opts,
            "former": former,
            "object_id": object_id,
            "values": [(f.verbose_name, _readable(former, f)) for f in former.tracked_fields],
        }
        return render(request, "admin/abstracts/former_state.html", context)


def _check_key(key: str) -> None:
    """Raise Http404 for what cannot be a primary key."""
    if not is_key(key):
        raise Http404


def _readable(former, field):
    """The value of `field` in the historical record: the label of a choice, the related row, or the value."""
    value = getattr(former, field.attname)
    if field.is_relation:
        row = field.related_model._default_manager.filter(pk=value).first()
        return f"{row} ({value})" if row else value
    return dict(field.flatchoices).get(value, value) if field.flatchoices else value


class ReadOnlyAdmin(PlainAdmin):
    """Tables that nobody edits."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


def log(request: HttpRequest, obj, message: str, deletion: bool = False) -> None:
    """Write to the admin's log that the user of `request` changed (or deleted) `obj`."""
    LogEntry.objects.log_actions(
        request.user.pk, [obj], DELETION if deletion else CHANGE, change_message=message, single_object=True
    )


def number_of(model, relation: str, counted: str = "abstract") -> Combinable:
    """SQL: the number of different `counted` in the rows of `model` whose `relation` is this row.

    A subquery, so that a list counts for the rows of its page only and not for the whole table.
    """
    rows = model.unfiltered.filter(**{relation: OuterRef("pk")}).order_by().values(relation)
    return Coalesce(Subquery(rows.annotate(n=Count(counted, distinct=True)).values("n")), 0)
