"""The sample's entries in the keyword and the author index. What is there already is used, never changed."""

from collections.abc import Iterable

from ..models import Keyword, KeywordSynonym, Person, PersonName
from ..models.byline import person_key
from ..models.keyword import keyword_key, keyword_slug
from ..words.text import slugify
from .people import AuthorPlan, everyone

SYNONYMS = {
    "SLE": "Systemic lupus erythematosus (SLE)",
    "Lupus": "Systemic lupus erythematosus (SLE)",
    "Sjögren's syndrome": "Sjögren's disease",
    "RA": "rheumatoid arthritis",
    "Temporal arteritis": "Giant cell arteritis",
    "MRI": "magnetic resonance imaging (MRI)",
    "Behçet's disease": "Behçet's syndrome",
    "Ankylosing spondylitis": "Axial spondyloarthritis",
}


def keyword_rows(names: Iterable[str]) -> dict[str, Keyword]:
    """The keyword of each of `names`; missing ones are made, with the sample's synonyms."""
    keys = {name: keyword_key(name) for name in dict.fromkeys(names)}
    found = {k.key: k for k in Keyword.objects.filter(key__in=keys.values())}
    synonyms = KeywordSynonym.objects.filter(key__in=keys.values()).select_related("keyword")
    found |= {s.key: s.keyword for s in synonyms if s.key not in found}
    missing = {key: name for name, key in keys.items() if key not in found}
    found |= {k.key: k for k in Keyword.objects.bulk_create(Keyword(name=name) for name in missing.values())}
    rows = {name: found[key] for name, key in keys.items()}
    _add_synonyms(rows)
    return rows


def _add_synonyms(rows: dict[str, Keyword]) -> None:
    keys = {name: keyword_key(name) for name, of in SYNONYMS.items() if of in rows}
    taken = {
        *Keyword.objects.filter(key__in=keys.values()).values_list("key", flat=True),
        *KeywordSynonym.objects.filter(key__in=keys.values()).values_list("key", flat=True),
    }
    slugs = {*Keyword.objects.filter(slug__in=map(keyword_slug, keys)).values_list("slug", flat=True)}
    KeywordSynonym.objects.bulk_create(
        KeywordSynonym(keyword=rows[SYNONYMS[name]], name=name)
        for name, key in keys.items()
        if key not in taken and keyword_slug(name) not in slugs
    )


def person_rows(authors: Iterable[AuthorPlan]) -> dict[str, Person]:
    """The person of each author, by `AuthorPlan.person`; one with the same name is the same, missing ones are made."""
    names = {author.person: author for author in authors}
    names |= {p.person: p for pool in everyone().values() for p in pool if p.person in names}
    keys = {name: person_key(name) for name in names}
    wanted = [*keys.values()]
    found = {n.key: n.person for n in PersonName.objects.filter(key__in=wanted).select_related("person")}
    missing = {key: names[name] for name, key in keys.items() if key not in found}
    orcids = {*Person.objects.filter(orcid__in=[p.orcid for p in missing.values()]).values_list("orcid", flat=True)}
    slugs = _free_slugs([p.person for p in missing.values()])
    made = Person.objects.bulk_create(
        Person(
            name=p.person, given=p.given, family=p.family, slug=slug, orcid=p.orcid if p.orcid not in orcids else None
        )
        for p, slug in zip(missing.values(), slugs, strict=True)
    )
    PersonName.objects.bulk_create(PersonName(person=row, name=row.name) for row in made)
    found |= dict(zip(missing, made, strict=True))
    return {name: found[key] for name, key in keys.items()}


def _free_slugs(names: list[str]) -> list[str]:
    bases = [slugify(name, 120) or "author" for name in names]
    taken = {
        *Person.objects.filter(slug__in=bases).values_list("slug", flat=True),
        *PersonName.objects.filter(slug__in=bases).values_list("slug", flat=True),
    }
    slugs = []
    for base in bases:
        slugs.append(next(s for s in (base, *(f"{base}-sample-{n}" for n in range(1, 1000))) if s not in taken))
        taken.add(slugs[-1])
    return slugs
