"""Searches the database while there is no index: LIKE over what the law lets the viewer see.

Each condition needs the level of the fields that it reads: TITLED for titles, LISTED for authors and keywords, FULL for
text, SHELL for numbers and sessions. So a word of an embargoed text finds nothing.

Names and keywords are compared folded: case, accents and Greek do not matter. In titles, affiliations and texts, case
matters only for letters with accents, and a word with a soft hyphen inside is not found. A word typed with accents
also finds its plain spelling, but not the reverse.
"""

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, Lower

from ..models import Abstract, AbstractKeyword, Affiliation, AuthorLine, Figure, Presentation, Section
from ..reading.ordering import NEWEST_FIRST
from ..visibility import LawfulQuerySet, Level, Viewer
from ..words.identifiers import is_abstract_number, normalize_doi, number_key
from ..words.text import escape, fold, sort_key
from .analysis import STOP_WORDS, is_weak
from .query import Order, SearchQuery
from .tree import YEARS, All, Node, Part, Without

# Each word is searched in every text.
MAX_WORDS = 12


def matching_pks(query: SearchQuery, viewer: Viewer, at: dt.datetime) -> list[int]:
    """Primary keys of the abstracts that match `query` and that `viewer` may see at `at`, in the order of `query`."""
    law = _Law(viewer, at)
    return list(law.in_order(law.matching(query), query.order).values_list("pk", flat=True))


