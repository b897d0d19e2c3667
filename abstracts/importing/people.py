"""Persons and keywords of a batch: looked up by their keys, or planned, to be created in bulk."""

from collections.abc import Iterable
from typing import Any

from ..models import Keyword, KeywordSynonym, Person, PersonName
from ..models.byline import new_person_slug, person_key
from ..models.keyword import keyword_key, keyword_slug
from ..words.identifiers import is_orcid
from ..words.text import slug_token
from .bulk import Keys

# The ORCID iD of an author ("" unless it is valid) and the key of the name.
PersonLookup = tuple[str, str]


def index_name(author: dict[str, Any]) -> str:
    """The name of an author in the author index: without degrees, the given name first."""
    return f"{author['given']} {author['family']}".strip()[:300] or author["name"]


def person_lookup(author: dict[str, Any]) -> PersonLookup:
    """What the person of an author is looked up by. An ORCID iD with a wrong check digit identifies nobody."""
    return author["orcid"] if is_orcid(author["orcid"]) else "", person_key(index_name(author))


class PersonIndex:
    """Looks up the person of an author: by ORCID iD, else by the identical normalized name."""

    def __init__(self, keys: Keys | None = None) -> None:
        self.keys = keys or Keys()
        # Those that do not exist yet, and those that were given out and may be written by now.
        self.new: list[Person] = []
        self.new_names: list[PersonName] = []
        self.by_orcid: dict[str, int] = {}
        self.by_name: dict[str, tuple[int, str]] = {}

    def get_or_create(self, authors: Iterable[dict[str, Any]]) -> dict[PersonLookup, int]:
        """Primary keys of the persons of `authors`; persons that do not exist yet are created."""
        persons = self.get_or_plan(authors)
        new, names = self.take_new()
        Person.unfiltered.bulk_create(new)
        PersonName.unfiltered.bulk_create(names)
        return persons

    def take_new(self) -> tuple[list[Person], list[PersonName]]:
        """The planned persons and names that the caller now creates."""
        taken = self.new, self.new_names
        self.new, self.new_names = [], []
        return taken

    def get_or_plan(self, authors: Iterable[dict[str, Any]]) -> dict[PersonLookup, int]:
        """Primary keys of the persons of `authors`; persons that do not exist yet are planned."""
        by_lookup: dict[PersonLookup, dict[str, Any]] = {}
        for author in authors:
            lookup = person_lookup(author)
            # Of a name in capitals here and in usual letters there, the latter is shown.
            if lookup[1] and (lookup not in by_lookup or by_lookup[lookup]["name"].isupper()):
                by_lookup[lookup] = author
        by_orcid = _persons_by_orcid({orcid for orcid, _ in by_lookup if orcid}) | self.by_orcid
        by_name = _persons_by_name({name for _, name in by_lookup}) | self.by_name
        persons: dict[PersonLookup, int] = {}
        new: dict[PersonLookup, dict[str, Any]] = {}
        for lookup, author in by_lookup.items():
            orcid, name = lookup
            if orcid in by_orcid:
                persons[lookup] = by_orcid[orcid]
            elif name in by_name and (not orcid or not by_name[name][1]):
                persons[lookup] = by_name[name][0]
            else:
                new[lookup] = author
        return persons | self._plan(new, by_name)

    def _plan(
        self, new: dict[PersonLookup, dict[str, Any]], known_names: dict[str, tuple[int, str]]
    ) -> dict[PersonLookup, int]:
        # One person for all the names that come with one ORCID iD.
        keys = {lookup: (lookup[0] or lookup) for lookup in new}
        firsts = {key: lookup for lookup, key in reversed(keys.items())}
        lookups = [lookup for lookup, key in keys.items() if firsts[key] == lookup]
        created = [
            Person(
                name=index_name(new[lookup]),
                given=new[lookup]["given"],
                family=new[lookup]["family"],
                orcid=lookup[0] or None,
                slug=new_person_slug(index_name(new[lookup])),
            )
            for lookup in lookups
        ]
        self.keys.give(created)
        persons = {keys[lookup]: person for lookup, person in zip(lookups, created, strict=True)}
        names: dict[str, PersonName] = {}
        for lookup, author in new.items():
            if (name := lookup[1]) not in known_names and name not in names:
                names[name] = PersonName(person=persons[keys[lookup]], name=index_name(author))
        self.keys.give(list(names.values()))
        self.new += created
        self.new_names += names.values()
        self.by_orcid |= {person.orcid: person.pk for person in created if person.orcid}
        self.by_name |= {name: (row.person.pk, row.person.orcid or "") for name, row in names.items()}
        return {lookup: persons[key].pk for lookup, key in keys.items()}


def _persons_by_orcid(orcids: set[str]) -> dict[str, int]:
    if not orcids:
        return {}
    return dict(Person.unfiltered.filter(orcid__in=orcids).values_list("orcid", "pk"))  # type: ignore[arg-type]


def _persons_by_name(keys: set[str]) -> dict[str, tuple[int, str]]:
    """By name key: the person, and their ORCID iD or ""."""
    rows = PersonName.unfiltered.filter(key__in=keys).values_list("key", "person_id", "person__orcid")
    return {key: (pk, orcid or "") for key, pk, orcid in rows}


class KeywordIndex:
    """Looks up the keyword of a label: by its own key, or by a synonym's."""

    def __init__(self, keys: Keys | None = None) -> None:
        self.keys = keys or Keys()
        self.keywords: dict[str, Keyword] = {}
        self.new: list[Keyword] = []

    def get_or_create(self, labels: Iterable[str]) -> dict[str, Keyword]:
        """Keywords by key; those that do not exist yet are created."""
        keywords = self.get_or_plan(labels)
        Keyword.unfiltered.bulk_create(self.take_new())
        return keywords

    def take_new(self) -> list[Keyword]:
        """The planned keywords that the caller now creates."""
        taken, self.new = self.new, []
        return taken

    def get_or_plan(self, labels: Iterable[str]) -> dict[str, Keyword]:
        """Keywords by key; those that do not exist yet are planned."""
        by_key = {keyword_key(label): label for label in labels}
        missing = [key for key in by_key if key not in self.keywords]
        self.keywords |= {keyword.key: keyword for keyword in Keyword.unfiltered.filter(key__in=missing)}
        for synonym in KeywordSynonym.unfiltered.filter(key__in=missing).select_related("keyword"):
            self.keywords.setdefault(synonym.key, synonym.keyword)
        self._plan([by_key[key] for key in missing if key not in self.keywords])
        return {key: self.keywords[key] for key in by_key}

    def _plan(self, labels: list[str]) -> None:
        new = [Keyword(name=label, slug=keyword_slug(label)) for label in labels]
        taken = _taken_slugs([keyword.slug for keyword in new])
        self.keys.give(new)
        for keyword in new:
            if keyword.slug in taken:
                # Staff renamed the keyword that had this name, and it kept its address.
                keyword.slug += f"-{slug_token()}"
            keyword.derive()
        self.new += new
        self.keywords |= {keyword.key: keyword for keyword in new}


def _taken_slugs(slugs: list[str]) -> set[str]:
    keywords = Keyword.unfiltered.filter(slug__in=slugs).values_list("slug", flat=True)
    return {*keywords, *KeywordSynonym.unfiltered.filter(slug__in=slugs).values_list("slug", flat=True)}
