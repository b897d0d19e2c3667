"""JSON Lines in the format of docs/import.md: importing a file that was exported changes nothing.

What that format does not know stays away: addresses of images, persons' pages, instants of embargoes.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..importing.markup import resolve_entities
from ..models import SlugRedirect
from ..reading import Document, Slot
from .contract import About
from .reference import embargo_note

BATCH = 200


class JsonLines:
    name = "jsonl"
    label = "JSON Lines"
    extension = "jsonl"
    content_type = "application/x-ndjson; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        for batch in _batches(documents):
            former = _former_slugs(batch) if about.for_staff else {}
            for document in batch:
                line = _listing(document, about)
                if about.for_staff:
                    line["former_slugs"] = former.get(document.abstract.pk, [])
                line |= _text(document) if document.is_full else {}
                if note := embargo_note(document):
                    line["embargo"] = note
                yield f"{json.dumps(line, ensure_ascii=False)}\n".encode()


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _former_slugs(batch: list[Document]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = SlugRedirect.objects.of([document.abstract for document in batch]).order_by("slug")
    for pk, slug in rows.values_list("abstract_id", "slug"):
        found.setdefault(pk, []).append(slug)
    return found


def typed(text: str) -> str:
    """`text` as an import understands it: an import resolves entities, and “&amp;” may be what stands there."""
    return text.replace("&", "&amp;") if resolve_entities(text) != text else text


def _listing(document: Document, about: About) -> dict[str, Any]:
    """What a listing shows; the tier, too, where `about` tells its name."""
    abstract = document.abstract
    line: dict[str, Any] = {"meeting": abstract.meeting.slug}
    if abstract.number:
        line["number"] = abstract.number
    note = abstract.status_note if about.for_staff else document.note
    line |= {"slug": abstract.slug, "status": abstract.status, "status_note": note}
    if about.tiers:
        line["tier"] = about.tiers.get(abstract.tier_id or 0, "")
    if abstract.legacy_id is not None:
        line["legacy_id"] = abstract.legacy_id
    places = {affiliation.position: place for place, affiliation in enumerate(document.affiliations, 1)}
    return line | {
        "title": abstract.title,
        "affiliations": [typed(affiliation.text) for affiliation in document.affiliations],
        "authors": [
            {
                "name": typed(author.name),
                "given": typed(author.given),
                "family": typed(author.family),
                "orcid": author.orcid,
                "presenter": author.is_presenter,
                "group": author.is_group,
                "affiliations": [places[number] for number in author.numbers],
            }
            for author in document.authors
        ],
        "keywords": [typed(keyword.label) for keyword in document.keywords],
        "sessions": [_session(slot) for slot in document.slots],
    }


def _session(slot: Slot) -> dict[str, Any]:
    session = slot.session
    return {
        "code": typed(session.code),
        "title": typed(session.title),
        "type": typed(session.type),
        "date": _iso(session.date),
        "start": _iso(session.start_time),
        "end": _iso(session.end_time),
        "place": typed(session.place),
        "position": slot.position,
        "presentation_start": _iso(slot.start_time),
        "presentation_end": _iso(slot.end_time),
    }


def _text(document: Document) -> dict[str, Any]:
    abstract = document.abstract
    return {
        "doi": abstract.doi,
        "first_published": _iso(abstract.first_published),
        "trial_ids": abstract.trial_id_list,
        "sections": [{"label": typed(section.label), "html": section.html} for section in document.sections],
        "disclosures_html": abstract.disclosures,
        "figures": [
            {"label": typed(v.figure.label), "caption": v.figure.caption, "alt": typed(v.figure.alt)}
            for v in document.figures
        ],
    }


def _iso(value: Any) -> str:
    return value.isoformat() if value else ""
