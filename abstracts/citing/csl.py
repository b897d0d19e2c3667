"""Citations in the styles of CSL files, made by citeproc-py.

It gets its data ready to print: initials in the form that the style uses, titles with or without a final period.
"""

import datetime as dt
import functools
import threading
from pathlib import Path
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from ..reading import Document
from ..words.addresses import without_language
from .ama import with_period
from .marks import protected, restored
from .names import Name, name_of
from .registry import CslStyle

_FILES = Path(__file__).with_name("styles")
_KEY = "one"
# citeproc's style objects are not safe for two threads at a time.
_lock = threading.Lock()


def csl_html(document: Document, style: CslStyle, site_url: str, accessed: dt.date) -> str:
    """The citation of `document` as HTML; all its text is escaped."""
    item = _item(document, style, site_url, accessed)
    with _lock:
        bibliography = CitationStylesBibliography(_style(style.name), CiteProcJSON([item]), formatter.html)
        bibliography.register(Citation([CitationItem(_KEY)]))
        return restored(str(bibliography.bibliography()[0]))


@functools.cache
def _style(name: str) -> CitationStylesStyle:
    return CitationStylesStyle(str(_FILES / f"{name}.csl"), validate=False)


def _item(document: Document, style: CslStyle, site_url: str, accessed: dt.date) -> dict[str, Any]:
    abstract, meeting = document.abstract, document.abstract.meeting
    title = with_period(abstract.title) if style.ends_title else abstract.title.removesuffix(".")
    journal = meeting.journal or meeting.name
    texts = {
        "container-title": journal if style.has_dots else journal.removesuffix("."),
        "volume": meeting.volume.strip(),
        "issue": meeting.supplement.strip(),
        "URL": f"{site_url}{without_language(document.url)}",
    }
    return {
        "id": _KEY,
        "type": "article-journal",
        "title": protected(title, is_html=True),
        "author": [_author(name_of(author), style) for author in document.authors],
        "issued": {"date-parts": [[meeting.cited_year]]},
        "accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]},
        **{name: protected(value) for name, value in texts.items() if value},
    }


def _author(name: Name, style: CslStyle) -> dict[str, str]:
    if name.literal:
        # citeproc-py prints a lone family name as it is, and `literal` not at all.
        return {"family": protected(name.literal)}
    suffix = name.suffix.rstrip(".")
    if style.has_dots and suffix in ("Jr", "Sr"):
        suffix += "."
    parts = {"family": name.family, "given": style.given(name), "suffix": suffix}
    return {part: protected(value) for part, value in parts.items() if value}