class _Law:
    """Conditions through the law, for one viewer at one instant."""

    def __init__(self, viewer: Viewer, at: dt.datetime):
        self.viewer, self.at, self.words = viewer, at, 0
        self._of_field: dict[str, Callable[[str], Q | None]] = {
            "": self._anywhere,
            "title": lambda text: _contains("title_text", text),
            "author": lambda text: self._has_author(sort_key(text).split()),
            "institution": lambda text: self._has_affiliation(text.split()),
            "country": lambda text: self._has(Affiliation, country__iexact=text),
            "keyword": lambda text: self._has_keyword(sort_key(text)),
            "number": lambda text: self._is(Level.SHELL, number_key=number_key(text), number__isnull=False),
            "trial": self._has_trial,
            "doi": lambda text: self._is(Level.FULL, doi__iexact=normalize_doi(text)),
            "year": self._is_of,
            "meeting": lambda text: Q(meeting__name__icontains=text),
            "session": lambda text: self._has(Presentation, session__title__icontains=text),
            "type": lambda text: self._has(Presentation, session__type__icontains=text),
        }

    def matching(self, query: SearchQuery) -> LawfulQuerySet:
        conditions = self._conditions(query)
        if query.has_words and not conditions:
            return self._abstracts(Level.FULL).none()
        least = Level.FULL if query.trial_id else Level.TITLED if conditions else Level.SHELL
        abstracts = self._abstracts(least)
        for condition in conditions:
            abstracts = abstracts.filter(condition)
        if len(conditions) == 1 and is_abstract_number(query.text):
            abstracts = self._or_number(query.text, abstracts)
        return self._narrowed(query, abstracts)

    def in_order(self, abstracts: LawfulQuerySet, order: Order) -> LawfulQuerySet:
        if order is Order.NUMBER:
            return abstracts.order_by("number_key", *NEWEST_FIRST)
        if order is Order.TITLE:
            # A subquery at the level of titles, so that abstracts with a hidden title come last, in no telling order.
            titles = self._abstracts(Level.TITLED).filter(pk=OuterRef("pk")).values(lower_title=Lower("title_text"))
            return abstracts.order_by(Subquery(titles).asc(nulls_last=True), *NEWEST_FIRST)
        return abstracts.order_by(*NEWEST_FIRST)

    def _abstracts(self, least: Level) -> LawfulQuerySet:
        return Abstract.objects.visible_to(self.viewer, self.at, least=least)

    def _conditions(self, query: SearchQuery) -> list[Q]:
        """Conditions that need TITLED, or FULL if there is a trial id."""
        conditions = [condition for parsed in query.parsed for condition in self._all(parsed.nodes)]
        if query.trial_id:
            conditions.append(self._has_trial(query.trial_id))
        return conditions

    def _all(self, nodes: Sequence[Node]) -> list[Q]:
        strong = [
            node for node in nodes if not (isinstance(node, Part) and node.is_plain and _need_not_occur(node.text))
        ]
        return [condition for node in (strong or nodes) if (condition := self._condition(node)) is not None]

    def _condition(self, node: Node) -> Q | None:
        """The condition of `node`; None if there are too many words, or nothing to look for."""
        if isinstance(node, Part):
            self.words += 1
            return self._of_field[node.field](node.text) if self.words <= MAX_WORDS else None
        if isinstance(node, Without):
            condition = self._condition(node.operand)
            return None if condition is None else ~condition
        if isinstance(node, All):
            return functools.reduce(Q.__and__, self._all(node.operands) or [Q()])
        alternatives = [one for operand in node.operands if (one := self._condition(operand)) is not None]
        return functools.reduce(Q.__or__, alternatives) if alternatives else None

    def _anywhere(self, word: str) -> Q:
        condition = _contains("title_text", word) | self._in_text(word)
        if key := sort_key(word):
            condition |= self._has_author([key]) | self._has_keyword(key)
        return condition

    def _has_author(self, names: list[str]) -> Q:
        lines = AuthorLine.objects.visible_to(self.viewer, self.at)
        lines = lines.annotate(padded=Concat(Value(" "), "sort_key"))
        for name in names:
            lines = lines.filter(padded__contains=f" {name}")
        return Q(pk__in=lines.order_by().values("abstract"))

    def _has_affiliation(self, words: list[str]) -> Q:
        affiliations = Affiliation.objects.visible_to(self.viewer, self.at)
        for word in words:
            affiliations = affiliations.filter(_contains("text", word))
        return Q(pk__in=affiliations.order_by().values("abstract"))

    def _has_keyword(self, key: str) -> Q:
        return self._has(AbstractKeyword, keyword__key__contains=key)

    def _has(self, rows: Any, **condition: Any) -> Q:
        """That it has one of `rows` that the viewer may see."""
        lawful = rows.objects.visible_to(self.viewer, self.at).filter(**condition)
        return Q(pk__in=lawful.order_by().values("abstract"))

    def _is(self, least: Level, **condition: Any) -> Q:
        return Q(pk__in=self._abstracts(least).filter(**condition).values("pk"))

    def _is_of(self, text: str) -> Q | None:
        """Of a year, or of several: "2020-2024"."""
        match = YEARS.fullmatch(text)
        if not match:
            return None
        first, last = match["only"] or match["first"] or 0, match["only"] or match["last"] or 9999
        return Q(meeting__year__gte=int(first), meeting__year__lte=int(last))

    def _has_trial(self, trial: str) -> Q:
        padded = Concat(Value(" "), "trial_ids", Value(" "))
        abstracts = self._abstracts(Level.FULL).annotate(padded=padded).filter(padded__icontains=f" {trial} ")
        return Q(pk__in=abstracts.values("pk"))

    def _in_text(self, word: str) -> Q:
        # Correlated with the abstract, so that the texts of abstracts already excluded are not read.
        sections = Section.objects.visible_to(self.viewer, self.at).filter(abstract=OuterRef("pk"))
        return Q(Exists(sections.filter(_contains("html", escape(word)))))

    def _or_number(self, text: str, abstracts: LawfulQuerySet) -> LawfulQuerySet:
        return self._abstracts(Level.SHELL).filter(_numbered(text) | Q(pk__in=abstracts.values("pk")))

    def _narrowed(self, query: SearchQuery, abstracts: LawfulQuerySet) -> LawfulQuerySet:
        if query.meetings:
            abstracts = abstracts.filter(meeting__slug__in=query.meetings)
        if query.number:
            abstracts = abstracts.filter(_numbered(query.number))
        if query.session_type or query.day:
            abstracts = abstracts.filter(pk__in=self._slots(query).order_by().values("abstract"))
        if query.year_from is not None:
            abstracts = abstracts.filter(meeting__year__gte=query.year_from)
        if query.year_to is not None:
            abstracts = abstracts.filter(meeting__year__lte=query.year_to)
        if query.among is not None:
            abstracts = abstracts.filter(pk__in=query.among)
        return self._with_facets(query, abstracts)

    def _with_facets(self, query: SearchQuery, abstracts: LawfulQuerySet) -> LawfulQuerySet:
        for rows, path, values in (
            (AbstractKeyword, "keyword__slug", query.with_keywords),
            (AuthorLine, "person__slug", query.with_authors),
            (Affiliation, "country", query.countries),
            (Affiliation, "institution", query.institutions),
        ):
            for value in values:
                abstracts = abstracts.filter(self._has(rows, **{path: value}))
        if query.has_figures:
            figures = Figure.objects.visible_to(self.viewer, self.at)
            abstracts = abstracts.filter(pk__in=figures.order_by().values("abstract"))
        return abstracts

    def _slots(self, query: SearchQuery) -> LawfulQuerySet:
        slots = Presentation.objects.visible_to(self.viewer, self.at)
        if query.session_type:
            slots = slots.filter(session__type=query.session_type)
        if query.day:
            slots = slots.filter(session__date=query.day)
        return slots


def _need_not_occur(word: str) -> bool:
    return is_weak(word) or word in STOP_WORDS


def _numbered(number: str) -> Q:
    # Abstracts without a number have a key too.
    return Q(number_key=number_key(number), number__isnull=False)


def _contains(field: str, word: str) -> Q:
    condition = Q(**{f"{field}__icontains": word})
    if (plain := fold(word)) != word.lower() and plain:
        condition |= Q(**{f"{field}__icontains": plain})
    return condition
