"""Filters of the list of abstracts."""

from django.contrib import admin

from ..models import EmbargoTier, Presentation, Session
from .embargo import State


class StateFilter(admin.SimpleListFilter):
    title = "embargo state"
    parameter_name = "embargo"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        return queryset.filter(embargo_state=self.value()) if self.value() else queryset


class SessionTypeFilter(admin.SimpleListFilter):
    title = "session type"
    parameter_name = "session_type"

    def lookups(self, request, model_admin):
        types = Session.objects.exclude(type="").order_by("type").values_list("type", flat=True).distinct()
        return [(name, name) for name in types]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(
            pk__in=Presentation.unfiltered.filter(session__type=self.value()).order_by().values("abstract")
        )


class TierFilter(admin.SimpleListFilter):
    """By name, because each meeting has a tier “Late-breaking” of its own."""

    title = "embargo tier"
    parameter_name = "tier_name"

    def lookups(self, request, model_admin):
        names = EmbargoTier.objects.order_by("name").values_list("name", flat=True).distinct()
        return [("-", "(none)"), *((name, name) for name in names)]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(tier=None) if self.value() == "-" else queryset.filter(tier__name=self.value())
