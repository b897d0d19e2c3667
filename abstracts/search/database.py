"""The search engine that the database is, for while there is no index: LIKE over what the law lets each viewer see.

Every condition stands at the level of what it looks into: titles, authors and keywords of what is at least LISTED,
text of what is FULL, numbers and sessions of all that shows. So a word of an embargoed text finds nothing.

Names and keywords are compared folded: case, accents and Greek do not matter. Titles, affiliations and texts are
compared as typed: letters of the ASCII alphabet in any case, accented ones as they are (a word typed with accents
finds its plain spelling too, not the other way round).
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, Lower

from ..models import Abstract, AbstractKeyword, Affiliation, AuthorLine, Figure, Presentation, Section
from ..reading.ordering import NEWEST_FIRST
from ..visibility import LawfulQuerySet, Level, Viewer
from ..words.identifiers import is_abstract_number, number_key
from ..words.text import escape, fold, sort_key
from .query import Order, SearchQuery

# Each word costs a look at every text.
MOST_WORDS = 12


def matching_pks(query: SearchQuery, viewer: Viewer, at: dt.datetime) -> list[int]:
    """Primary keys of the abstracts that `query` finds for `viewer`, in its order."""
    law = _Law(viewer, at)
    return list(law.in_order(law.matching(query), query.order).values_list("pk", flat=True))


def words_of(text: str) -> list[str]:
    """The words of what somebody typed; quotation marks are not among them."""
    return text.replace('"', " ").replace("“", " ").replace("”", " ").split()


class _Law:
    """The conditions of a query, each through the law for one viewer at one instant."""

    def __init__(self, viewer: Viewer, at: dt.datetime):
        self.viewer, self.at = viewer, at

    def matching(self, query: SearchQuery) -> LawfulQuerySet:
        conditions = self._conditions(query)
        least = Level.FULL if query.trial_id else Level.LISTED if conditions else Level.SHELL
        found = self._abstracts(least)
        for condition in conditions:
            found = found.filter(condition)
        if len(conditions) == 1 and is_abstract_number(query.text):
            found = self._or_number(query.text, found)
        return self._placed(query, found)

    def in_order(self, found: LawfulQuerySet, order: Order) -> LawfulQuerySet:
        if order is Order.NUMBER:
            return found.order_by("number_key", *NEWEST_FIRST)
        if order is Order.TITLE:
            # Asked for anew, at the level of titles: what shows none comes last, in no order that would tell.
            titles = self._abstracts(Level.LISTED).filter(pk=OuterRef("pk")).values(key=Lower("title_text"))
            return found.order_by(Subquery(titles).asc(nulls_last=True), *NEWEST_FIRST)
        return found.order_by(*NEWEST_FIRST)

    def _abstracts(self, least: Level) -> LawfulQuerySet:
        return Abstract.objects.visible_to(self.viewer, self.at, least=least)

    def _conditions(self, query: SearchQuery) -> list[Q]:
        """What has to hold of an abstract that is LISTED (FULL where a trial id is asked for)."""
        conditions = [self._anywhere(word) for word in words_of(query.text)[:MOST_WORDS]]
        conditions += [_contains("title_text", word) for word in words_of(query.title)]
        if names := sort_key(query.author).split():
            conditions.append(self._has_author(names))
        if words := words_of(query.affiliation):
            conditions.append(self._has_affiliation(words))
        if key := sort_key(query.keyword):
            conditions.append(self._has_keyword(key))
        if query.trial_id:
            conditions.append(self._has_trial(query.trial_id))
        return conditions

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
        links = AbstractKeyword.objects.visible_to(self.viewer, self.at).filter(keyword__key__contains=key)
        return Q(pk__in=links.order_by().values("abstract"))

    def _has_trial(self, trial: str) -> Q:
        padded = Concat(Value(" "), "trial_ids", Value(" "))
        abstracts = self._abstracts(Level.FULL).annotate(padded=padded).filter(padded__icontains=f" {trial} ")
        return Q(pk__in=abstracts.values("pk"))

    def _in_text(self, word: str) -> Q:
        # Tied to the abstract: whatever an earlier word or condition ruled out is not read.
        sections = Section.objects.visible_to(self.viewer, self.at).filter(abstract=OuterRef("pk"))
        return Q(Exists(sections.filter(_contains("html", escape(word)))))

    def _or_number(self, text: str, found: LawfulQuerySet) -> LawfulQuerySet:
        return self._abstracts(Level.SHELL).filter(_numbered(text) | Q(pk__in=found.values("pk")))

    def _placed(self, query: SearchQuery, found: LawfulQuerySet) -> LawfulQuerySet:
        if query.meetings:
            found = found.filter(meeting__slug__in=query.meetings)
        if query.number:
            found = found.filter(_numbered(query.number))
        if query.session_type or query.day:
            found = found.filter(pk__in=self._slots(query).order_by().values("abstract"))
        if query.year_from is not None:
            found = found.filter(meeting__year__gte=query.year_from)
        if query.year_to is not None:
            found = found.filter(meeting__year__lte=query.year_to)
        if query.among is not None:
            found = found.filter(pk__in=query.among)
        return self._with_entries(query, found)

    def _with_entries(self, query: SearchQuery, found: LawfulQuerySet) -> LawfulQuerySet:
        for rows, path, values in (
            (AbstractKeyword, "keyword__slug", query.with_keywords),
            (AuthorLine, "person__slug", query.with_authors),
            (Affiliation, "country", query.countries),
            (Affiliation, "institution", query.institutions),
        ):
            for value in values:
                having = rows.objects.visible_to(self.viewer, self.at).filter(**{path: value})
                found = found.filter(pk__in=having.order_by().values("abstract"))
        if query.has_figures:
            figures = Figure.objects.visible_to(self.viewer, self.at)
            found = found.filter(pk__in=figures.order_by().values("abstract"))
        return found

    def _slots(self, query: SearchQuery) -> LawfulQuerySet:
        slots = Presentation.objects.visible_to(self.viewer, self.at)
        if query.session_type:
            slots = slots.filter(session__type=query.session_type)
        if query.day:
            slots = slots.filter(session__date=query.day)
        return slots


def _numbered(number: str) -> Q:
    # What has no number has a key, too.
    return Q(number_key=number_key(number), number__isnull=False)


def _contains(field: str, word: str) -> Q:
    condition = Q(**{f"{field}__icontains": word})
    if (plain := fold(word)) != word.lower() and plain:
        condition |= Q(**{f"{field}__icontains": plain})
    return condition
