"""Turns what was typed into index queries: what has to match, what must not, and what raises the score."""

import itertools
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tantivy import Occur, Query

from . import matching
from .analysis import is_weak, term_of, terms, words
from .interpreting import UNITS, Interpretation, Interpreter, Taken
from .matching import all_of, any_of, best_of, boosted, in_order, silent, term
from .parser import Parsed
from .query import SearchQuery
from .searching import LawfulSearcher
from .synonyms import MAX_WORDS, Thesaurus, Variant, case_sensitive_words
from .translating import is_empty_word, translations
from .tree import Either, Node, Part, Without, leaves

# Measured: see "ranking" in docs/decisions.md. What is typed n times weighs n to the power of REPEATED.
WEAK, SYNONYM, NEAR, WHOLE_TITLE, REPEATED = 0.3, 0.8, 0.05, 1.5, 0.6
# So many other words may stand between two that are near.
MAX_BETWEEN = 4
# Only searches of so few words prefer titles that have the words together.
MAX_WORDS_OF_TITLE = 6
MAX_LETTERS_BEFORE_NUMBER = 11
MAX_COMPOUNDS = 4
# Fields that say which abstracts are meant, not what they are about.
CONDITIONS = frozenset(("year", "country", "meeting", "session", "type"))
_SEPARATORS = re.compile(r"([-/ ])")


class Expansion(NamedTuple):
    """Typed words, and the other names by which they were searched."""

    text: str
    synonyms: tuple[Variant, ...]


@dataclass
class Requirement:
    """Typed words that have to match, or their synonyms, or what stands in a bracket.

    `query` matches them. Abstracts that have none of that, but match one of the `loose` queries, are close to them.
    Requirements with the same `key` are the same. A condition is met by all results, whichever words they lack.
    """

    key: Hashable
    parts: list[Part]
    query: Query
    loose: list[Query]
    weight: float = 1.0
    is_weak: bool = False
    is_condition: bool = False

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts)


@dataclass
class IndexQuery:
    """A search as index queries. `near` and `weak` only raise the score. `plain_words`: without a field, in English.

    `expanded` and `taken`: what else than the typed words was searched. `is_boolean`: only what matches exactly is
    meant.
    """

    requirements: list[Requirement]
    excluded: list[Query]
    near: list[Query]
    plain_words: list[str]
    weak: list[Query]
    expanded: list[Expansion]
    taken: list[Taken]
    is_boolean: bool = False

    def with_all_words(self) -> Query:
        """Matches what meets all requirements."""
        required = [(Occur.Must, boosted(r.query, r.weight)) for r in self.words] or [(Occur.Must, Query.all_query())]
        return Query.boolean_query([*required, *self._nearness, *self._conditions])

    def with_most_words(self) -> Query | None:
        """Matches what meets all requirements, or all but one; None where that means nothing.

        So each word more finds fewer abstracts, or the same.
        """
        words = self.words
        if self.is_boolean or len(words) < 2:
            return None
        most = any_of([r.query for r in words], len(words) - 1)
        return Query.boolean_query([(Occur.Must, most), *self._conditions])

    def with_any_word(self) -> Query | None:
        """Matches what is close to any of the requirements; None where that means nothing."""
        if self.is_boolean or sum(max(len(r.parts), len(r.loose)) for r in self.words) < 2:
            return None
        return Query.boolean_query([(Occur.Must, self._any_word), *self._conditions])

    @property
    def closeness(self) -> list[tuple[Occur, Query]]:
        """What orders abstracts that do not meet all requirements."""
        return [(Occur.Should, self._any_word), *self._nearness]

    @property
    def _any_word(self) -> Query:
        return any_of([boosted(query, r.weight) for r in self.words for query in r.loose])

    @property
    def _nearness(self) -> list[tuple[Occur, Query]]:
        return [(Occur.Should, query) for query in (*self.near, *self.weak)]

    @property
    def _conditions(self) -> list[tuple[Occur, Query]]:
        conditions = [(Occur.Must, r.query) for r in self.requirements if r.is_condition]
        return conditions + [(Occur.MustNot, query) for query in self.excluded]

    @property
    def words(self) -> list[Requirement]:
        """The requirements of which a result may lack some."""
        return [requirement for requirement in self.requirements if not requirement.is_condition]


