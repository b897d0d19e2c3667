"""Persons and keywords of a batch: found by their keys, or created in bulk."""

from collections.abc import Iterable
from typing import Any

from ..models import Keyword, KeywordSynonym, Person, PersonName
from ..models.byline import person_key
from ..models.keyword import keyword_key, keyword_slug
from ..words.text import slugify
from .slugs import SlugPool


def index_name(author: dict[str, Any]) -> str:
    """The name under which an author stands in the index: as typed, without degrees, the given name first."""
    return f"{author['given']} {author['family']}".strip()[:300] or author["name"]


class PersonIndex:
    """Finds the person of an author line: by ORCID, else by the identical normalised name."""

    def __init__(self) -> None:
        self.slugs = SlugPool(_taken_person_slugs)

    def find(self, authors: Iterable[dict[str, Any]]) -> dict[tuple[str, str], int]:
        """Primary keys of persons, by (ORCID, name key); persons not known yet are created."""
        wanted: dict[tuple[str, str], dict[str, Any]] = {}
        for author in authors:
            key = person_lookup(author)
            # Of a name shouted here and written plainly there, the plain one is shown.
            if key[1] and (key not in wanted or wanted[key]["name"].isupper()):
                wanted[key] = author
        orcids = {orcid for orcid, _ in wanted if orcid}
        by_orcid = dict(Person.objects.filter(orcid__in=orcids).values_list("orcid", "pk")) if orcids else {}
        by_name = _by_name({name for _, name in wanted})
        found, new = {}, []
        for (orcid, name), author in wanted.items():
            pk = by_orcid.get(orcid) if orcid else None
            if pk is None and name in by_name and (not orcid or not by_name[name][1]):
                pk = by_name[name][0]
            if pk is None:
                new.append(((orcid, name), author))
            else:
                found[orcid, name] = pk
        return found | self._create(new, set(by_name))

    def _create(self, new: list[tuple[tuple[str, str], dict[str, Any]]], known: set[str]) -> dict[tuple[str, str], int]:
        slugs = self.slugs.reserve(slugify(index_name(author), 120) or "author" for _, author in new)
        people = Person.objects.bulk_create(
            Person(
                name=index_name(author),
                given=author["given"],
                family=author["family"],
                orcid=orcid or None,
                slug=slug,
            )
            for ((orcid, _), author), slug in zip(new, slugs, strict=True)
        )
        names: dict[str, PersonName] = {}
        for ((_, key), author), person in zip(new, people, strict=True):
            if key not in known and key not in names:
                names[key] = PersonName(person=person, name=index_name(author))
        PersonName.objects.bulk_create(names.values())
        return {key: person.pk for (key, _), person in zip(new, people, strict=True)}


def person_lookup(author: dict[str, Any]) -> tuple[str, str]:
    """What a person is looked up by: ORCID, or "", and the key of the name."""
    return author["orcid"], person_key(index_name(author))


def _by_name(keys: set[str]) -> dict[str, tuple[int, str]]:
    """Name key -> (person, their ORCID or "")."""
    rows = PersonName.objects.filter(key__in=keys).values_list("key", "person_id", "person__orcid")
    return {key: (pk, orcid or "") for key, pk, orcid in rows}


def _taken_person_slugs(slugs: list[str]) -> set[str]:
    taken = set(Person.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return taken | set(PersonName.objects.filter(slug__in=slugs).values_list("slug", flat=True))  # type: ignore[arg-type]


class KeywordIndex:
    """Finds the keyword of a label: by its own key, or a synonym's."""

    def __init__(self) -> None:
        self.slugs = SlugPool(_taken_keyword_slugs)
        self.known: dict[str, Keyword] = {}

    def find(self, labels: Iterable[str]) -> dict[str, Keyword]:
        """Keywords by key; those not known yet are created."""
        wanted = {keyword_key(label): label for label in labels}
        missing = [key for key in wanted if key not in self.known]
        self.known |= {keyword.key: keyword for keyword in Keyword.objects.filter(key__in=missing)}
        synonyms = KeywordSynonym.objects.filter(key__in=missing).select_related("keyword")
        for synonym in synonyms:
            self.known.setdefault(synonym.key, synonym.keyword)
        self._create([wanted[key] for key in missing if key not in self.known])
        return {key: self.known[key] for key in wanted}

    def _create(self, labels: list[str]) -> None:
        slugs = self.slugs.reserve(keyword_slug(label) for label in labels)
        new = [Keyword(name=label, slug=slug) for label, slug in zip(labels, slugs, strict=True)]
        self.known |= {keyword.key: keyword for keyword in Keyword.objects.bulk_create(new)}


def _taken_keyword_slugs(slugs: list[str]) -> set[str]:
    taken = set(Keyword.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return taken | set(KeywordSynonym.objects.filter(slug__in=slugs).values_list("slug", flat=True))
