"""Writes bylines in bulk: affiliations, author lines, and the links between them."""

from typing import Any

from ..models import Abstract, Affiliation, AuthorAffiliation, AuthorLine
from .affiliations import parse_affiliation
from .people import PersonIndex, person_lookup

BATCH = 500


def write_bylines(bylines: list[tuple[Abstract, dict[str, Any]]], replaced: list[int], people: PersonIndex) -> None:
    """Write the byline value of each abstract. The rows so far of the abstracts `replaced` are deleted first."""
    former_persons = _former_persons(replaced)
    if replaced:
        AuthorLine.unfiltered.filter(abstract__in=replaced).delete()
        Affiliation.unfiltered.filter(abstract__in=replaced).delete()
    persons = people.get_or_create(author for _, byline in bylines for author in byline["authors"])
    affiliations, lines, links = [], [], []
    for abstract, byline in bylines:
        rows = [_affiliation(abstract, number, text) for number, text in enumerate(byline["affiliations"], 1)]
        affiliations += rows
        for position, author in enumerate(byline["authors"]):
            person = former_persons.get((abstract.pk, author["name"])) or persons.get(person_lookup(author))
            line = _author_line(abstract, position, author, person)
            lines.append(line)
            links += [(line, rows[number - 1]) for number in author["affiliations"]]
    Affiliation.unfiltered.bulk_create(affiliations, batch_size=BATCH)
    AuthorLine.unfiltered.bulk_create(lines, batch_size=BATCH)
    AuthorAffiliation.unfiltered.bulk_create(
        [AuthorAffiliation(author=line, affiliation=affiliation) for line, affiliation in links], batch_size=BATCH
    )


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