def build(parsed: Iterable[Parsed], searcher: LawfulSearcher, thesaurus: Thesaurus, query: SearchQuery) -> IndexQuery:
    """The index queries for what was typed in the box and in the fields for words.

    Of the index, they depend on nothing but what the viewer may see.
    """
    return _Builder(searcher, thesaurus, query).build(list(parsed))


class _Builder:
    def __init__(self, searcher: LawfulSearcher, thesaurus: Thesaurus, query: SearchQuery):
        self.searcher, self.thesaurus, self.query = searcher, thesaurus, query
        self.interpreter = Interpreter(searcher, query.literal)
        self.expanded: list[Expansion] = []
        self.taken: list[Taken] = []
        self.plain_words: list[str] = []

    def build(self, parsed: list[Parsed]) -> IndexQuery:
        requirements: list[Requirement] = []
        excluded: list[Query] = []
        for one in parsed:
            required, forbidden = self._level(one.nodes, one.apart)
            requirements += required
            excluded += forbidden
        strong, weak = _split_weak(_merge_repeated(requirements))
        is_boolean = any(one.is_boolean for one in parsed)
        near = [] if is_boolean else _near(self.plain_words)
        return IndexQuery(strong, excluded, near, self.plain_words, weak, self.expanded, self.taken, is_boolean)

    def _level(self, nodes: Sequence[Node], apart: bool) -> tuple[list[Requirement], list[Query]]:
        """What has to match of nodes that all have to match, and what must not."""
        requirements: list[Requirement] = []
        excluded: list[Query] = []
        words: list[Part] = []
        for node in [*nodes, None]:
            word = node if isinstance(node, Part) and node.is_plain else None
            words += [word] if word else []
            if word and not apart:
                continue
            requirements += self._for_words(words)
            words = []
            if isinstance(node, Without):
                excluded += self._excluded(node.operand)
            elif node and not word and (requirement := self._for_node(node)):
                requirements.append(requirement)
        return requirements, excluded

    def _excluded(self, node: Node) -> list[Query]:
        """The query of `node`, if it has terms. What it was expanded to is not told: no result has it."""
        expanded, taken, plain_words = len(self.expanded), len(self.taken), len(self.plain_words)
        query = self._query(node)
        del self.expanded[expanded:], self.taken[taken:], self.plain_words[plain_words:]
        return [query] if query else []

    def _for_node(self, node: Node) -> Requirement | None:
        query = self._query(node)
        if not query:
            return None
        parts, loose = list(leaves(node)), [query]
        if isinstance(node, Part) and matching.is_exact(node):
            # Results that have the words of a phrase in other inflections are close to the exact phrase.
            loose += [inflected] if (inflected := matching.adjacent(node.text, node.field)) else []
        elif not isinstance(node, Part):
            words = [part.text for part in parts if part.is_plain and not is_weak(part.text)]
            loose += [piece for word in words for piece in matching.pieces(word)]
        is_condition = bool(parts) and all(part.field in CONDITIONS for part in parts)
        return Requirement(node, parts, query, loose, is_condition=is_condition)

    def _query(self, node: Node) -> Query | None:
        """Matches `node`; None if it has no terms."""
        if isinstance(node, Part):
            if node.is_plain:
                return next((requirement.query for requirement in self._for_words([node])), None)
            return self._literal(node)
        if isinstance(node, Without):
            excluded = self._excluded(node.operand)
            return _everything_but(excluded) if excluded else None
        if isinstance(node, Either):
            queries = [query for operand in node.operands if (query := self._query(operand))]
            return best_of(queries) if queries else None
        requirements, excluded = self._level(node.operands, node.apart)
        strong, _ = _split_weak(requirements)
        if not strong:
            return _everything_but(excluded) if excluded else None
        forbidden = [(Occur.MustNot, query) for query in excluded]
        return Query.boolean_query([*((Occur.Must, r.query) for r in strong), *forbidden])

    def _for_words(self, parts: list[Part]) -> list[Requirement]:
        requirements, start = [], 0
        while start < len(parts):
            rest = parts[start:]
            found = self._interpretation(parts, start)
            name = self._size_of_name(rest)
            size = max(found.size if found else 0, name) or self._size_of_compound(rest)
            requirements.append(self._for_group(rest[:size], found if found and found.size == size else None))
            start += size
        return [requirement for requirement in requirements if requirement]

    def _interpretation(self, parts: Sequence[Part], start: int) -> Interpretation | None:
        """What the words from `start` on may be. Spanish words are not also places or people that are called so."""
        found = None if self.query.exact else self.interpreter.find(parts, start)
        if found and found.kind in ("author", "place") and self.query.language == "es":
            text = " ".join(part.text for part in parts[start : start + found.size])
            return None if self._is_empty(text) or translations(text) else found
        return found

    def _for_group(self, parts: list[Part], found: Interpretation | None) -> Requirement | None:
        """The requirement for a known name, for two words that are one (see `_size_of_compound`), or for one word.

        `found`: what else they may be.
        """
        text = " ".join(part.text for part in parts)
        belong = len(parts) == 2 and self._belongs(parts[0].text, parts[1].text)
        literals = [query for part in parts if (query := self._literal(part))]
        if found and found.replaces_words:
            literals = []
        synonyms = [] if found and found.replaces_synonyms else self._synonyms(text)
        if not synonyms and not found and (len(parts) == 1 or belong):
            synonyms = self._synonyms_of_pieces(text)
        pieces = [] if found and found.replaces_words else [q for part in parts for q in matching.pieces(part.text)]
        queries = [all_of(literals)] if len(literals) > 1 else literals
        if (found and found.kind == "author") or (belong and not found):
            queries = [matching.adjacent(text) or queries[0]]
        elif len(parts) == 2 and not synonyms and not found:
            queries.append(term("everything", _closed_term(parts[0], parts[1])))
        english = self._translations(text)
        others = _queries(synonyms, len(terms(text))) + _as_typed(english)
        if synonyms:
            self.expanded.append(Expansion(text, tuple(synonyms)))
        if found:
            others.append(found.query)
            self.taken.append(Taken(text, found.kind))
        if not (queries or others):
            return None
        self.plain_words += (english[0].text if english else text).split()
        return Requirement(
            text if text in case_sensitive_words() else tuple(terms(text)),
            parts,
            best_of([*queries, *others]),
            [best_of([*([any_of(pieces)] if pieces else []), *others])],
            is_weak=len(parts) == 1 and not others and is_weak(text),
            is_condition=found.kind == "year" if found else False,
        )

    def _size_of_name(self, parts: list[Part]) -> int:
        """How many of the first words are a known name together; 0 if not even two are."""
        for size in range(min(MAX_WORDS, len(parts)), 1, -1):
            if _may_be_a_name(parts[:size]) and self._synonyms(" ".join(part.text for part in parts[:size])):
                return size
        return 0

    def _size_of_compound(self, parts: list[Part]) -> int:
        """2 if the first two words are one ("IL 6", or "follow up" where "followup" occurs), else 1."""
        if len(parts) < 2:
            return 1
        if self._belongs(parts[0].text, parts[1].text):
            is_amount = len(parts) > 2 and parts[2].text.lower() in UNITS
            return 1 if is_amount else 2
        closed = _closed_term(parts[0], parts[1])
        # doc_freq knows nothing of visibility, but is fast, and most pairs occur nowhere.
        is_anywhere = closed and self.searcher.unfiltered.doc_freq("everything", closed)
        occurs = is_anywhere and self._occurs(term("everything", closed))
        return 2 if occurs else 1

    def _belongs(self, first: str, second: str) -> bool:
        """Whether `second` is the number or letter of `first`: "IL 6", "type 2", "vitamin D"."""
        if not first.isalpha() or is_weak(first) or not terms(first) or self._is_empty(second):
            return False
        if second.isdigit():
            return len(second) <= 3 and len(first) <= MAX_LETTERS_BEFORE_NUMBER
        return len(second) == 1 and second.isalpha() and second not in ("a", "A", "I", "i")

    def _literal(self, part: Part) -> Query | None:
        return None if part.is_plain and self._is_empty(part.text) else matching.for_part(part, self.searcher)

    def _is_empty(self, text: str) -> bool:
        """Whether `text` is a Spanish word on a Spanish page that need not occur: "de", "cuál"."""
        is_name = text in ("A", "E", "O") and not self.query.text.isupper()  # "vitamina E"
        return self.query.language == "es" and not self.query.exact and not is_name and is_empty_word(text)

    def _occurs(self, condition: Query) -> bool:
        return self.searcher.count(condition) > 0

    def _synonyms(self, text: str) -> list[Variant]:
        """What `text` is also searched by: synonyms, and what it is in English with synonyms of that."""
        if self.query.exact or is_weak(text):
            return []
        english = self._translations(text)
        of_english = (synonym for variant in english for synonym in self.thesaurus.synonyms(variant.text))
        return list(dict.fromkeys((*self.thesaurus.synonyms(text), *english, *of_english)))

    def _translations(self, text: str) -> list[Variant]:
        """Spanish `text` in English. On English pages only if a word of it occurs nowhere visible."""
        english = [] if self.query.exact else translations(text)
        if self.query.language == "es" or not english:
            return english
        queries = (matching.anywhere(word) for word in text.split())
        return [] if all(self._occurs(query) for query in queries if query) else english

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


