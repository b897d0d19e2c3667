"""Abstracts of the database as values (`abstracts.importing.fields`), read in bulk."""

from collections import defaultdict
from collections.abc import Callable, Iterable
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
from .fields import author_value, figure_value, presentation_value, stored_values
from .incoming import IncomingAbstract


def find(meeting_id: int, batch: Iterable[IncomingAbstract]) -> dict[tuple[str, str], Abstract]:
    """The abstracts of a meeting that those of `batch` may be, by their keys (`IncomingAbstract.keys`)."""
    batch = list(batch)
    rows = Abstract.unfiltered.filter(meeting=meeting_id).select_related("tier")
    numbers = {incoming.number for incoming in batch if incoming.number}
    abstracts = {("number", row.number or ""): row for row in rows.filter(number__in=numbers)}
    references = {incoming.reference for incoming in batch if incoming.reference}
    if references:
        sources = AbstractSource.unfiltered.filter(abstract__meeting=meeting_id, reference__in=references)
        by_pk = rows.in_bulk(list(sources.values_list("pk", flat=True)))
        abstracts |= {("reference", ref): by_pk[pk] for pk, ref in sources.values_list("pk", "reference")}
    slugs = {incoming.slug for incoming in batch if incoming.keys and incoming.keys[0][0] == "slug"}
    if slugs:
        abstracts |= {("slug", row.slug): row for row in rows.filter(slug__in=slugs)}
    return abstracts


def values_of(abstracts: list[Abstract]) -> dict[int, dict[str, Any]]:
    """The values of each abstract, by primary key, every field present."""
    pks = [abstract.pk for abstract in abstracts]
    bylines, sessions = _bylines(pks), _sessions(pks)
    sections = _by_abstract(Section, pks, ["label", "html"], lambda label, html: [label, html])
    keywords = _by_abstract(AbstractKeyword, pks, ["label"], lambda label: label)
    figures = _by_abstract(Figure, pks, ["label", "caption", "alt", "original_name", "digest"], figure_value)
    return {
        a.pk: {
            **stored_values(a),
            "tier": a.tier.name if a.tier else "",
            "override": override_value(a.override_listing_level, a.override_listed_from),
            "sections": sections[a.pk],
            "byline": bylines[a.pk],
            "keywords": keywords[a.pk],
            "figures": figures[a.pk],
            "sessions": sessions[a.pk],
        }
        for a in abstracts
    }


PresentationRow = tuple[int, int, Any, Any]
PRESENTATION_COLUMNS = ("session_id", "position", "start_time", "end_time")


def presentations_of(pks: list[int]) -> dict[int, list[PresentationRow]]:
    """By abstract, the columns of its presentations, sorted by session."""
    presentations: dict[int, list[PresentationRow]] = defaultdict(list)
    rows = Presentation.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "session_id")
    for abstract, *columns in rows.values_list("abstract_id", *PRESENTATION_COLUMNS):
        presentations[abstract].append(tuple(columns))
    return presentations


def override_value(level: int | None, listed_from: Any) -> dict[str, Any] | None:
    """The part of a per-abstract override that imports use: what shows before release, and from when."""
    return None if level is None else {"level": int(level), "listed_from": listed_from and listed_from.isoformat()}


def _by_abstract(model: Any, pks: list[int], columns: list[str], value: Callable[..., Any]) -> dict[int, list[Any]]:
    """By abstract, the value of each row of `model`, made of its `columns`, in order."""
    values = defaultdict(list)
    rows = model.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk")
    for abstract, *cells in rows.values_list("abstract_id", *columns):
        values[abstract].append(value(*cells))
    return values


def _sessions(pks: list[int]) -> dict[int, list[dict[str, Any]]]:
    sessions = defaultdict(list)
    rows = Presentation.unfiltered.filter(abstract__in=pks).select_related("session").order_by("abstract_id", "pk")
    for row in rows:
        sessions[row.abstract_id].append(presentation_value(row.session, row))
    return sessions


def _bylines(pks: list[int]) -> dict[int, dict[str, list[Any]]]:
    bylines: dict[int, dict[str, list[Any]]] = defaultdict(lambda: {"affiliations": [], "authors": []})
    numbers: dict[int, int] = {}
    rows = Affiliation.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position")
    for pk, abstract, text in rows.values_list("pk", "abstract_id", "text"):
        bylines[abstract]["affiliations"].append(text)
        numbers[pk] = len(bylines[abstract]["affiliations"])
    affiliations = defaultdict(list)
    links = AuthorAffiliation.unfiltered.filter(author__abstract__in=pks).order_by()
    for author, affiliation in links.values_list("author_id", "affiliation_id"):
        affiliations[author].append(numbers[affiliation])
    for line in AuthorLine.unfiltered.filter(abstract__in=pks).order_by("abstract_id", "position", "pk"):
        bylines[line.abstract_id]["authors"].append(author_value(line, sorted(affiliations[line.pk])))
    return bylines
