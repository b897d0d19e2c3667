"""Conditions of a search that do not change the order: meeting, year, session, facets."""

from tantivy import Query

from ..models import Keyword, Meeting, Person
from ..visibility import Level
from ..words.identifiers import number_key
from .matching import silent, term
from .query import SearchQuery
from .schema import INTEGER, SEPARATOR, schema


def at_least(level: Level) -> Query:
    """Matches documents that show at least `level`."""
    return silent(Query.range_query(schema(), "level", INTEGER, int(level), None))


def narrowing(query: SearchQuery) -> list[Query]:
    """The conditions of `query` besides its words."""
    return [*_meeting_and_session(query), *_facets(query), *_exact_values(query)]


def _meeting_and_session(query: SearchQuery) -> list[Query]:
    conditions = []
    if query.meetings:
        pks = Meeting.objects.filter(slug__in=query.meetings).values_list("pk", flat=True)
        conditions.append(one_of("meeting", list(pks)))
    if query.year_from is not None or query.year_to is not None:
        conditions.append(silent(Query.range_query(schema(), "year", INTEGER, query.year_from, query.year_to)))
    if query.session_type and query.day:
        conditions.append(silent(term("slot", f"{query.session_type}{SEPARATOR}{query.day.isoformat()}")))
    elif query.session_type:
        conditions.append(silent(term("type", query.session_type)))
    elif query.day:
        conditions.append(silent(term("day", query.day.isoformat())))
    return conditions


def _facets(query: SearchQuery) -> list[Query]:
    conditions = []
    for model, field, slugs in ((Keyword, "keyword", query.with_keywords), (Person, "person", query.with_authors)):
        if slugs:
            pks = dict(model.unfiltered.filter(slug__in=slugs).values_list("slug", "pk"))
            conditions += [one_of(field, [pks[slug]] if slug in pks else []) for slug in slugs]
    conditions += [silent(term("country", name)) for name in query.countries]
    conditions += [silent(term("institution", name)) for name in query.institutions]
    return conditions


def _exact_values(query: SearchQuery) -> list[Query]:
    conditions = []
    if query.number:
        conditions.append(silent(term("number", number_key(query.number))))
    if query.trial_id:
        conditions.append(silent(term("trial", query.trial_id.lower())))
    if query.has_figures:
        conditions.append(silent(term("figures", 1)))
    if query.among is not None:
        conditions.append(one_of("pk", sorted(query.among)))
    return conditions


def one_of(field: str, values: list[int]) -> Query:
    """Matches documents with any of `values` in `field`; nothing if there are no values."""
    return silent(Query.term_set_query(schema(), field, values)) if values else Query.empty_query()
