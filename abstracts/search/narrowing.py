"""Conditions of a search that do not rank: who may see it, meeting, year, session, facets."""

import datetime as dt

from tantivy import Query

from ..models import Keyword, Meeting, Person
from ..visibility import Level, Role, Viewer
from ..words.identifiers import number_key
from .documents import microseconds
from .matching import silent, term
from .query import SearchQuery
from .schema import INTEGER, SEPARATOR, schema


def visible(viewer: Viewer, at: dt.datetime) -> list[Query]:
    """What `viewer` may find at `at`: the windows that the law gave each document (see `documents`)."""
    if viewer.role is Role.STAFF:
        return [silent(term("staff", 1))]
    if viewer.role is Role.PRESS:
        return [silent(term("press", 1))]
    now = microseconds(at)
    return [
        silent(Query.range_query(schema(), "valid_from", INTEGER, None, now)),
        silent(Query.range_query(schema(), "valid_until", INTEGER, now, None, include_lower=False)),
    ]


def at_least(level: Level) -> Query:
    """Documents that show at least `level`."""
    return silent(Query.range_query(schema(), "level", INTEGER, int(level), None))


def narrowing(query: SearchQuery) -> list[Query]:
    """The conditions that `query` sets besides its words."""
    return [*_place(query), *_entries(query), *_exactly(query)]


def _place(query: SearchQuery) -> list[Query]:
    found = []
    if query.meetings:
        pks = Meeting.objects.filter(slug__in=query.meetings).values_list("pk", flat=True)
        found.append(one_of("meeting", list(pks)))
    if query.year_from is not None or query.year_to is not None:
        found.append(silent(Query.range_query(schema(), "year", INTEGER, query.year_from, query.year_to)))
    if query.session_type and query.day:
        found.append(silent(term("slot", f"{query.session_type}{SEPARATOR}{query.day.isoformat()}")))
    elif query.session_type:
        found.append(silent(term("type", query.session_type)))
    elif query.day:
        found.append(silent(term("day", query.day.isoformat())))
    return found


def _entries(query: SearchQuery) -> list[Query]:
    found = []
    for model, field, slugs in ((Keyword, "keyword", query.with_keywords), (Person, "person", query.with_authors)):
        if slugs:
            pks = dict(model.objects.filter(slug__in=slugs).values_list("slug", "pk"))
            found += [one_of(field, [pks[slug]] if slug in pks else []) for slug in slugs]
    found += [silent(term("country", name)) for name in query.countries]
    found += [silent(term("institution", name)) for name in query.institutions]
    return found


def _exactly(query: SearchQuery) -> list[Query]:
    found = []
    if query.number:
        found.append(silent(term("number", number_key(query.number))))
    if query.trial_id:
        found.append(silent(term("trial", query.trial_id.lower())))
    if query.has_figures:
        found.append(silent(term("figures", 1)))
    if query.among is not None:
        found.append(one_of("pk", sorted(query.among)))
    return found


def one_of(field: str, values: list[int]) -> Query:
    """Documents with any of `values` in `field`; none where there are no values."""
    return silent(Query.term_set_query(schema(), field, values)) if values else Query.empty_query()
