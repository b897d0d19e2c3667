"""The filter of a meeting's page."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ..models import Abstract, AbstractKeyword, Meeting, Presentation, Session
from ..models.keyword import keyword_key
from ..reading.program import Outline
from ..visibility import Level, Viewer

NO_DAY = "none"
MOST_WORDS = 8


def _day_choice(day: dt.date | None) -> tuple[str, str]:
    return (day.isoformat(), date_format(day, "SHORT_DAY_FORMAT")) if day else (NO_DAY, str(_("No date")))


class ProgramFilter(django_filters.FilterSet):
    """Abstracts of one meeting, by number, narrowed by day, session type, keyword and title words."""

    q = django_filters.CharFilter(method="with_words", label=_("Words in the title"), max_length=200)
    keyword = django_filters.CharFilter(method="with_keyword", label=_("Keyword"), max_length=200)
    day = django_filters.ChoiceFilter(method="on_day", label=_("Day"), empty_label=_("Any day"))
    type = django_filters.ChoiceFilter(method="of_type", label=_("Session type"), empty_label=_("Any type"))
    view = django_filters.ChoiceFilter(
        method="as_is",
        choices=[("program", _("Program")), ("abstracts", _("All abstracts by number"))],
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Abstract
        fields: list[str] = []

    def __init__(self, data: QueryDict, meeting: Meeting, outline: Outline, viewer: Viewer, at: dt.datetime):
        self.meeting, self.viewer, self.at = meeting, viewer, at
        super().__init__(data, queryset=Abstract.objects.visible_to(viewer, at))
        self.filters["day"].extra["choices"] = [_day_choice(day) for day in outline.days]
        self.filters["type"].extra["choices"] = [(kind, kind) for kind in outline.types]
        self.form.label_suffix = ""

    @property
    def seeks_abstracts(self) -> bool:
        """Whether the filter has title words or a keyword: only listed abstracts can match these."""
        cleaned = self.form.cleaned_data
        return bool(cleaned.get("q") or cleaned.get("keyword"))

    @property
    def is_used(self) -> bool:
        """Whether anything was typed or chosen."""
        return self.form.is_bound and any(self.form[name].value() for name in ("q", "keyword", "day", "type"))

    def session_conditions(self) -> dict[str, Any]:
        """Conditions on the program's sessions: the day and the type that were chosen."""
        cleaned = self.form.cleaned_data
        return self._day(cleaned.get("day")) | ({"type": cleaned["type"]} if cleaned.get("type") else {})

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        least = Level.TITLED if self.seeks_abstracts else Level.SHELL
        queryset = Abstract.objects.visible_to(self.viewer, self.at, least).filter(meeting=self.meeting)
        return super().filter_queryset(queryset).order_by("number_key", "pk").select_related("meeting")

    def as_is(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    def with_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.split()[:MOST_WORDS]:
            queryset = queryset.filter(title_text__icontains=word)
        return queryset

    def with_keyword(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        links = AbstractKeyword.objects.visible_to(self.viewer, self.at)
        links = links.filter(keyword__key__contains=keyword_key(value), abstract__meeting=self.meeting)
        return queryset.filter(pk__in=links.order_by().values("abstract_id"))

    def on_day(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return self._presented(queryset, self._day(value))

    def of_type(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return self._presented(queryset, {"type": value})

    def _day(self, value: str | None) -> dict[str, Any]:
        if value == NO_DAY:
            return {"date__isnull": True}
        return {"date": value} if value else {}

    def _presented(self, queryset: QuerySet, conditions: dict[str, Any]) -> QuerySet:
        sessions = Session.objects.visible_to(self.viewer).filter(meeting=self.meeting, **conditions)
        slots = Presentation.objects.visible_to(self.viewer, self.at)
        slots = slots.filter(session__in=sessions.order_by().values("pk"))
        return queryset.filter(pk__in=slots.order_by().values("abstract_id"))
