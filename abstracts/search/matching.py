"""Index queries for one word, phrase or name: what matches and how it scores."""

import functools
from collections.abc import Callable, Iterable, Sequence

from tantivy import Occur, Query

from ..words.identifiers import normalize_doi, number_key
from ..words.text import fold
from .analysis import closed_term, lexemes, name_words, terms, wording, words
from .schema import INTEGER, schema
from .searching import LawfulSearcher
from .synonyms import Variant, case_sensitive_words
from .tree import YEARS, Part

TITLE, KEYWORDS, AUTHORS = 0.4, 0.25, 0.6
# Of an author whose first initial alone is known, or as typed.
FEWER_INITIALS, INITIALS = 0.5, 1.0
MAX_ENDINGS = 100
MAX_INITIALS = 3
_PREFIX_FIELDS = {"": "words", "title": "title_words", "author": "authors"}
_FIELDS = {
    "title": "title", "keyword": "keywords", "institution": "places", "country": "country_words",
    "meeting": "meeting_words", "session": "session_words", "type": "type_words",
}  # fmt: skip


def all_of(queries: Iterable[Query]) -> Query:
    """Matches documents that match each of `queries`."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def any_of(queries: Sequence[Query], least: int = 1) -> Query:
    """Matches documents that match at least `least` of `queries`; the scores add up."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries], least)


