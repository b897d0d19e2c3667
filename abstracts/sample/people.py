"""Invented authors and where they work; bylines and disclosures as submission systems print them."""

import html
import random
from dataclasses import dataclass, replace
from functools import cache

from .dice import dice, words
from .slots import ACRONYMS

POOL_SIZE = {"english": 130, "spanish": 60, "chinese": 55}
OTHER_POOLS = 34


@dataclass(frozen=True)
class AffiliationPlan:
    text: str
    institution: str
    country: str


@dataclass(frozen=True)
class AuthorPlan:
    """One author: `name` as typed (perhaps shouted), `person` the name that stands in the author index."""

    name: str
    given: str
    family: str
    person: str
    homes: tuple[AffiliationPlan, ...] = ()
    orcid: str = ""
    is_presenter: bool = False
    is_group: bool = False


@cache
def institutions(pool: str) -> tuple[AffiliationPlan, ...]:
    """The affiliations that occur in one pool of names.toml: two or more in each of its places."""
    rng, found = dice("institutions", pool), {}
    pools, parts = words("names")["pools"], words("names")["institutions"]
    for place in pools[pool]["places"] * 3:
        town = place.split(",")[0]
        name = rng.choice(parts["names"]).format(town=town)
        country = "United States" if pools[pool]["country"] == "United States" else place.split(", ")[-1]
        found[f"{rng.choice(parts['departments'])}, {name}, {place}"] = (name, country)
    town = pools[pool]["places"][0]
    found[f"{rng.choice(parts['companies'])}, {town}"] = (None, None)
    return tuple(
        AffiliationPlan(text, name or text.split(",")[0], country or "") for text, (name, country) in found.items()
    )


@cache
def everyone() -> dict[str, list[AuthorPlan]]:
    """All invented persons, by pool; always the same."""
    pools = words("names")["pools"]
    return {name: _persons(name, pool, POOL_SIZE.get(name, OTHER_POOLS)) for name, pool in pools.items()}


def _persons(name: str, pool: dict, count: int) -> list[AuthorPlan]:
    rng = dice("people", name)
    pairs = [(given, family) for given in pool["given"] for family in pool["family"]]
    return [_person(rng, name, pool, *pair) for pair in rng.sample(pairs, min(count, len(pairs)))]


def _person(rng: random.Random, pool_name: str, pool: dict, given: str, family: str) -> AuthorPlan:
    if pool["middle"] and rng.random() < 0.4:
        given = f"{given} {rng.choice(pool['middle'])}"
    name = f"{given} {family}"
    if pool_name == "english" and rng.random() < 0.05:
        name += f" {rng.choice(words('names')['institutions']['suffixes'])}"
    homes = tuple(rng.sample(institutions(pool_name), 2 if rng.random() < 0.2 else 1))
    return AuthorPlan(name, given, family, name, homes, _orcid(rng) if rng.random() < 0.15 else "")


def _orcid(rng: random.Random) -> str:
    """An ORCID with a right check digit, of a block that is never given out (0000-0000-…)."""
    digits = f"00000000{rng.randint(0, 9_999_999):07}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = "0123456789X"[(12 - total % 11) % 11]
    return "-".join((digits + check)[i : i + 4] for i in range(0, 16, 4))


def byline(rng: random.Random, count: int) -> list[AuthorPlan]:
    """`count` different authors, most of one country, as they were typed; one of them presents."""
    people = everyone()
    home = rng.choice([*people, "english", "english", "spanish", "chinese"])
    team = rng.sample(people[home], min(len(people[home]), max(1, round(count * 0.5))))
    others = [p for pool, persons in people.items() if pool != home for p in persons]
    team += rng.sample(others, count - len(team))
    presenter = 0 if rng.random() < 0.85 else rng.randrange(count)
    return [replace(_as_typed(rng, p), is_presenter=i == presenter) for i, p in enumerate(team)]


def _as_typed(rng: random.Random, person: AuthorPlan) -> AuthorPlan:
    luck = rng.random()
    if luck > 0.04:
        return person
    type_as = str.upper if luck < 0.028 else str.lower
    return replace(person, name=type_as(person.name), given=type_as(person.given), family=type_as(person.family))


def crowd(rng: random.Random, authors: int, affiliations: int) -> list[AuthorPlan]:
    """As many authors with exactly as many different affiliations; every fifth author has two."""
    places = [a for pool in words("names")["pools"] for a in institutions(pool)]
    places = rng.sample(places, affiliations)
    team = [
        replace(p, homes=(places[i % affiliations], *([places[(i * 7 + 3) % affiliations]] if i % 5 == 0 else [])))
        for i, p in enumerate(byline(rng, authors))
    ]
    return [replace(p, homes=tuple(dict.fromkeys(p.homes))) for p in team]


def study_group(rng: random.Random) -> AuthorPlan:
    """A group as an author: no given name, no affiliation."""
    name = rng.choice(words("names")["institutions"]["groups"]).format(trial=rng.choice(ACRONYMS))
    return AuthorPlan(name, "", "", name, is_group=True)


def disclosures(rng: random.Random, authors: list[AuthorPlan]) -> str:
    """HTML: what each author discloses, by initial and family name; the numbers are kinds of interest."""
    companies = words("names")["institutions"]["companies"]
    said = []
    for author in authors:
        if author.is_group:
            continue
        some = rng.sample(companies, rng.choice((0, 0, 0, 0, 1, 2)))
        interests = [f"{c}, {', '.join(map(str, sorted(rng.sample(range(1, 13), rng.randint(1, 3)))))}" for c in some]
        said.append(f"{author.given[:1]}. {author.family}: {', '.join(interests) or 'None'}")
    return f"<p>{html.escape('; '.join(said), quote=False)}.</p>"
