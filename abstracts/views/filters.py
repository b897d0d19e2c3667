"""Filters of lists: declared forms over what the law let through.

A value that no form of ours can send (an unknown choice, control characters) is a tampered address: BadRequest.
A slip of a human comes back in the form with a message.
"""

import datetime as dt
import re

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ..models import Abstract, AbstractKeyword, Meeting, Presentation, Session
from ..models.keyword import keyword_key
from ..reading.program import Outline
from ..visibility import Level, Viewer

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TAMPERED = {"invalid_choice", "control_characters", "null_characters_not_allowed"}
NO_DAY = "none"


def no_control_characters(text: str) -> None:
    """Raise ValidationError where `text` holds what no keyboard types."""
    if _CONTROL.search(text):
        raise ValidationError(_("Control characters are not allowed."), code="control_characters")


def refuse_tampering(form: forms.BaseForm) -> bool:
    """Whether the bound `form` is valid; raises BadRequest where its errors are not a human's."""
    errors = form.errors.as_data()
    if any(error.code in _TAMPERED for found in errors.values() for error in found):
        raise BadRequest(", ".join(errors))
    return not errors


def words_of(text: str) -> list[str]:
    """The words of a query, at most eight."""
    return text.split()[:8]


def _day_choice(day: dt.date | None) -> tuple[str, str]:
    return (day.isoformat(), date_format(day, "SHORT_DAY_FORMAT")) if day else (NO_DAY, _("No date"))


class ProgramFilter(django_filters.FilterSet):
    """Abstracts of one meeting, by number, narrowed by day, session type, keyword and title words."""

    q = django_filters.CharFilter(
        method="with_words", label=_("Words in the title"), max_length=200, validators=[no_control_characters]
    )
    keyword = django_filters.CharFilter(
        method="with_keyword", label=_("Keyword"), max_length=200, validators=[no_control_characters]
    )
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

    def __init__(self, data, meeting: Meeting, outline: Outline, viewer: Viewer, at: dt.datetime):
        self.meeting, self.viewer, self.at = meeting, viewer, at
        super().__init__(data, queryset=Abstract.objects.visible_to(viewer, at))
        self.filters["day"].extra["choices"] = [_day_choice(day) for day in outline.days]
        self.filters["type"].extra["choices"] = [(kind, kind) for kind in outline.types]
        self.form.label_suffix = ""

    @property
    def seeks_abstracts(self) -> bool:
        """Whether something is asked that only titles and keywords can answer."""
        cleaned = self.form.cleaned_data
        return bool(cleaned.get("q") or cleaned.get("keyword"))

    @property
    def is_used(self) -> bool:
        """Whether the form has something to show: a value, or a slip."""
        return self.form.is_bound and any(self.form[name].value() for name in ("q", "keyword", "day", "type"))

    def session_conditions(self) -> dict:
        """Conditions on the program's sessions: the day and the type that were chosen."""
        cleaned = self.form.cleaned_data
        return self._day(cleaned.get("day")) | ({"type": cleaned["type"]} if cleaned.get("type") else {})

    def filter_queryset(self, queryset):
        least = Level.LISTED if self.seeks_abstracts else Level.SHELL
        queryset = Abstract.objects.visible_to(self.viewer, self.at, least).filter(meeting=self.meeting)
        return super().filter_queryset(queryset).order_by("number_key", "pk").select_related("meeting")

    def as_is(self, queryset, name, value):
        return queryset

    def with_words(self, queryset, name, value):
        for word in words_of(value):
            queryset = queryset.filter(title_text__icontains=word)
        return queryset

    def with_keyword(self, queryset, name, value):
        links = AbstractKeyword.objects.visible_to(self.viewer, self.at)
        links = links.filter(keyword__key__contains=keyword_key(value), abstract__meeting=self.meeting)
        return queryset.filter(pk__in=links.order_by().values("abstract_id"))

    def on_day(self, queryset, name, value):
        return self._presented(queryset, self._day(value))

    def of_type(self, queryset, name, value):
        return self._presented(queryset, {"type": value})

    def _day(self, value: str | None) -> dict:
        if value == NO_DAY:
            return {"date__isnull": True}
        return {"date": value} if value else {}

    def _presented(self, queryset, conditions):
        sessions = Session.objects.visible_to(self.viewer).filter(meeting=self.meeting, **conditions)
        there = Presentation.objects.visible_to(self.viewer, self.at)
        there = there.filter(session__in=sessions.order_by().values("pk"))
        return queryset.filter(pk__in=there.order_by().values("abstract_id"))
