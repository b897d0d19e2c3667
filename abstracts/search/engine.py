"""Answers a search from a snapshot of the index.

First come the abstracts with all words; the total and the facets count these. After them, or alone if no abstract has
all words, come those with some of the words.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import tantivy
from tantivy import Occur, Query

from ..visibility import Level, Viewer
from ..words.identifiers import is_abstract_number, number_key
from . import feedback
from .building import IndexQuery, build
from .matching import all_of, any_of, boosted, for_variant, term
from .narrowing import at_least, narrowing
from .parser import Clause, parse
from .query import Order, SearchQuery
from .schema import FACETS
from .searching import LawfulSearcher, Visible
from .snapshots import Snapshot
from .spelling import correction
from .synonyms import thesaurus

# So many results come with the total, in one question to the engine: enough for most first pages.
FIRST = 20
# If so many abstracts have all words, those with some of them are not searched.
ENOUGH = 200
MAX_WITH_SOME = 300
NUMBER_BONUS = 50.0
SORTS = {Order.NEWEST: "by_newest", Order.NUMBER: "by_number", Order.TITLE: "by_title"}
FACET_SIZES = {"meeting": 60, "year": 60, "type": 30, "keyword": 15, "person": 15, "country": 15, "institution": 15}


@dataclass(frozen=True)
class Span:
    """Consecutive results that come from one index query. `first`: primary keys of the first ones, as far as known."""

    query: Query
    total: int
    first: tuple[int, ...] = ()


NOTHING = Span(Query.empty_query(), 0)


class Matches:
    """What a search matches in the index; nothing is read from the database."""

    def __init__(self, snapshot: Snapshot, query: SearchQuery, viewer: Viewer, at: dt.datetime):
        self.searcher, self.query = LawfulSearcher(snapshot, Visible(viewer, at)), query
        clauses, public = clauses_of(query), (snapshot.mark, snapshot.part_at(at))
        self.index_query = build(clauses, self.searcher, thesaurus(public, viewer, at), query.exact)
        self._drop_hidden_synonyms()
        self.conditions = narrowing(query)
        has_words = bool(clauses) and not self._add_number(query)
        if has_words or query.trial_id or query.has_figures:
            self.conditions.append(at_least(Level.TITLED))
        text = query.text or query.title or query.author or query.affiliation or query.keyword
        self.has_no_terms = bool(text) and not (self.index_query.requirements or self.index_query.excluded)

    def _drop_hidden_synonyms(self) -> None:
        """Keep only synonyms that occur in what the viewer may see: others may come from embargoed text."""
        for requirement in self.index_query.expanded:
            requirement.synonyms = [
                synonym
                for synonym in requirement.synonyms
                if (query := for_variant(synonym)) and self.searcher.count(query)
            ]

    def _add_number(self, query: SearchQuery) -> bool:
        """If the text is nothing but a number, also match the abstracts with this number; whether it is one."""
        if not is_abstract_number(query.text) or len(self.index_query.requirements) != 1:
            return False
        requirement = self.index_query.requirements[0]
        number = boosted(term("number", number_key(query.text)), NUMBER_BONUS)
        requirement.query = any_of([requirement.query, number])
        return True

    @cached_property
    def with_all(self) -> Span:
        """The abstracts with all words."""
        if self.has_no_terms:
            return NOTHING
        words = self.index_query.with_all_words() if self.index_query.requirements else _without(self.index_query)
        query = all_of([words, *self.conditions])
        first, total = self.searcher.top_pks_and_count(query, FIRST, **self._order())
        return Span(query, total, tuple(first))

    @cached_property
    def with_some(self) -> Span:
        """The abstracts with some of the words, but not all; empty if there are enough with all."""
        loose = [query for requirement in self.index_query.requirements for query in requirement.loose]
        if len(loose) < 2 or self.with_all.total >= ENOUGH:
            return NOTHING
        query = self._with_some_query(())
        total = self.searcher.count(query)
        return Span(query, min(total, MAX_WITH_SOME) if self.with_all.total else total)

    @cached_property
    def _ranked_with_some(self) -> Query:
        """Matches the same as `with_some`, in its final order. It takes long, and most first pages end before."""
        if self.query.order is not Order.RELEVANCE:
            return self.with_some.query
        more = feedback.typical_terms(self.searcher, self.with_some.query)
        return self._with_some_query([boosted(term("everything", word), weight) for word, weight in more])

    def _with_some_query(self, more: Iterable[Query]) -> Query:
        some = all_of([self.index_query.with_some_words(list(more)), *self.conditions])
        return Query.boolean_query([(Occur.Must, some), (Occur.MustNot, self.with_all.query)])

    @property
    def main(self) -> Span:
        """The results that the total and the facets count."""
        return self.with_all if self.with_all.total else self.with_some

    @cached_property
    def correction(self) -> str:
        """The text with its misspelled words corrected, if no abstract has all words; else ""."""
        if self.with_all.total:
            return ""
        return correction(self.query.text, self.index_query.plain_words, self.searcher)

    def pks(self, start: int, stop: int) -> list[int]:
        """Primary keys of the results from `start` to `stop`, in order."""
        total, first = self.with_all.total, self.with_all.first
        end = min(stop, total)
        pks = list(first[start:end]) if end <= len(first) else self._slice(self.with_all.query, start, end)
        if stop > total and self.with_some.total:
            pks += self._slice(self._ranked_with_some, max(start - total, 0), min(stop - total, self.with_some.total))
        return pks

    def _slice(self, query: Query, start: int, stop: int) -> list[int]:
        return self.searcher.top_pks(query, stop - start, offset=start, **self._order()) if start < stop else []

    def _order(self) -> dict[str, Any]:
        """The order of the results as options of the searcher."""
        order = self.query.order
        if order is Order.RELEVANCE and not self.index_query.requirements:
            order = Order.NEWEST
        return {"order_by_field": SORTS[order], "order": tantivy.Order.Asc} if order in SORTS else {}

    @cached_property
    def facets(self) -> dict[str, list[tuple[Any, int]]]:
        """For each facet its most common values (strings or primary keys) with their counts, over `main`."""
        request = {name: {"terms": {"field": name, "size": size}} for name, size in FACET_SIZES.items()}
        answer = self.searcher.aggregate(self.main.query, request)
        return {name: [_value(name, bucket) for bucket in answer[name]["buckets"]] for name in request}


def _value(name: str, bucket: dict[str, Any]) -> tuple[Any, int]:
    key = bucket["key"] if name in FACETS else int(bucket["key"])
    return key, bucket["doc_count"]


def _without(index_query: IndexQuery) -> Query:
    """Matches everything but what is excluded."""
    excluded = [(Occur.MustNot, query) for query in index_query.excluded]
    return Query.boolean_query([(Occur.Must, Query.all_query()), *excluded])


def clauses_of(query: SearchQuery) -> list[Clause]:
    """The clauses of the search box and of all fields for words."""
    clauses = parse(query.text)
    for field, text in (("title", query.title), ("institution", query.affiliation), ("keyword", query.keyword)):
        clauses += [_in_field(clause, field) for clause in parse(text)]
    if query.author.strip():
        clauses += parse(f'author:"{query.author.replace(chr(34), " ")}"')
    return clauses


def _in_field(clause: Clause, field: str) -> Clause:
    return Clause(tuple(replace(part, field=part.field or field) for part in clause.parts), clause.without)
