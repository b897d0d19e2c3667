"""Citations of an abstract in several styles.

AMA is a function (`abstracts.citing.ama`). The other styles are CSL files beside this module, written for meeting
abstracts and read by citeproc-py, which gets its data ready to print: initials in the form that the style uses, titles
with or without a final period.
"""

import datetime as dt
import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from citeproc import Citation as CiteprocCitation
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe

from ..models.embargo import public_state
from ..reading import Document
from ..words import plain
from ..words.addresses import without_language
from .ama import ama_html, ama_text, with_period
from .marks import protected, restored
from .names import Name, name_of

CACHED_FOR = dt.timedelta(days=1)
_FILES = Path(__file__).with_name("styles")
_KEY = "one"
# citeproc's style objects are not safe for two threads at a time.
_lock = threading.Lock()


class Citation(NamedTuple):
    """A citation as HTML with italics, and as plain text."""

    html: SafeString
    text: str


def _dotted_initials(name: Name) -> str:
    """“A. B.”, “J.-P.”."""
    words = name.given.replace(".", " ").split()
    return " ".join("-".join(f"{part[:1].upper()}." for part in word.split("-") if part) for word in words)


@dataclass(frozen=True)
class Style:
    """A citation style: its name in addresses, and its label on the page."""

    name: str
    label: str


@dataclass(frozen=True)
class CslStyle(Style):
    """The style of the file `name`.csl, and how it wants names and titles prepared.

    `given` writes given names. `ends_title`: titles end in a period. `has_dots`: the suffix is “Jr.” and not “Jr”, and
    a journal's name keeps its own final period.
    """

    given: Callable[[Name], str]
    ends_title: bool
    has_dots: bool


_ALL = (
    Style("ama", "AMA"),
    CslStyle("vancouver", "Vancouver (NLM)", lambda name: name.initials.replace("-", "")[:2], False, False),
    CslStyle("apa", "APA", _dotted_initials, ends_title=False, has_dots=True),
    CslStyle("chicago", "Chicago", lambda name: name.given, ends_title=True, has_dots=True),
    CslStyle("mla", "MLA", lambda name: name.given, ends_title=True, has_dots=True),
    CslStyle("harvard", "Harvard", lambda name: _dotted_initials(name).replace(" ", ""), False, True),
)
# In the order of the page.
STYLES: dict[str, Style] = {style.name: style for style in _ALL}


def citations(document: Document, site_url: str, at: dt.datetime) -> Iterator[tuple[Style, Citation]]:
    """The citation of `document`, which is at least listed, in each style; the access date is the day of `at`.

    Cached until the archive's revision changes. All that a citation shows is public with the listing, so the viewer
    makes no difference.
    """
    day = at.date()
    key = f"citations:{document.abstract.pk}:{public_state(at).token}:{day}"
    by_name = caches["pages"].get(key)
    if by_name is None:
        by_name = {name: cite(document, style, site_url, day) for name, style in STYLES.items()}
        caches["pages"].set(key, by_name, CACHED_FOR.total_seconds())
    return ((style, by_name[name]) for name, style in STYLES.items())


def cite(document: Document, style: Style, site_url: str, accessed: dt.date) -> Citation:
    """`document` in `style`; `site_url` has no trailing slash."""
    if not isinstance(style, CslStyle):
        return Citation(ama_html(document, site_url, accessed), ama_text(document, site_url, accessed))
    item = _csl_item(document, style, site_url, accessed)
    with _lock:
        bibliography = CitationStylesBibliography(_csl(style.name), CiteProcJSON([item]), formatter.html)
        bibliography.register(CiteprocCitation([CitationItem(_KEY)]))
        html = restored(str(bibliography.bibliography()[0]))
    return Citation(mark_safe(html), plain.line(html))  # noqa: S308  (fields were escaped by `protected`)


@functools.cache
def _csl(name: str) -> CitationStylesStyle:
    return CitationStylesStyle(str(_FILES / f"{name}.csl"), validate=False)


def _csl_item(document: Document, style: CslStyle, site_url: str, accessed: dt.date) -> dict[str, Any]:
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
        "author": [_csl_author(name_of(author), style) for author in document.authors],
        "issued": {"date-parts": [[meeting.cited_year]]},
        "accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]},
        **{name: protected(value) for name, value in texts.items() if value},
    }


def _csl_author(name: Name, style: CslStyle) -> dict[str, str]:
    if name.literal:
        # citeproc-py prints a lone family name as it is, and `literal` not at all.
        return {"family": protected(name.literal)}
    suffix = name.suffix.rstrip(".")
    if style.has_dots and suffix in ("Jr", "Sr"):
        suffix += "."
    parts = {"family": name.family, "given": style.given(name), "suffix": suffix}
    return {part: protected(value) for part, value in parts.items() if value}
