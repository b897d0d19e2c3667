"""Turns the clauses of a search into index queries: what has to match, what must not, and what raises the score."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tantivy import Occur, Query

from . import matching
from .analysis import WEAK_WORDS, term_of, terms, words
from .matching import all_of, any_of, best_of, boosted, in_order, term
from .parser import Clause, Part
from .searching import LawfulSearcher
from .synonyms import MAX_WORDS, Thesaurus, Variant, case_sensitive_words

WEAK, SYNONYM, NEAR, NEAR_IN_TITLE, WHOLE_TITLE = 0.3, 0.8, 0.1, 0.4, 1.5
# Only searches of so few words prefer titles that have the words together.
MAX_WORDS_OF_TITLE = 6
MAX_LETTERS_BEFORE_NUMBER = 11
MAX_COMPOUNDS = 4
_SEPARATORS = re.compile(r"([-/ ])")


@dataclass
class Requirement:
    """Typed words that have to match, or their synonyms.

    `query` matches them. A result that matches only some of the words of a search has to match some of the `loose`
    queries.
    """

    parts: list[Part]
    query: Query
    loose: list[Query]
    weight: float = 1.0
    is_weak: bool = False
    synonyms: list[Variant] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts)


@dataclass
class IndexQuery:
    """A search as index queries. `near` and `weak` only raise the score; `plain_words` are words without a field."""

    requirements: list[Requirement]
    excluded: list[Query]
    near: list[Query]
    plain_words: list[str]
    weak: list[Query] = field(default_factory=list)

    @property
    def expanded(self) -> list[Requirement]:
        """The requirements that have synonyms."""
        return [requirement for requirement in self.requirements if requirement.synonyms]

    def with_all_words(self) -> Query:
        """Matches what meets all requirements."""
        return Query.boolean_query([(Occur.Must, boosted(r.query, r.weight)) for r in self.requirements] + self._rest())

    def with_some_words(self, more: Sequence[Query] = ()) -> Query:
        """Matches what meets some of the requirements (see `some_of`); `more` raises the score."""
        loose = [boosted(query, r.weight) for r in self.requirements for query in r.loose]
        some = any_of(loose, some_of(len(self.requirements)))
        return Query.boolean_query([(Occur.Must, some), *self._rest(), *((Occur.Should, query) for query in more)])

    def _rest(self) -> list[tuple[Occur, Query]]:
        forbidden = [(Occur.MustNot, query) for query in self.excluded]
        return [(Occur.Should, query) for query in (*self.near, *self.weak)] + forbidden

    def highlighted_terms(self) -> set[str]:
        """The terms to highlight in results."""
        texts = [requirement.text for requirement in self.requirements if not requirement.is_weak]
        texts += [synonym.text for requirement in self.requirements for synonym in requirement.synonyms]
        return {token for text in texts for token in (*terms(text), *map(term_of, words(text)))}


def some_of(count: int) -> int:
    """How many of `count` requirements are enough. Long questions use other words than their answers."""
    return math.ceil(count * (0.5 if count <= 3 else 0.1))


def build(clauses: Iterable[Clause], searcher: LawfulSearcher, thesaurus: Thesaurus, exact: bool) -> IndexQuery:
    """The index queries for `clauses`. `exact`: without synonyms.

    Of the index, they depend on nothing but what the viewer may see.
    """
    return _Builder(searcher, thesaurus, exact).build(clauses)


class _Builder:
    def __init__(self, searcher: LawfulSearcher, thesaurus: Thesaurus, exact: bool):
        self.searcher, self.thesaurus, self.exact = searcher, thesaurus, exact

    def build(self, clauses: Iterable[Clause]) -> IndexQuery:
        clauses = list(clauses)
        excluded = [query for clause in clauses if clause.without for query in self._alternatives(clause)]
        requirements: list[Requirement] = []
        plain_words: list[str] = []
        for is_plain, run in itertools.groupby((c for c in clauses if not c.without), _is_plain_word):
            if is_plain:
                parts = [clause.parts[0] for clause in run]
                plain_words += [part.text for part in parts]
                requirements += self._for_words(parts)
            else:
                requirements += [r for clause in run if (r := self._for_clause(clause))]
        strong, weak = _split_weak(_merge_repeated(requirements))
        return IndexQuery(strong, excluded, _near(plain_words), plain_words, weak)

    def _for_clause(self, clause: Clause) -> Requirement | None:
        queries = self._alternatives(clause)
        if not queries:
            return None
        query = best_of(queries)
        # Results that have the words of a phrase in other inflections come after those with the exact phrase.
        phrases = [part for part in clause.parts if matching.is_exact(part)]
        inflected = [adjacent for part in phrases if (adjacent := matching.adjacent(part.text, part.field))]
        synonyms = [synonym for part in clause.parts for synonym in self._synonyms_of_part(part)]
        return Requirement(list(clause.parts), query, [query, *inflected], synonyms=synonyms)

    def _alternatives(self, clause: Clause) -> list[Query]:
        literals = [(part, self._literal(part)) for part in clause.parts]
        return [best_of([q, *_queries(self._synonyms_of_part(part))]) for part, q in literals if q]

    def _for_words(self, parts: list[Part]) -> list[Requirement]:
        requirements, start = [], 0
        while start < len(parts):
            size = self._size_of_name(parts[start:]) or self._size_of_compound(parts[start:])
            requirements.append(self._for_group(parts[start : start + size]))
            start += size
        return [requirement for requirement in requirements if requirement]

    def _for_group(self, parts: list[Part]) -> Requirement | None:
        """The requirement for a known name, for two words that are one (see `_size_of_compound`), or for one word."""
        literals = [query for part in parts if (query := self._literal(part))]
        if not literals:
            return None
        text = " ".join(part.text for part in parts)
        belong = len(parts) == 2 and _belongs(parts[0].text, parts[1].text)
        synonyms = self._synonyms(text)
        if not synonyms and (len(parts) == 1 or belong):
            synonyms = self._synonyms_of_pieces(text)
        query = all_of(literals) if len(literals) > 1 else literals[0]
        if belong:
            query = matching.adjacent(text) or query
        elif len(parts) == 2 and not synonyms:
            query = best_of([query, term("everything", _closed_term(parts[0], parts[1]))])
        synonym_queries = _queries(synonyms)
        return Requirement(
            parts,
            best_of([query, *synonym_queries]),
            [best_of([literals[0], *synonym_queries]), *literals[1:]],
            is_weak=len(parts) == 1 and not synonyms and text in WEAK_WORDS,
            synonyms=synonyms,
        )

    def _size_of_name(self, parts: list[Part]) -> int:
        """How many of the first words are a known name together; 0 if not even two are."""
        for size in range(min(MAX_WORDS, len(parts)), 1, -1):
            if _may_be_a_name(parts[:size]) and self._synonyms(" ".join(part.text for part in parts[:size])):
                return size
        return 0

    def _size_of_compound(self, parts: list[Part]) -> int:
        """2 if the first two words are one ("IL 6", or "follow up" where "followup" occurs), else 1."""
        if len(parts) < 2 or parts[0].prefix or parts[1].prefix:
            return 1
        if _belongs(parts[0].text, parts[1].text):
            return 2
        closed = _closed_term(parts[0], parts[1])
        # doc_freq knows nothing of visibility, but is fast, and most pairs occur nowhere.
        is_anywhere = closed and self.searcher.unfiltered.doc_freq("everything", closed)
        occurs = is_anywhere and self._occurs(term("everything", closed))
        return 2 if occurs else 1

    def _literal(self, part: Part) -> Query | None:
        return matching.for_part(part, self.searcher)

    def _occurs(self, condition: Query) -> bool:
        return self.searcher.count(condition) > 0

    def _synonyms_of_part(self, part: Part) -> list[Variant]:
        """Synonyms of a word. Phrases in quotation marks and words in a field have none."""
        if part.field or part.phrase or part.prefix:
            return []
        return self._synonyms(part.text) or self._synonyms_of_pieces(part.text)

    def _synonyms(self, text: str) -> list[Variant]:
        return [] if self.exact or text in WEAK_WORDS else self.thesaurus.synonyms(text)

    def _synonyms_of_pieces(self, text: str) -> list[Variant]:
        """Compounds with a synonym of one piece: "IL-6" for "Interleukin-6"."""
        pieces = _SEPARATORS.split(text)
        if len(terms(text)) < 2 or len(pieces) > 7:
            return []
        compounds = [
            Variant("".join([*pieces[:place], synonym.text, *pieces[place + 1 :]]))
            for place in range(0, len(pieces), 2)
            if len(pieces[place]) > 1
            for synonym in self._synonyms(pieces[place])
            if not synonym.case_sensitive
        ]
        return compounds[:MAX_COMPOUNDS]


def _queries(synonyms: Iterable[Variant]) -> list[Query]:
    return [boosted(query, SYNONYM) for synonym in synonyms if (query := matching.for_variant(synonym))]


def _closed_term(first: Part, second: Part) -> str:
    """The term of two words written as one: "followup" for "follow up"; "" if they cannot be one."""
    if not (first.text.isalpha() and second.text.isalpha() and len(second.text) > 1):
        return ""
    return term_of("".join(words(first.text + second.text)))


def _belongs(first: str, second: str) -> bool:
    """Whether `second` is the number or letter of `first`: "IL 6", "type 2", "vitamin D"."""
    if not first.isalpha() or first in WEAK_WORDS or not terms(first):
        return False
    if second.isdigit():
        return len(second) <= 3 and len(first) <= MAX_LETTERS_BEFORE_NUMBER
    return len(second) == 1 and second.isalpha() and second not in ("a", "A", "I", "i")


def _may_be_a_name(parts: list[Part]) -> bool:
    """Whether several words may be one name: the first and the last word must mean something."""
    ends = (parts[0].text, parts[-1].text)
    return not any(part.prefix for part in parts) and all(terms(end) and end not in WEAK_WORDS for end in ends)


def _is_plain_word(clause: Clause) -> bool:
    return len(clause.parts) == 1 and not clause.parts[0].field and not clause.parts[0].phrase


def _merge_repeated(requirements: list[Requirement]) -> list[Requirement]:
    """Each requirement once; repeated ones weigh more."""
    counts = Counter(map(_key, requirements))
    merged = {_key(requirement): requirement for requirement in reversed(requirements)}
    for key, requirement in merged.items():
        requirement.weight = counts[key] ** 0.5
    return list(reversed(merged.values()))


def _key(requirement: Requirement) -> tuple:
    first, text = requirement.parts[0], requirement.text
    return first.field, first.phrase, first.prefix, (text if text in case_sensitive_words() else tuple(terms(text)))


def _split_weak(requirements: list[Requirement]) -> tuple[list[Requirement], list[Query]]:
    """The strong requirements, and queries for the weak ones; if all are weak, all count as strong."""
    strong = [requirement for requirement in requirements if not requirement.is_weak]
    if not strong:
        return requirements, []
    return strong, [boosted(requirement.query, WEAK) for requirement in requirements if requirement.is_weak]


def _near(plain_words: list[str]) -> list[Query]:
    """Queries that raise the score of words that are adjacent as typed, most of all in a title."""
    tokens = [token for text in plain_words if text not in WEAK_WORDS for token in terms(text)]
    pairs = list(dict.fromkeys(pair for pair in itertools.pairwise(tokens) if pair[0] != pair[1]))
    near = [boosted(in_order("everything", pair), NEAR) for pair in pairs]
    if 2 <= len(tokens) <= MAX_WORDS_OF_TITLE:
        near += [boosted(in_order("title", pair), NEAR_IN_TITLE) for pair in pairs]
        near.append(boosted(in_order("title", tokens, 1), WHOLE_TITLE))
    return near
