"""JSON Lines in the format of docs/import.md: importing an exported file changes nothing.

What that format does not have is left out: addresses of images, pages of persons, instants of embargoes.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from ..importing.fields import FIELDS, author_value, presentation_value
from ..importing.typed_text import resolve_entities
from ..models import SlugRedirect
from ..reading import Document
from .contract import About
from .reference import embargo_note

BATCH = 200


class JsonLines:
    name = "jsonl"
    label = "JSON Lines"
    extension = "jsonl"
    content_type = "application/x-ndjson; charset=utf-8"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        documents = iter(documents)
        while batch := list(islice(documents, BATCH)):
            former_slugs = _former_slugs(batch) if about.for_staff else {}
            for document in batch:
                line = _listing(document, about)
                if about.for_staff:
                    line["former_slugs"] = former_slugs.get(document.abstract.pk, [])
                line |= _text(document) if document.is_full else {}
                if note := embargo_note(document):
                    line["embargo"] = note
                yield f"{json.dumps(line, ensure_ascii=False)}\n".encode()


def _former_slugs(batch: list[Document]) -> dict[int, list[str]]:
    slugs: dict[int, list[str]] = {}
    rows = SlugRedirect.objects.of([document.abstract for document in batch]).order_by("slug")
    for pk, slug in rows.values_list("abstract_id", "slug"):
        slugs.setdefault(pk, []).append(slug)
    return slugs


def escape_entities(value: Any) -> Any:
    """Text so that an import, which resolves entities, reads it as it is: “&amp;” may be what was typed.

    The texts of a dictionary are escaped; other values are returned unchanged.
    """
    if isinstance(value, dict):
        return {key: escape_entities(part) for key, part in value.items()}
    if isinstance(value, str) and resolve_entities(value) != value:
        return value.replace("&", "&amp;")
    return value


def _listing(document: Document, about: About) -> dict[str, Any]:
    """What a listing shows; and the name of the tier, if `about` has it."""
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
    numbers = {affiliation.position: number for number, affiliation in enumerate(document.affiliations, 1)}
    return line | {
        "title": abstract.title,
        "affiliations": [escape_entities(affiliation.text) for affiliation in document.affiliations],
        "authors": [
            escape_entities(author_value(author, [numbers[number] for number in author.numbers]))
            for author in document.authors
        ],
        "keywords": [escape_entities(keyword.label) for keyword in document.keywords],
        "sessions": [escape_entities(presentation_value(slot.session, slot)) for slot in document.slots],
    }


def _text(document: Document) -> dict[str, Any]:
    abstract = document.abstract
    return {
        **{name: FIELDS[name].dump(abstract) for name in ("doi", "first_published")},
        "trial_ids": abstract.trial_id_list,
        "sections": [{"label": escape_entities(section.label), "html": section.html} for section in document.sections],
        "disclosures_html": abstract.disclosures,
        "figures": [
            {
                "label": escape_entities(view.figure.label),
                "caption": view.figure.caption,
                "alt": escape_entities(view.figure.alt),
            }
            for view in document.figures
        ],
    }
