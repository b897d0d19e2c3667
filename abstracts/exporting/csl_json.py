"""CSL-JSON, for Zotero, Pandoc, Quarto, and all citation processors."""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from ..citing.names import Name
from ..reading import Document
from .contract import About
from .reference import reference_of

_TAG = re.compile(r"<(/?)(\w+)>")
_RICH = {"i": "i", "em": "i", "b": "b", "strong": "b", "sub": "sub", "sup": "sup"}


class CslJson:
    name = "csl-json"
    label = "CSL-JSON"
    extension = "json"
    content_type = "application/vnd.citationstyles.csl+json"

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        """One JSON array, one item a line."""
        before = "[\n"
        for document in documents:
            yield f"{before}{json.dumps(item_of(document, about), ensure_ascii=False)}".encode()
            before = ",\n"
        yield b"[]\n" if before == "[\n" else b"\n]\n"


def item_of(document: Document, about: About) -> dict[str, Any]:
    """The item of `document`, without empty fields."""
    reference = reference_of(document, about)
    item = {
        "id": reference.key,
        "type": "article-journal" if reference.journal else "paper-conference",
        "title": rich(document.abstract.title),
        "author": [name_item(name) for name in reference.names],
        "container-title": reference.container,
        "container-title-short": reference.journal,
        "event-title": reference.meeting,
        "event-place": reference.city,
        "event-date": _date(document.slots[0].session.date) if document.slots else None,
        "issued": {"date-parts": [[reference.year]]},
        "volume": reference.volume,
        "issue": reference.supplement,
        "number": reference.number,
        "genre": "Meeting abstract",
        "keyword": "; ".join(reference.keywords),
        "abstract": reference.text,
        "DOI": reference.doi,
        "URL": reference.url,
        "accessed": _date(about.accessed),
        "source": about.site_name,
        "note": "\n".join(reference.notes),
    }
    return {name: value for name, value in item.items() if value}


def rich(markup: str) -> str:
    """A title with the HTML-like tags that CSL knows (i, b, sub, sup); all else is text, not escaped."""
    return unescape(_TAG.sub(lambda tag: f"<{tag[1]}{_RICH[tag[2]]}>" if tag[2] in _RICH else "", markup))


def name_item(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _date(day) -> dict[str, Any] | None:
    return {"date-parts": [[day.year, day.month, day.day]]} if day else None
