"""Answers a search from a snapshot of the index.

First come the abstracts with all words, then those with all words but one. If both are few, the closest of those with
fewer words follow. The facets count the first of these that are not empty.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import tantivy
from tantivy import Occur, Query

from ..visibility import Level, Viewer
from . import feedback
from .analysis import WEAK_TERMS, terms
from .building import Expansion, build
from .interpreting import Taken
from .matching import all_of, boosted, for_variant, silent, term
from .narrowing import at_least, narrowing
from .query import Order, SearchQuery
from .schema import FACETS, schema
from .searching import LawfulSearcher, Visible
from .snapshots import Snapshot
from .spelling import clear_correction, correction
from .synonyms import thesaurus

# So many results come with the total, in one question to the engine: enough for most first pages.
FIRST = 20
# If fewer abstracts have all words, or all but one, the closest of the others are added.
ENOUGH = 100
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
        self.searcher = LawfulSearcher(snapshot, Visible(viewer, at))
        self.corrected = None if query.exact else clear_correction(query, self.searcher)
        self.query = query = replace(query, text=self.corrected.text) if self.corrected else query
        parsed, public = query.parsed, (snapshot.mark, snapshot.part_at(at))
        self.index_query = build(parsed, self.searcher, thesaurus(public, viewer, at), query)
        self._drop_hidden_synonyms()
        self.conditions = narrowing(query)
        has_words = any(one.nodes for one in parsed)
        if (has_words and not self._is_number) or query.trial_id or query.has_figures:
            self.conditions.append(at_least(Level.TITLED))
        self.problems = [problem for one in parsed for problem in one.problems]
        self.reading = parsed[0].reading
        self.has_no_terms = query.has_words and not (self.index_query.requirements or self.index_query.excluded)

    def _drop_hidden_synonyms(self) -> None:
        """Keep only synonyms that occur in what the viewer may see: others may come from embargoed text."""
        kept = []
        for text, synonyms in self.index_query.expanded:
            seen = tuple(s for s in synonyms if (query := for_variant(s)) and self.searcher.count(query))
            kept += [Expansion(text, seen)] if seen else []
        self.index_query.expanded = kept

    @property
    def _is_number(self) -> bool:
        """Whether the search is nothing but a number, which shows before any title."""
        return [kind for _, kind in self.index_query.taken] == ["number"] and len(self.index_query.requirements) == 1

    @property
    def words(self) -> int:
        """How many words, names and brackets count."""
        return len(self.index_query.words)

    @property
    def taken(self) -> list[Taken]:
        """What words of the box were taken for."""
        return self.index_query.taken

    @cached_property
    def with_all(self) -> Span:
        """The abstracts with all words."""
        if self.has_no_terms:
            return NOTHING
        query = all_of([self.index_query.with_all_words(), *self.conditions])
        first, total = self.searcher.top_pks_and_count(query, FIRST, **self._order())
        return Span(query, total, tuple(first))

    @cached_property
    def with_most(self) -> Span:
        """The abstracts with all words but one; empty if they are few, as then `with_fewer` has the best of them."""
        if not (words := self.index_query.with_most_words()):
            return NOTHING
        total = self.searcher.count(all_of([words, *self.conditions]))
        return Span(self._others(words), total - self.with_all.total) if total >= ENOUGH else NOTHING

    @cached_property
    def with_fewer(self) -> Span:
        """The closest of the abstracts that lack words, if there are few with all words, or with all but one."""
        missing = ENOUGH - self.with_all.total
        if missing <= 0 or self.with_most.total or not (words := self.index_query.with_any_word()):
            return NOTHING
        others = self._others(words)
        return Span(others, min(self.searcher.count(others), missing))

    def _others(self, words: Query) -> Query:
        """Matches what `words` does and has not all words."""
        matching = (Occur.Must, all_of([words, *self.conditions]))
        return Query.boolean_query([matching, (Occur.MustNot, self.with_all.query)])

    def _ranked(self, span: Span) -> Query:
        """Matches the same as `span`, the closest first. It takes long, and most first pages end before."""
        return Query.boolean_query([(Occur.Must, silent(span.query)), *self.index_query.closeness, *self._typical])

    @cached_property
    def _typical(self) -> list[tuple[Occur, Query]]:
        """Queries for terms that are typical of the best results."""
        if not (words := self.index_query.with_any_word()):
            return []
        typed = {word for text in self.index_query.plain_words for word in terms(text)} - WEAK_TERMS
        typical = feedback.typical_terms(self.searcher, all_of([words, *self.conditions]), typed)
        return [(Occur.Should, boosted(term("everything", word), weight)) for word, weight in typical]

    @property
    def main(self) -> Span:
        """The results that the total and the facets count."""
        return next((span for span in (self.with_all, self.with_most) if span.total), self.with_fewer)

    @cached_property
    def correction(self) -> str:
        """The text with all its misspelled words corrected, if no abstract has all words; else ""."""
        return "" if self.with_all.total or self.query.exact else correction(self.query, self.searcher)

    def pks(self, start: int, stop: int) -> list[int]:
        """Primary keys of the results from `start` to `stop`, in order."""
        pks: list[int] = []
        for span in (self.with_all, self.with_most, self.with_fewer):
            first, end = max(start, 0), min(stop, span.total)
            if first < end:
                pks += self._slice(span, first, end)
            start, stop = start - span.total, stop - span.total
        return pks

    def _slice(self, span: Span, start: int, stop: int) -> Sequence[int]:
        if span is self.with_fewer:
            return self._closest[start:stop]
        if stop <= len(span.first):
            return span.first[start:stop]
        query = self._ranked(span) if span is self.with_most and not self._order() else span.query
        return self.searcher.top_pks(query, stop - start, offset=start, **self._order())

    @cached_property
    def _closest(self) -> list[int]:
        """Primary keys of `with_fewer`, in order."""
        ranked = self.searcher.top_pks(self._ranked(self.with_fewer), self.with_fewer.total)
        if not self._order():
            return ranked
        listed = Query.term_set_query(schema(), "pk", ranked)
        return self.searcher.top_pks(listed, len(ranked), **self._order())

    def _order(self) -> dict[str, Any]:
        """The order of the results as options of the searcher."""
        order = self.query.order
        if order is Order.RELEVANCE and not self.words:
            order = Order.NEWEST
        return {"order_by_field": SORTS[order], "order": tantivy.Order.Asc} if order in SORTS else {}

    @cached_property
    def facets(self) -> dict[str, list[tuple[Any, int]]]:
        """For each facet its most common values (strings or primary keys) with their counts, over `main`."""
        request = {name: {"terms": {"field": name, "size": size}} for name, size in FACET_SIZES.items()}
        main = self.main.query
        if self.main is self.with_fewer:
            main = Query.term_set_query(schema(), "pk", self._closest)
        answer = self.searcher.aggregate(main, request)
        return {name: [_value(name, bucket) for bucket in answer[name]["buckets"]] for name in request}


def _value(name: str, bucket: dict[str, Any]) -> tuple[Any, int]:
    key = bucket["key"] if name in FACETS else int(bucket["key"])
    return key, bucket["doc_count"]
