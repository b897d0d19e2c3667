"""The form of Advanced Search, from a query string to a SearchQuery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..models import Abstract, Meeting, Session
from ..visibility import Viewer
from ..words.query_strings import clean_query, is_valid
from ..words.text import fold
from .query import Order, SearchQuery
from .widgets import Checkboxes, Select

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_LENGTH = 400
MAX_LENGTH_OF_TEXT = 2000
MAX_VALUES = 10
PER_PAGE = (20, 50, 100)
YEARS = {"min_value": 1900, "max_value": 9998}

ORDERS = [
    (Order.RELEVANCE, _("Relevance")),
    (Order.NEWEST, _("Newest meeting first")),
    (Order.NUMBER, _("Abstract number")),
    (Order.TITLE, _("Title")),
]


class ValuesField(forms.Field):
    """A few values that links set, in hidden inputs."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: list[str] | None) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(one for one in value or () if one))
        if len(values) > MAX_VALUES or any(len(one) > MAX_LENGTH for one in values):
            raise ValidationError(_("Too many."))
        return values


def _values() -> django_filters.Filter:
    values = django_filters.Filter(label="")
    values.field_class = ValuesField
    return values


def _yes(label: StrOrPromise, widget: type[forms.Widget] = forms.CheckboxInput) -> django_filters.Filter:
    yes = django_filters.Filter(label=label, widget=widget)
    yes.field_class = forms.BooleanField
    return yes


def _year(label: StrOrPromise) -> django_filters.Filter:
    year = django_filters.Filter(label=label, widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **YEARS)
    year.field_class = forms.IntegerField
    return year


def _text(label: StrOrPromise, **options: Any) -> django_filters.CharFilter:
    return django_filters.CharFilter(label=label, max_length=options.pop("max_length", MAX_LENGTH), **options)


def _choice(label: StrOrPromise, choices: Any = (), **options: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(label=label, choices=choices, widget=Select, **options)


def _language(typed: tuple[str, ...]) -> str:
    """The language in which words may be typed: that of the page, or what an address says."""
    if not typed:
        return get_language() or settings.LANGUAGE_CODE
    if len(typed) > 1 or typed[0] not in dict(settings.LANGUAGES):
        raise BadRequest("lang")
    return typed[0]


class SearchFilters(django_filters.FilterSet):
    """The search form, bound to the parameters of an address; `query()` is the search."""

    q = _text(_("Words in title, authors, keywords or text"), max_length=MAX_LENGTH_OF_TEXT)
    title = _text(_("Words in the title"))
    author = _text(_("Author"), help_text=_("As in “Rossi A” or “Anna Rossi”."))
    affiliation = _text(_("Institution"))
    keyword = _text(_("Keyword"))
    meeting = django_filters.MultipleChoiceFilter(label=_("Meetings"), widget=Checkboxes)
    year_from = _year(_("From year"))
    year_to = _year(_("To year"))
    # A presentation has no type of its own: the type of its session says whether it is a poster or a talk.
    type = _choice(
        _("Session or presentation type"), empty_label=_("Any"), help_text=_("As in “Poster Session” or “Plenary”.")
    )
    day = django_filters.DateFilter(label=_("Day of presentation"), widget=forms.DateInput(attrs={"type": "date"}))
    number = django_filters.CharFilter(label=_("Abstract number"), max_length=40, help_text=_("As in 2670 or LB12."))
    trial = django_filters.CharFilter(label=_("Trial id"), max_length=60, help_text=_("As in NCT01234567."))
    figures = _yes(_("With figures"))
    favorites = _yes(_("Among my favorites"))
    kw = _values()
    by = _values()
    country = _values()
    place = _values()
    words = _values()
    lang = _values()
    exact = _yes("", forms.HiddenInput)
    order = _choice(_("Order"), ORDERS, empty_label=None)
    per_page = _choice(_("Results on a page"), [(str(n), str(n)) for n in PER_PAGE], empty_label=None)

    def __init__(self, data: QueryDict, viewer: Viewer, at: dt.datetime):
        cleaned = clean_query(data)
        # What a former search undid binds nobody who types something else.
        typed = fold(cleaned.get("q", ""))
        cleaned.setlist("words", [words for words in cleaned.getlist("words") if fold(words) in typed])
        super().__init__(cleaned, queryset=Abstract.objects.visible_to(viewer, at))
        meetings = Meeting.objects.visible_to(viewer).newest_first().values_list("slug", "name")
        types = Session.objects.visible_to(viewer).exclude(type="").order_by("type").values_list("type").distinct()
        self.filters["meeting"].extra["choices"] = list(meetings)
        self.filters["type"].extra["choices"] = [(name, name) for (name,) in types]

    def query(self, favorites: Callable[[], frozenset[int]] = frozenset) -> SearchQuery | None:
        """The search; None for a slip, with a message in the form. Raises BadRequest for tampering.

        `favorites` gives the primary keys of the visitor's favorites; it is called only if the search is among them.
        """
        if not is_valid(self.form):
            return None
        values = self.form.cleaned_data
        return SearchQuery(
            text=values["q"],
            title=values["title"],
            author=values["author"],
            affiliation=values["affiliation"],
            keyword=values["keyword"],
            meetings=tuple(values["meeting"] or ()),
            year_from=values["year_from"],
            year_to=values["year_to"],
            session_type=values["type"],
            day=values["day"],
            number=values["number"],
            trial_id=values["trial"],
            has_figures=values["figures"],
            among=favorites() if values["favorites"] else None,
            with_keywords=values["kw"],
            with_authors=values["by"],
            countries=values["country"],
            institutions=values["place"],
            exact=values["exact"],
            literal=values["words"],
            language=_language(values["lang"]),
            order=Order(values["order"] or Order.RELEVANCE),
        )

    @property
    def results_per_page(self) -> int:
        """How many results a page shows; the form has to be valid."""
        return int(self.form.cleaned_data["per_page"] or PER_PAGE[0])
