"""One thing to look for, as an index query: what matches, and what it counts."""

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query, Searcher

from ..words.identifiers import number_key
from .analysis import closed_terms, lexemes, name_words, terms, wording, words
from .parser import Part
from .schema import schema
from .synonyms import Form, cased_forms

TITLE, KEYWORDS, AUTHORS = 0.5, 0.25, 0.6
MOST_ENDINGS = 100
_PREFIXED = {"": "words", "title": "title_words", "author": "authors"}


def all_of(queries: Iterable[Query]) -> Query:
    """What matches each of `queries`."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def any_of(queries: Sequence[Query], least: int = 1) -> Query:
    """What matches at least `least` of `queries`; the more, the better."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries], least)


def best_of(queries: Sequence[Query]) -> Query:
    """What matches any of `queries`, and counts as its best."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, 0.1)


def boosted(query: Query, weight: float) -> Query:
    return query if weight == 1 else Query.boost_query(query, weight)


def silent(query: Query) -> Query:
    """`query` as a mere condition: it does not count."""
    return Query.const_score_query(query, 0.0)


def term(field: str, value: str | int) -> Query:
    return Query.term_query(schema(), field, value)


def in_order(field: str, found: Sequence[str], slop: int = 0) -> Query:
    """`found` (terms) one after the other in `field`."""
    if len(found) == 1:
        return term(field, found[0])
    return Query.phrase_query(schema(), field, list(found), slop)


def anywhere(text: str, cased: bool = False) -> Query | None:
    """`text` in title, keywords, text or authors; None where it has nothing to look for. `cased`: capitals decide."""
    if cased:
        return term("cased", text)
    found = terms(text)
    if not found:
        return None
    ways = [
        in_order("everything", found),
        boosted(in_order("title", found), TITLE),
        boosted(in_order("keywords", found), KEYWORDS),
    ]
    if names := name_words(text):
        ways.append(boosted(in_order("authors", names), AUTHORS))
    ways += [term("everything", closed) for closed in closed_terms(text)]
    return any_of(ways)


def form(of: Form) -> Query | None:
    """A synonym's form."""
    return anywhere(of.text, of.cased)


def part(asked: Part, searcher: Searcher, visible: Sequence[Query]) -> Query | None:
    """What `asked` says, without synonyms; None where it says nothing that could be looked for."""
    if asked.field == "number":
        return term("number", number_key(asked.text))
    if asked.field == "trial":
        return term("trial", asked.text.lower())
    if asked.prefix and asked.field in _PREFIXED:
        return beginning(asked.text, _PREFIXED[asked.field], searcher, visible)
    if asked.field == "author":
        return author(asked.text)
    if is_exact(asked):
        return phrase(asked.text, asked.field)
    if asked.field:
        field = {"title": "title", "keyword": "keywords", "institution": "places"}[asked.field]
        found = terms(asked.text)
        return in_order(field, found) if found else None
    return anywhere(asked.text, asked.text in cased_forms())


def is_exact(asked: Part) -> bool:
    """Whether `asked` is looked for as it is worded."""
    return asked.phrase and asked.field in ("", "title")


def phrase(text: str, field: str = "") -> Query | None:
    """The words of `text` as they are, one after the other: case, accents and hyphens apart, exactly these."""
    found, names = wording(lexemes(text)), name_words(text)
    if field == "title":
        return in_order("title_words", found) if found else None
    ways = [in_order("words", found), boosted(in_order("title_words", found), TITLE)] if found else []
    if names:
        ways.append(boosted(in_order("authors", names), AUTHORS))
    return any_of(ways) if ways else None


def adjacent(text: str, field: str = "") -> Query | None:
    """The words of `text` in this order, inflected or not."""
    found, names = terms(text), name_words(text)
    if field == "title":
        return in_order("title", found) if found else None
    ways = [in_order("everything", found), boosted(in_order("title", found), TITLE)] if found else []
    if names:
        ways.append(boosted(in_order("authors", names), AUTHORS))
    return any_of(ways) if ways else None


def author(text: str) -> Query | None:
    """A person: all the words of `text` in one name, in any order, an initial for a given name."""
    names = _spelled_initials(text)
    if len(names) < 2:
        return term("authors", names[0]) if names else None
    first = max(names, key=len)
    rest = list(names)
    rest.remove(first)
    return all_of(term("author_pairs", f"{min(first, other)}+{max(first, other)}") for other in rest)


def _spelled_initials(text: str) -> list[str]:
    """The words of a name; initials written as one ("Rossi AM") one by one."""
    names: list[str] = []
    for word in text.replace(".", " ").replace(",", " ").split():
        if word.isupper() and 2 <= len(word) <= 3 and word.isalpha() and len(text.split()) > 1 and not text.isupper():
            names += list(word.lower())
        else:
            names += name_words(word)
    return names


def beginning(text: str, field: str, searcher: Searcher, visible: Sequence[Query]) -> Query | None:
    """Words that begin with `text`, in what `visible` lets through: hidden ones would take the place of others."""
    found = words(text) if field == "authors" else wording(lexemes(text))
    if not found:
        return None
    known = searcher.terms_with_prefix(field, found[-1], all_of(visible), MOST_ENDINGS)
    ends = [found_term for found_term, _ in known]
    ways = [Query.term_set_query(schema(), field, ends or [found[-1]])]
    return all_of([*(term(field, word) for word in found[:-1]), *ways])
