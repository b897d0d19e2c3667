"""Abstracts of the database in the form of `entries`, read in bulk."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ..models import (
    Abstract,
    AbstractKeyword,
    AbstractSource,
    Affiliation,
    AuthorAffiliation,
    AuthorLine,
    Figure,
    Presentation,
    Section,
)
from .entries import figure_value


def find(meeting_id: int, entries: Iterable[Any]) -> dict[tuple[str, str], Abstract]:
    """The abstracts of a meeting that `entries` may be, by ("number" | "reference" | "slug", its value)."""
    entries = list(entries)
    rows = Abstract.unfiltered.filter(meeting=meeting_id).select_related("tier")
    found = {("number", a.number): a for a in rows.filter(number__in={e.number for e in entries if e.number})}
    references = {entry.reference for entry in entries if entry.reference}
    if references:
        named = AbstractSource.objects.filter(abstract__meeting=meeting_id, reference__in=references)
        by_pk = rows.in_bulk(list(named.values_list("pk", flat=True)))
        found |= {("reference", ref): by_pk[pk] for pk, ref in named.values_list("pk", "reference")}
    slugs = {entry.slug for entry in entries if entry.slug and not entry.number and not entry.reference}
    if slugs:
        found |= {("slug", a.slug): a for a in rows.filter(slug__in=slugs)}
    return found  # type: ignore[return-value]


def values_of(abstracts: list[Abstract]) -> dict[int, dict[str, Any]]:
    """The `values` of each abstract, by primary key, every field present."""
    pks = [abstract.pk for abstract in abstracts]
    sections, bylines = _sections(pks), _bylines(pks)
    keywords, figures, sessions = _keywords(pks), _figures(pks), _sessions(pks)
    return {
        a.pk: {
            **_plain(a),
            "sections": sections[a.pk],
            "byline": bylines[a.pk],
            "keywords": keywords[a.pk],
            "figures": figures[a.pk],
            "sessions": sessions[a.pk],
        }
        for a in abstracts
    }


def _plain(abstract: Abstract) -> dict[str, Any]:
    names = ("title", "slug", "status", "status_note", "doi", "legacy_id", "disclosures", "trial_ids")
    listed = abstract.override_listed_from
    return {name: getattr(abstract, name) for name in names} | {
        "number": abstract.number or "",
        "tier": abstract.tier.name if abstract.tier else "",
        "first_published": abstract.first_published.isoformat() if abstract.first_published else "",
        "override": override_value(abstract.override_listing_level, listed),
    }


def override_value(level: int | None, listed_from: Any) -> dict[str, Any] | None:
    """The part of a per-abstract override that imports use: what shows before release, and from when."""
    return None if level is None else {"level": int(level), "listed_from": listed_from and listed_from.isoformat()}


def _sections(pks: list[int]) -> dict[int, list[list[str]]]:
    found = defaultdict(list)
    rows = Section.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk")
    for pk, label, html in rows.values_list("abstract_id", "label", "html"):
        found[pk].append([label, html])
    return found


def _keywords(pks: list[int]) -> dict[int, list[str]]:
    found = defaultdict(list)
    rows = AbstractKeyword.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk")
    for pk, label in rows.values_list("abstract_id", "label"):
        found[pk].append(label)
    return found


def _figures(pks: list[int]) -> dict[int, list[dict[str, str]]]:
    found = defaultdict(list)
    rows = Figure.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk")
    for pk, label, caption, alt, file, digest in rows.values_list(
        "abstract_id", "label", "caption", "alt", "original_name", "digest"
    ):
        found[pk].append(figure_value(label, caption, alt) | {"file": file, "digest": digest})
    return found


def _sessions(pks: list[int]) -> dict[int, list[dict[str, Any]]]:
    found = defaultdict(list)
    rows = Presentation.unfiltered.filter(abstract__in=pks).select_related("session").order_by("abstract_id", "pk")
    for row in rows:
        session = row.session
        found[row.abstract_id].append(
            {
                "code": session.code,
                "title": session.title,
                "type": session.type,
                "date": _iso(session.date),
                "start": _iso(session.start_time),
                "end": _iso(session.end_time),
                "place": session.place,
                "presentation_start": _iso(row.start_time),
                "presentation_end": _iso(row.end_time),
                "position": row.position,
            }
        )
    return found


def _bylines(pks: list[int]) -> dict[int, dict[str, list[Any]]]:
    found: dict[int, dict[str, list[Any]]] = defaultdict(lambda: {"affiliations": [], "authors": []})
    places: dict[int, int] = {}
    rows = Affiliation.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position")
    for pk, abstract, text in rows.values_list("pk", "abstract_id", "text"):
        found[abstract]["affiliations"].append(text)
        places[pk] = len(found[abstract]["affiliations"])
    links = defaultdict(list)
    pairs = AuthorAffiliation.unfiltered.filter(author__abstract__in=pks).order_by()
    for author, affiliation in pairs.values_list("author_id", "affiliation_id"):
        links[author].append(places[affiliation])
    for line in AuthorLine.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk"):
        found[line.abstract_id]["authors"].append(
            {
                "name": line.name,
                "given": line.given,
                "family": line.family,
                "orcid": line.orcid,
                "presenter": line.is_presenter,
                "group": line.is_group,
                "affiliations": sorted(links[line.pk]),
            }
        )
    return found


def _iso(value: Any) -> str:
    return value.isoformat() if value else ""
