"""Answers a search from a snapshot of the index.

Abstracts with all the words come first; the total and the facets speak of them. Behind them, or alone where none has
all, come those with most of the words.
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
from .building import Built, build
from .matching import all_of, any_of, boosted, form, term
from .narrowing import at_least, narrowing, visible
from .parser import Clause, parse
from .query import Order, SearchQuery
from .replica import Snapshot, pks_at
from .schema import FACETS
from .spelling import correction
from .synonyms import thesaurus

# Where so many abstracts have all the words, nobody looks for those with most of them.
ENOUGH = 200
MOST_BEHIND = 300
NUMBER_BONUS = 50.0
SORTS = {Order.NEWEST: "by_newest", Order.NUMBER: "by_number", Order.TITLE: "by_title"}
FACET_SIZES = {"meeting": 60, "year": 60, "type": 30, "keyword": 15, "person": 15, "country": 15, "institution": 15}


@dataclass(frozen=True)
class Span:
    """Found abstracts in order, from one query."""

    query: Query
    total: int


class Found:
    """What a search found, before anything is read from the database."""

    def __init__(self, snapshot: Snapshot, query: SearchQuery, viewer: Viewer, at: dt.datetime):
        self.searcher, self.query = snapshot.searcher, query
        self.visible = visible(viewer, at)
        clauses = clauses_of(query)
        self.built = build(clauses, self.searcher, self.visible, thesaurus(snapshot.mark), query.exact)
        self._keep_visible_synonyms()
        self.conditions = [*self.visible, *narrowing(query)]
        told = bool(clauses) and not self._or_number(query)
        if told or query.trial_id or query.has_figures:
            self.conditions.append(at_least(Level.LISTED))
        words = query.text or query.title or query.author or query.affiliation or query.keyword
        self.said_nothing = bool(words) and not (self.built.needs or self.built.without)

    def _keep_visible_synonyms(self) -> None:
        """Tell only of synonyms that occur in what the viewer may see: a keyword's may be embargoed."""
        for need in self.built.expanded:
            need.others = [other for other in need.others if (way := form(other)) and self.count([*self.visible, way])]

    def _or_number(self, query: SearchQuery) -> bool:
        """Let a lone number find the abstracts of that number, too; whether it is one."""
        if not is_abstract_number(query.text) or len(self.built.needs) != 1:
            return False
        need = self.built.needs[0]
        need.query = any_of([need.query, boosted(term("number", number_key(query.text)), NUMBER_BONUS)])
        return True

    # Counting

    def count(self, queries: Iterable[Query]) -> int:
        """How many documents match all of `queries`."""
        return self.searcher.search(all_of(queries), 1).count

    @cached_property
    def with_all(self) -> Span:
        """Abstracts that have all the words."""
        if self.said_nothing:
            return Span(Query.empty_query(), 0)
        words = [self.built.all_words()] if self.built.needs else _without(self.built)
        query = all_of([*words, *self.conditions])
        return Span(query, self.searcher.search(query, 1).count)

    @cached_property
    def with_most(self) -> Span:
        """Abstracts that have most of the words, but not all, where they are worth a look."""
        if len(self._loose_needs) < 2 or self.with_all.total >= ENOUGH:
            return Span(Query.empty_query(), 0)
        query = self._most(())
        if self.query.order is Order.RELEVANCE:
            more = feedback.terms_from(self.searcher, query, self.built.marks())
            query = self._most([boosted(term("everything", found), weight) for found, weight in more])
        total = self.searcher.search(query, 1).count
        return Span(query, min(total, MOST_BEHIND) if self.with_all.total else total)

    @property
    def _loose_needs(self) -> list[Query]:
        return [way for need in self.built.needs for way in need.loose]

    def _most(self, more: Iterable[Query]) -> Query:
        rest = all_of([self.built.most_words(list(more)), *self.conditions])
        return Query.boolean_query([(Occur.Must, rest), (Occur.MustNot, self.with_all.query)])

    @property
    def main(self) -> Span:
        """What the total and the facets speak of."""
        return self.with_all if self.with_all.total else self.with_most

    @cached_property
    def correction(self) -> str:
        """The text as it may have been meant, where words of it occur nowhere; else ""."""
        if self.with_all.total:
            return ""
        return correction(self.query.text, self.built.plain, self.searcher, self.visible)

    # Reading

    def pks(self, start: int, stop: int) -> list[int]:
        """Primary keys of what was found, in order, from `start` to `stop`."""
        first, rest = self.with_all, None
        found = self._slice(first, start, min(stop, first.total))
        if stop > first.total:
            rest = self.with_most
            found += self._slice(rest, max(start - first.total, 0), min(stop - first.total, rest.total))
        return found

    def _slice(self, span: Span, start: int, stop: int) -> list[int]:
        if stop <= start:
            return []
        options: dict[str, Any] = {}
        order = self.query.order
        if order is Order.RELEVANCE and not self.built.needs:
            order = Order.NEWEST
        if order in SORTS:
            options = {"order_by_field": SORTS[order], "order": tantivy.Order.Asc}
        hits = self.searcher.search(span.query, stop - start, count=False, offset=start, **options).hits
        return pks_at(self.searcher, [address for _, address in hits])

    @cached_property
    def facets(self) -> dict[str, list[tuple[Any, int]]]:
        """For each facet its commonest values (strings, or primary keys) with their counts, over the main result."""
        asked = {name: {"terms": {"field": name, "size": size}} for name, size in FACET_SIZES.items()}
        found = self.searcher.aggregate(self.main.query, asked)
        return {name: [_value(name, bucket) for bucket in found[name]["buckets"]] for name in asked}


def _value(name: str, bucket: dict[str, Any]) -> tuple[Any, int]:
    key = bucket["key"] if name in FACETS else int(bucket["key"])
    return key, bucket["doc_count"]


def _without(built: Built) -> list[Query]:
    if not built.without:
        return [Query.all_query()]
    return [Query.boolean_query([(Occur.Must, Query.all_query()), *((Occur.MustNot, q) for q in built.without)])]


def clauses_of(query: SearchQuery) -> list[Clause]:
    """All that `query` asks for in words, whatever box it was typed into."""
    clauses = parse(query.text)
    for field, text in (("title", query.title), ("institution", query.affiliation), ("keyword", query.keyword)):
        clauses += [_in_field(clause, field) for clause in parse(text)]
    if query.author.strip():
        clauses += parse(f'author:"{query.author.replace(chr(34), " ")}"')
    return clauses


def _in_field(clause: Clause, field: str) -> Clause:
    return Clause(tuple(replace(part, field=part.field or field) for part in clause.parts), clause.without)