def best_of(queries: Sequence[Query]) -> Query:
    """Matches documents that match any of `queries`, and scores mostly as the best of them."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, 0.1)


def boosted(query: Query, weight: float) -> Query:
    return query if weight == 1 else Query.boost_query(query, weight)


def silent(query: Query) -> Query:
    """`query` as a mere condition that adds nothing to the score."""
    return Query.const_score_query(query, 0.0)


def term(field: str, value: str | int) -> Query:
    return Query.term_query(schema(), field, value)


def in_order(field: str, tokens: Sequence[str], slop: int = 0) -> Query:
    """Matches `tokens` one after the other in `field`."""
    if len(tokens) == 1:
        return term(field, tokens[0])
    return Query.phrase_query(schema(), field, list(tokens), slop)


@functools.lru_cache(maxsize=10_000)
def for_variant(variant: Variant) -> Query | None:
    """Matches `variant` anywhere but in names of authors; None if it has no terms. A class has many: they are kept."""
    if variant.case_sensitive:
        return term("cased", variant.text)
    queries = _in_text(variant.text)
    return any_of(queries) if queries else None


def for_part(part: Part, searcher: LawfulSearcher) -> Query | None:
    """Matches `part` without its synonyms; None if it has no terms."""
    if part.field in _VALUES:
        return _VALUES[part.field](part.text)
    if part.prefix and part.field in _PREFIX_FIELDS:
        return prefix(part.text, _PREFIX_FIELDS[part.field], searcher)
    if part.field == "author":
        return author(part.text)
    if is_exact(part):
        return phrase(part.text, part.field)
    if part.field:
        tokens = terms(part.text)
        return in_order(_FIELDS[part.field], tokens) if tokens else None
    return term("cased", part.text) if part.text in case_sensitive_words() else anywhere(part.text)


def _year(text: str) -> Query | None:
    """A year, or "2020-2024", "2020-", "-2024"; None for anything else."""
    match = YEARS.fullmatch(text)
    if not match:
        return None
    first, last = (int(year) if (year := match["only"] or match[end]) else None for end in ("first", "last"))
    return silent(Query.range_query(schema(), "year", INTEGER, first, last))


_VALUES: dict[str, Callable[[str], Query | None]] = {
    "number": lambda text: term("number", number_key(text.lstrip("#"))),
    "trial": lambda text: term("trial", text.lower()),
    "doi": lambda text: term("doi", normalize_doi(text).lower()),
    "year": _year,
}


def is_exact(part: Part) -> bool:
    """Whether `part` matches only the exact wording."""
    return part.phrase and part.field in ("", "title")


def anywhere(text: str) -> Query | None:
    """Matches the terms of `text` in title, keywords, text or authors; None if there are none."""
    queries = _in_text(text)
    return any_of([*queries, *_in_authors(text)]) if queries else None


def _in_text(text: str) -> list[Query]:
    """Queries for the terms of `text` in title, keywords and text; the scores add up."""
    tokens = terms(text)
    if not tokens:
        return []
    queries = [
        in_order("everything", tokens),
        boosted(in_order("title", tokens), TITLE),
        boosted(in_order("keywords", tokens), KEYWORDS),
    ]
    if closed := closed_term(text):
        queries.append(term("everything", closed))
    return queries


def pieces(text: str) -> list[Query]:
    """For each word of a compound a query that matches it anywhere: "IL-6" gives those of "IL" and "6"."""
    if text in case_sensitive_words():
        return [term("cased", text)]
    return [query for word in words(text) if (query := anywhere(word))]


def phrase(text: str, field: str = "") -> Query | None:
    """Matches exactly the words of `text` in their order; only case, accents and hyphens may differ."""
    return _sequence(wording(lexemes(text)), text, field, "words", "title_words")


def adjacent(text: str, field: str = "") -> Query | None:
    """Matches the words of `text` in their order, in any inflection."""
    return _sequence(terms(text), text, field, "everything", "title")


def _sequence(tokens: list[str], text: str, field: str, whole_field: str, title_field: str) -> Query | None:
    if field == "title":
        return in_order(title_field, tokens) if tokens else None
    queries = [in_order(whole_field, tokens), boosted(in_order(title_field, tokens), TITLE)] if tokens else []
    queries += _in_authors(text)
    return any_of(queries) if queries else None


def _in_authors(text: str) -> list[Query]:
    names = name_words(text)
    return [boosted(in_order("authors", names), AUTHORS)] if names else []


def author(text: str) -> Query | None:
    """Matches a person whose name has all words of `text`, in any order; an initial matches a given name."""
    names = name_words(text.replace(".", " "))
    if not names:
        return None
    queries = [query for query in (by_initials(text), by_names(names)) if query]
    return queries[0] if len(names) == 2 else best_of(queries)


def by_names(names: Sequence[str]) -> Query:
    """Matches a person whose name has all of `names` (folded words), in any order."""
    if len(names) == 1:
        return term("authors", names[0])
    longest = max(names, key=len)
    others = list(names)
    others.remove(longest)
    return all_of(term("author_pairs", "+".join(sorted((longest, other)))) for other in others)


def by_initials(text: str) -> Query | None:
    """Matches a person by a family name and initials, "Rossi AM" or "A.M. Rossi"; None if `text` is not written so.

    Somebody of whom only the first initial is known is found behind, but not somebody with another second one.
    """
    # How rare a name is says nothing, so the scores are constant.
    queries = [Query.const_score_query(term("author_keys", key), score) for key, score in initial_keys(text).items()]
    return best_of(queries) if queries else None


def initial_keys(text: str) -> dict[str, float]:
    """The keys of authors whom a family name and initials may mean, with their scores; {} for anything else."""
    words = text.replace(",", " ").replace(".", " ").split()
    keys: dict[str, float] = {}
    for size in range(1, min(len(words), MAX_INITIALS + 1)):
        for family, typed in ((words[:-size], words[-size:]), (words[size:], words[:size])):
            initials = "".join(typed).replace("-", "")
            if initials.isalpha() and len(initials) <= MAX_INITIALS and (names := name_words(" ".join(family))):
                name, initials = "".join(names), fold(initials)
                keys[f"{name}+{initials}"] = INITIALS
                keys |= {f"{name}+{initials[:end]}.": FEWER_INITIALS for end in range(1, len(initials))}
    return keys


def prefix(text: str, field: str, searcher: LawfulSearcher) -> Query | None:
    """Matches words that begin with `text`; up to MAX_ENDINGS words, none of them from hidden documents."""
    typed = words(text) if field == "authors" else wording(lexemes(text))
    if not typed:
        return None
    *whole, start = typed
    endings = [ending for ending, _ in searcher.terms_with_prefix(field, start, MAX_ENDINGS)]
    return all_of([*(term(field, w) for w in whole), Query.term_set_query(schema(), field, endings or [start])])
