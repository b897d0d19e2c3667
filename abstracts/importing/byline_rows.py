"""The rows of bylines: affiliations, author lines, and the links between them."""

from typing import Any, NamedTuple

from ..models import Abstract, Affiliation, AuthorAffiliation, AuthorLine
from .affiliations import parse_affiliation
from .bulk import Keys
from .people import PersonIndex, person_lookup


class BylineRows(NamedTuple):
    """Rows that do not exist yet, with primary keys."""

    affiliations: list[Affiliation]
    lines: list[AuthorLine]
    links: list[AuthorAffiliation]


def rows_of_bylines(
    bylines: list[tuple[Abstract, dict[str, Any]]], replaced: list[int], people: PersonIndex, keys: Keys
) -> BylineRows:
    """The rows of the byline value of each abstract. Those of the abstracts `replaced` keep their persons."""
    former_persons = _former_persons(replaced)
    persons = people.get_or_plan(author for _, byline in bylines for author in byline["authors"])
    affiliations: list[Affiliation] = []
    lines: list[AuthorLine] = []
    links: list[tuple[AuthorLine, Affiliation]] = []
    for abstract, byline in bylines:
        numbered = [_affiliation(abstract, number, text) for number, text in enumerate(byline["affiliations"], 1)]
        affiliations += numbered
        for position, author in enumerate(byline["authors"]):
            person = former_persons.get((abstract.pk, author["name"])) or persons.get(person_lookup(author))
            line = _author_line(abstract, position, author, person)
            lines.append(line)
            links += [(line, numbered[number - 1]) for number in author["affiliations"]]
    keys.give(affiliations)
    keys.give(lines)
    linked = [AuthorAffiliation(author=line, affiliation=affiliation) for line, affiliation in links]
    keys.give(linked)
    return BylineRows(affiliations, lines, linked)


def _former_persons(abstracts: list[int]) -> dict[tuple[int, str], int]:
    """By abstract and name, the persons of author lines: staff may have told namesakes apart."""
    if not abstracts:
        return {}
    rows = AuthorLine.unfiltered.filter(abstract__in=abstracts, person__isnull=False)
    return {(abstract, name): person for abstract, name, person in rows.values_list("abstract_id", "name", "person_id")}


def _affiliation(abstract: Abstract, number: int, text: str) -> Affiliation:
    parsed = parse_affiliation(text)
    return Affiliation(
        abstract=abstract, position=number, text=text, institution=parsed.institution, country=parsed.country
    )


def _author_line(abstract: Abstract, position: int, author: dict[str, Any], person: int | None) -> AuthorLine:
    return AuthorLine(
        abstract=abstract,
        person_id=person,
        position=position,
        name=author["name"],
        given=author["given"],
        family=author["family"],
        orcid=author["orcid"],
        is_presenter=author["presenter"],
        is_group=author["group"],
    )
