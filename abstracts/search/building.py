"""From clauses to index queries: what has to be there, what makes it count more, what it was taken to mean."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tantivy import Occur, Query, Searcher

from . import matching
from .analysis import WEAK_WORDS, term_of, terms, words
from .matching import all_of, any_of, best_of, boosted, in_order, term
from .parser import Clause, Part
from .synonyms import LONGEST, Form, Thesaurus, cased_forms

WEAK, SYNONYM, NEAR, NEAR_IN_TITLE, WHOLE_TITLE = 0.3, 0.8, 0.1, 0.4, 1.5
FEW_WORDS = 6
A_FEW = 3
LONGEST_BEFORE_NUMBER = 11
MOST_OF_PIECES = 4
_PIECES = re.compile(r"([-/ ])")


@dataclass
class Need:
    """Something that has to be there: the words that say it, and what it means besides."""

    parts: list[Part]
    query: Query
    loose: list[Query]
    weight: float = 1.0
    is_weak: bool = False
    others: list[Form] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts)


@dataclass
class Built:
    """What a search is made of.

    `needs` have to be there, `without` must not; `near` makes nothing match, but count more. `plain` are the words
    that were looked for anywhere, in order.
    """

    needs: list[Need]
    without: list[Query]
    near: list[Query]
    plain: list[str]
    weak: list[Query] = field(default_factory=list)

    @property
    def expanded(self) -> list[Need]:
        """The needs that were taken to mean more than was typed."""
        return [need for need in self.needs if need.others]

    def all_words(self) -> Query:
        """What has everything that is needed."""
        must = [(Occur.Must, boosted(need.query, need.weight)) for need in self.needs]
        return Query.boolean_query(must + self._counting())

    def most_words(self, more: Sequence[Query] = ()) -> Query:
        """What has most of what is needed; `more` makes it count more."""
        ways = [boosted(way, need.weight) for need in self.needs for way in need.loose]
        least = most_of(len(self.needs))
        must = [(Occur.Must, any_of(ways, least))]
        return Query.boolean_query(must + self._counting() + [(Occur.Should, query) for query in more])

    def _counting(self) -> list[tuple[Occur, Query]]:
        forbidden = [(Occur.MustNot, query) for query in self.without]
        return [(Occur.Should, query) for query in (*self.near, *self.weak)] + forbidden

    def marks(self) -> set[str]:
        """The terms to mark in what is found."""
        texts = [need.text for need in self.needs if not need.is_weak]
        texts += [other.text for need in self.needs for other in need.others]
        return {found for text in texts for found in (*terms(text), *map(term_of, words(text)))}


def most_of(count: int) -> int:
    """How many of `count` words "most of them" are. Long questions are said in other words than answers."""
    return math.ceil(count * (0.5 if count <= A_FEW else 0.1))


def build(
    clauses: Iterable[Clause], searcher: Searcher, visible: Sequence[Query], thesaurus: Thesaurus, exact: bool
) -> Built:
    """The index queries that `clauses` ask for. `exact`: without synonyms.

    What they become depends on what `visible` lets through, and on nothing else in the index.
    """
    return _Builder(searcher, visible, thesaurus, exact).build(list(clauses))


class _Builder:
    def __init__(self, searcher: Searcher, visible: Sequence[Query], thesaurus: Thesaurus, exact: bool):
        self.searcher, self.visible, self.thesaurus, self.exact = searcher, visible, thesaurus, exact

    def _occurs(self, condition: Query) -> bool:
        return bool(self.searcher.search(all_of([condition, *self.visible]), 1).count)

    def build(self, clauses: list[Clause]) -> Built:
        without = [query for clause in clauses if clause.without for query in self._queries(clause)]
        needs: list[Need] = []
        plain: list[str] = []
        for run in _runs([clause for clause in clauses if not clause.without]):
            if run[0].parts[1:] or not _is_plain(run[0].parts[0]):
                needs += self._single(run[0])
            else:
                found = [clause.parts[0] for clause in run]
                plain += [part.text for part in found]
                needs += self._words(found)
        needs, weak = _split_weak(_counted(needs))
        return Built(needs, without, _near(plain), plain, weak)

    def _queries(self, clause: Clause) -> list[Query]:
        found = []
        for part in clause.parts:
            query = matching.part(part, self.searcher, self.visible)
            others = self._forms(self._others_of(part)) if query else []
            found += [best_of([query, *others])] if query else []
        return found

    def _single(self, clause: Clause) -> list[Need]:
        queries = self._queries(clause)
        if not queries:
            return []
        others = [other for part in clause.parts for other in self._others_of(part)]
        query = best_of(queries)
        # Behind what has the exact phrase comes what has its words in other inflections.
        phrases = [part for part in clause.parts if matching.is_exact(part)]
        loosely = [way for part in phrases if (way := matching.adjacent(part.text, part.field))]
        return [Need(list(clause.parts), query, [query, *loosely], others=others)]

    def _words(self, parts: list[Part]) -> list[Need]:
        needs, place = [], 0
        while place < len(parts):
            size = self._known_from(parts, place) or self._compound_from(parts, place)
            need = self._need(parts[place : place + size])
            needs += [need] if need else []
            place += size
        return needs

    def _need(self, parts: list[Part]) -> Need | None:
        own = [query for part in parts if (query := matching.part(part, self.searcher, self.visible))]
        if not own:
            return None
        text = " ".join(part.text for part in parts)
        others = self._others(text)
        if not others and (len(parts) == 1 or _belongs(parts[0].text, parts[1].text)):
            others = self._others_of_pieces(text)
        together = all_of(own) if len(own) > 1 else own[0]
        if len(parts) == 2 and (not others or _belongs(parts[0].text, parts[1].text)):
            together = self._joined(parts, together)
        others_queries = self._forms(others)
        loose = [best_of([own[0], *others_queries]), *own[1:]]
        is_weak = len(parts) == 1 and not others and text in WEAK_WORDS
        return Need(parts, best_of([together, *others_queries]), loose, is_weak=is_weak, others=others)

    def _joined(self, parts: list[Part], apart: Query) -> Query:
        """Two words that are one: a letter or number with what it belongs to, or a closed spelling."""
        found = terms(f"{parts[0].text} {parts[1].text}")
        if _belongs(parts[0].text, parts[1].text):
            return matching.adjacent(f"{parts[0].text} {parts[1].text}") or apart
        return (
            best_of([apart, term("everything", term_of("".join(words("".join(p.text for p in parts)))))])
            if found
            else apart
        )

    def _known_from(self, parts: list[Part], place: int) -> int:
        """How many words from `place` on are a known name together; 0 where not even two are."""
        if self.exact:
            return 0
        for size in range(min(LONGEST, len(parts) - place), 1, -1):
            run = parts[place : place + size]
            if _may_be_a_name(run) and self._others(" ".join(part.text for part in run)):
                return size
        return 0

    def _compound_from(self, parts: list[Part], place: int) -> int:
        if place + 1 == len(parts):
            return 1
        first, second = parts[place], parts[place + 1]
        if first.prefix or second.prefix:
            return 1
        if _belongs(first.text, second.text):
            return 2
        closed = first.text.isalpha() and second.text.isalpha() and len(second.text) > 1
        joined = term_of("".join(words(first.text + second.text))) if closed else ""
        # Of most pairs nothing has the joined word, which is known faster than what is visible.
        known = joined and self.searcher.doc_freq("everything", joined)
        return 2 if known and self._occurs(term("everything", joined)) else 1

    def _others_of(self, part: Part) -> list[Form]:
        """Other forms of a word; what is in quotation marks, or in a field, is meant as it stands."""
        if part.field or part.phrase or part.prefix:
            return []
        return self._others(part.text) or self._others_of_pieces(part.text)

    def _others(self, text: str) -> list[Form]:
        if self.exact or text in WEAK_WORDS:
            return []
        return self._known_to_mean(text)

    def _known_to_mean(self, text: str) -> list[Form]:
        """Other forms of what `text` means; those of a keyword where the keyword exists for who asks."""
        found = self.thesaurus.others(text)
        keywords = {form.keyword for form in found if form.keyword is not None}
        hidden = {keyword for keyword in keywords if not self._occurs(term("keyword", keyword))}
        return [form for form in found if form.keyword not in hidden]

    def _others_of_pieces(self, text: str) -> list[Form]:
        """ "Interleukin-6" as "IL-6": a known name in a compound."""
        pieces = _PIECES.split(text)
        if self.exact or len(terms(text)) < 2 or len(pieces) > 7:
            return []
        found = []
        for place in range(0, len(pieces), 2):
            others = self._known_to_mean(pieces[place]) if len(pieces[place]) > 1 else []
            found += [Form("".join([*pieces[:place], o.text, *pieces[place + 1 :]])) for o in others if not o.cased]
        return found[:MOST_OF_PIECES]

    def _forms(self, others: Iterable[Form]) -> list[Query]:
        return [boosted(query, SYNONYM) for other in others if (query := matching.form(other))]


def _belongs(first: str, second: str) -> bool:
    """Whether `second` is the number or letter of `first`: "IL 6", "type 2", "vitamin D"."""
    if not first.isalpha() or first in WEAK_WORDS or not terms(first):
        return False
    if second.isdigit():
        return len(second) <= 3 and len(first) <= LONGEST_BEFORE_NUMBER
    return len(second) == 1 and second.isalpha() and second not in ("a", "A", "I", "i")


def _may_be_a_name(run: list[Part]) -> bool:
    """Whether several words may be one name: it neither begins nor ends with a word that means nothing."""
    ends = (run[0].text, run[-1].text)
    return not any(part.prefix for part in run) and all(terms(end) and end not in WEAK_WORDS for end in ends)


def _is_plain(part: Part) -> bool:
    return not part.field and not part.phrase


def _runs(clauses: list[Clause]) -> Iterator[list[Clause]]:
    """Runs of single plain words; everything else one by one."""
    run: list[Clause] = []
    for clause in clauses:
        if len(clause.parts) == 1 and _is_plain(clause.parts[0]):
            run.append(clause)
            continue
        if run:
            yield run
        run = []
        yield [clause]
    if run:
        yield run


def _counted(needs: list[Need]) -> list[Need]:
    """Each need once; said often, it weighs more."""
    counts = Counter(_key(need) for need in needs)
    once = {_key(need): need for need in reversed(needs)}
    for key, need in once.items():
        need.weight = counts[key] ** 0.5
    return list(reversed(once.values()))


def _key(need: Need) -> tuple:
    first = need.parts[0]
    found = tuple(terms(need.text))
    return first.field, first.phrase, first.prefix, (need.text if need.text in cased_forms() else found)


def _split_weak(needs: list[Need]) -> tuple[list[Need], list[Query]]:
    strong = [need for need in needs if not need.is_weak]
    if not strong:
        return needs, []
    return strong, [boosted(need.query, WEAK) for need in needs if need.is_weak]


def _near(plain: list[str]) -> list[Query]:
    """Words that stand together as typed count more, in a title much more."""
    found = [found for text in plain if text not in WEAK_WORDS for found in terms(text)]
    pairs = list(dict.fromkeys(pair for pair in itertools.pairwise(found) if pair[0] != pair[1]))
    near = [boosted(in_order("everything", pair), NEAR) for pair in pairs]
    if 2 <= len(found) <= FEW_WORDS:
        near += [boosted(in_order("title", pair), NEAR_IN_TITLE) for pair in pairs]
        near.append(boosted(in_order("title", found, 1), WHOLE_TITLE))
    return near
