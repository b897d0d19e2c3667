"""Links of the search page: each is the present search with one condition added or removed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import AbstractKeyword, AuthorLine
from ..search import Results, SearchQuery
from ..search.form import SearchFilters
from ..search.names import names_and_slugs
from ..visibility import LawfulQuerySet, Viewer

# Facet of the index -> heading, and the parameter of the address that narrows by it.
FACETS = {
    "meeting": (gettext_lazy("Meeting"), "meeting"),
    "year": (gettext_lazy("Year"), "year"),
    "type": (gettext_lazy("Session type"), "type"),
    "keyword": (gettext_lazy("Keyword"), "kw"),
    "person": (gettext_lazy("Author"), "by"),
    "institution": (gettext_lazy("Institution"), "place"),
    "country": (gettext_lazy("Country"), "country"),
}
SHOWN_AT_ONCE = 6
# What words of the box may have been searched as besides words.
TAKEN_FOR = {
    "author": gettext_lazy("an author"),
    "place": gettext_lazy("an institution or a place"),
    "country": gettext_lazy("a country"),
    "number": gettext_lazy("the number of an abstract"),
    "year": gettext_lazy("the year of a meeting"),
    "trial": gettext_lazy("a trial id"),
    "doi": gettext_lazy("a DOI"),
}
# Placeholder for a value in an address: no query contains it.
_ANY, _ANY_QUOTED = "\x00", "%00"
_NO_CONDITIONS = {"page", "order", "per_page", "exact", "words", "lang"}


@dataclass(slots=True)
class FacetLink:
    """A value with its count, and the address that narrows to it."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Facet:
    """A heading with values: those shown at once, and those behind "more"."""

    heading: str
    first: list[FacetLink]
    more: list[FacetLink]


@dataclass(frozen=True)
class Expansion:
    """Typed words, and what else was searched: what is shown at once, and behind "more". `sign`: "=" or "includes"."""

    text: str
    sign: str
    first: list[str]
    more: list[str]


@dataclass(frozen=True)
class TakenWords:
    """Typed words, what they were taken for, and the address of the search that takes them as words only."""

    text: str
    kind: str
    url: str


@dataclass(frozen=True)
class Pill:
    """A condition of the search, and the address of the search without it."""

    label: str
    url: str


class Address:
    """The address of a search. Its links have no page number: a changed search begins at its first page."""

    def __init__(self, data: QueryDict):
        self.values = {name: [value for value in values if value] for name, values in data.lists() if name != "page"}

    def having(self, name: str, *values: Any) -> str:
        """With these values of the parameter, too."""
        more = dict.fromkeys([*self.values.get(name, ()), *map(str, values)])
        return _query_string({**self.values, name: list(more)})

    def setting(self, **values: Any) -> str:
        """With exactly these values ("" takes away)."""
        return _query_string(
            {**self.values, **{name: [str(value)] if value != "" else [] for name, value in values.items()}}
        )

    def lacking(self, name: str, value: str) -> str:
        """Without this value of the parameter."""
        return _query_string({**self.values, name: [one for one in self.values.get(name, ()) if one != value]})


def _query_string(values: dict[str, list[str]]) -> str:
    return f"?{urlencode(values, doseq=True)}"


def question_of(filters: SearchFilters, language: str = "") -> str:
    """The conditions of a search as a query string, without its order, its page size and "among my favorites".

    `language`: that of its words, for addresses that have none.
    """
    names = filters.form.fields.keys() - {"order", "per_page", "favorites"}
    conditions = {name: values for name, values in Address(filters.data).values.items() if name in names}
    return urlencode(conditions | ({"lang": [language]} if language else {}), doseq=True)