def _everything_but(excluded: Iterable[Query]) -> Query:
    forbidden = [(Occur.MustNot, query) for query in excluded]
    return Query.boolean_query([(Occur.Must, silent(Query.all_query())), *forbidden])


def _queries(synonyms: Iterable[Variant], size: int) -> list[Query]:
    """Matches `synonyms` of words with `size` terms. Longer ones weigh less, as the scores of their terms add up."""
    weights = {synonym: SYNONYM * min(1.0, size / (len(synonym.terms) or 1)) for synonym in synonyms}
    return [boosted(query, weight) for synonym, weight in weights.items() if (query := matching.for_variant(synonym))]


def _as_typed(english: Iterable[Variant]) -> list[Query]:
    """Queries that match English names as if they had been typed: all their words, wherever these stand."""
    names = ([matching.anywhere(word) for word in variant.text.split()] for variant in english)
    return [all_of(filter(None, queries)) for queries in names]


def _closed_term(first: Part, second: Part) -> str:
    """The term of two words written as one: "followup" for "follow up"; "" if they cannot be one."""
    if not (first.text.isalpha() and second.text.isalpha() and len(second.text) > 1):
        return ""
    return term_of("".join(words(first.text + second.text)))


def _may_be_a_name(parts: list[Part]) -> bool:
    """Whether several words may be one name: the first and the last word must mean something."""
    ends = (parts[0].text, parts[-1].text)
    return all(terms(end) and not is_weak(end) for end in ends)


