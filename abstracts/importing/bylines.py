"""Writes bylines in bulk: affiliations, author lines, and the links between them."""

from collections.abc import Iterable
from typing import Any

from ..models import Abstract, Affiliation, AuthorAffiliation, AuthorLine
from .affiliations import recognise
from .people import PersonIndex, person_lookup

BATCH = 500


def write_bylines(bylines: list[tuple[Abstract, dict[str, Any]]], replaced: list[int], people: PersonIndex) -> None:
    """Write the byline (as in `entries`) of each abstract; those of the abstracts `replaced` make room first."""
    former = _former_persons(replaced)
    if replaced:
        AuthorLine.unfiltered.filter(abstract__in=replaced).delete()
        Affiliation.unfiltered.filter(abstract__in=replaced).delete()
    persons = people.get_or_create(author for _, byline in bylines for author in byline["authors"])
    affiliations, lines, links = [], [], []
    for abstract, byline in bylines:
        places = list(_affiliations(abstract, byline["affiliations"]))
        affiliations += places
        for position, author in enumerate(byline["authors"]):
            person = former.get((abstract.pk, author["name"])) or persons.get(person_lookup(author))
            lines.append(_line(abstract, position, author, person))
            links += [(lines[-1], places[number - 1]) for number in author["affiliations"]]
    Affiliation.unfiltered.bulk_create(affiliations, batch_size=BATCH)
    AuthorLine.unfiltered.bulk_create(lines, batch_size=BATCH)
    AuthorAffiliation.unfiltered.bulk_create(
        [AuthorAffiliation(author=line, affiliation=place) for line, place in links], batch_size=BATCH
    )


def _former_persons(pks: list[int]) -> dict[tuple[int, str], int]:
    """The persons that author lines had: staff may have told them apart."""
    if not pks:
        return {}
    rows = AuthorLine.unfiltered.filter(abstract__in=pks, person__isnull=False)
    return {(abstract, name): person for abstract, name, person in rows.values_list("abstract_id", "name", "person_id")}


def _affiliations(abstract: Abstract, texts: Iterable[str]) -> Iterable[Affiliation]:
    for number, text in enumerate(texts, 1):
        found = recognise(text)
        yield Affiliation(
            abstract=abstract, position=number, text=text, institution=found.institution, country=found.country
        )


def _line(abstract: Abstract, position: int, author: dict[str, Any], person: int | None) -> AuthorLine:
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