def facets_of(results: Results, address: Address) -> list[Facet]:
    """The facets of `results` that would narrow them, as links; in 3 queries."""
    if not results.matches or not results.total:
        return []
    counted, total = results.matches.facets, results.total
    labels = {name: names_and_slugs(name, [pk for pk, _ in counted[name]]) for name in ("meeting", "keyword", "person")}
    facets = []
    for name, (heading, parameter) in FACETS.items():
        chosen = address.values.get(parameter, ())
        links, pattern = [], _narrowed(address, name, parameter, _ANY)
        for value, count in counted[name]:
            label, key = labels[name].get(value, (None, None)) if name in labels else (str(value), str(value))
            if label and key not in chosen and count < total:
                links.append(FacetLink(label, count, pattern.replace(_ANY_QUOTED, quote_plus(str(key)))))
        if name == "year":
            links.sort(key=lambda link: link.label, reverse=True)
        if links:
            facets.append(Facet(str(heading), links[:SHOWN_AT_ONCE], links[SHOWN_AT_ONCE:]))
    return facets


def _narrowed(address: Address, name: str, parameter: str, key: str) -> str:
    if name == "year":
        return address.setting(year_from=key, year_to=key)
    return address.setting(type=key) if name == "type" else address.having(parameter, key)


def expansions_of(results: Results) -> list[Expansion]:
    """The other names by which typed words were searched."""
    expansions = []
    for text, synonyms in results.matches.index_query.expanded if results.matches else ():
        for sign, is_member in (("=", False), (_("includes"), True)):
            names = [synonym.text for synonym in synonyms if synonym.is_member is is_member]
            shown = SHOWN_AT_ONCE if len(names) > SHOWN_AT_ONCE + 1 else len(names)
            expansions += [Expansion(text, sign, names[:shown], names[shown:])] if names else []
    return expansions


def taken_of(results: Results, address: Address) -> list[TakenWords]:
    """What words of the box were searched as besides words."""
    taken = results.matches.taken if results.matches else ()
    return [TakenWords(text, str(TAKEN_FOR[kind]), address.having("words", text)) for text, kind in taken]


def literals_of(query: SearchQuery, address: Address) -> list[Pill]:
    """Typed words that were taken as words only, each with the address of the search that does not."""
    return [Pill(text, address.lacking("words", text)) for text in query.literal]


def correction_of(results: Results, address: Address) -> dict[str, str]:
    """What was searched instead of misspelled words, or may be; and the address of the search without that, or with."""
    if not (matches := results.matches):
        return {}
    if corrected := matches.corrected:
        url = address.having("words", *corrected.words)
        return {"corrected": corrected.text, "original": corrected.original, "correction_url": url}
    return {"correction": matches.correction, "correction_url": address.setting(q=matches.correction)}


def pills_of(filters: SearchFilters, address: Address, viewer: Viewer, at: dt.datetime) -> list[Pill]:
    """The conditions of a search besides its words, each with the address of the search without it."""
    pills = []
    for name, values in address.values.items():
        field = filters.form.fields.get(name)
        if field is not None and name != "q" and name not in _NO_CONDITIONS:
            labels = [(value, _condition_label(field, name, value, viewer, at)) for value in values]
            pills += [Pill(label, address.lacking(name, value)) for value, label in labels]
    return pills


def _condition_label(field: forms.Field, name: str, value: str, viewer: Viewer, at: dt.datetime) -> str:
    if isinstance(field, forms.BooleanField):
        return str(field.label)
    if name == "kw":
        links = AbstractKeyword.objects.visible_to(viewer, at).filter(keyword__slug=value)
        return _pill(_("Keyword"), _first(links, "keyword__name") or value)
    if name == "by":
        lines = AuthorLine.objects.visible_to(viewer, at).filter(person__slug=value)
        return _pill(_("Author"), _first(lines, "person__name") or value)
    heading = {"country": _("Country"), "place": _("Institution"), "meeting": ""}.get(name, str(field.label))
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    shown = dict(choices).get(value, value)
    return _pill(heading, shown) if heading else str(shown)


def _pill(heading: str, value: str) -> str:
    return _("%(heading)s: %(value)s") % {"heading": heading, "value": value}


def _first(rows: LawfulQuerySet, column: str) -> str | None:
    """The first value, from rows that the viewer may see: an address may contain the slug of something hidden."""
    return rows.order_by().values_list(column, flat=True).first()