def _merge_repeated(requirements: list[Requirement]) -> list[Requirement]:
    """Each requirement once; repeated ones weigh more."""
    counts = Counter(requirement.key for requirement in requirements)
    merged = {requirement.key: requirement for requirement in reversed(requirements)}
    for key, requirement in merged.items():
        requirement.weight = counts[key] ** REPEATED
    return list(reversed(merged.values()))


def _split_weak(requirements: list[Requirement]) -> tuple[list[Requirement], list[Query]]:
    """The strong requirements, and queries for the weak ones; if all are weak, all count as strong."""
    strong = [requirement for requirement in requirements if not requirement.is_weak]
    if not strong:
        return requirements, []
    return strong, [boosted(requirement.query, WEAK) for requirement in requirements if requirement.is_weak]


def _near(plain_words: list[str]) -> list[Query]:
    """Queries that raise the score of words that are as close as typed, and of titles that have them all."""
    tokens = [token for text in plain_words if not is_weak(text) for token in terms(text)]
    pairs = dict.fromkeys(pair for pair in itertools.pairwise(tokens) if pair[0] != pair[1])
    near = [boosted(in_order("everything", pair, MAX_BETWEEN), NEAR) for pair in pairs]
    if 2 <= len(tokens) <= MAX_WORDS_OF_TITLE:
        near.append(boosted(in_order("title", tokens, 1), WHOLE_TITLE))
    return near
