"""How an abstract is cited, in one style or another.

The styles are CSL files beside this module, written for meeting abstracts, and citeproc-py reads them. It gets its
data ready to print: initials as the style has them, titles with or without their last period. AMA, which stands on
every abstract's page, has a fast way to the same words (`abstracts.citing.ama`).
"""

import datetime as dt
import functools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe

from ..models.embargo import clock
from ..reading import Document
from ..words import plain
from ..words.addresses import without_language
from .ama import ended, first_initial
from .marks import protected, restored
from .names import Name, name_of

KEEP = dt.timedelta(days=1)
_FILES = Path(__file__).with_name("styles")
_KEY = "one"
# A style object is no place for two threads.
_lock = threading.Lock()


class Citation(NamedTuple):
    """A citation with its italics, and as plain text."""

    html: SafeString
    text: str


def _dotted(name: Name) -> str:
    """“A. B.”, “J.-P.”."""
    words = name.given.replace(".", " ").split()
    return " ".join("-".join(f"{part[:1].upper()}." for part in word.split("-") if part) for word in words)


@dataclass(frozen=True)
class Style:
    """A style: the file `name`.csl, and what it wants of names and titles.

    `dots`: “Jr.”, not “Jr”; and a journal's last period is the name's, not the end of its part.
    """

    name: str
    label: str
    given: Callable[[Name], str]
    ends_title: bool
    dots: bool


_ALL = (
    Style("ama", "AMA", lambda name: first_initial(name.given), ends_title=True, dots=False),
    Style(
        "vancouver", "Vancouver (NLM)", lambda name: name.initials.replace("-", "")[:2], ends_title=False, dots=False
    ),
    Style("apa", "APA", _dotted, ends_title=False, dots=True),
    Style("chicago", "Chicago", lambda name: name.given, ends_title=True, dots=True),
    Style("mla", "MLA", lambda name: name.given, ends_title=True, dots=True),
    Style("harvard", "Harvard", lambda name: _dotted(name).replace(" ", ""), ends_title=False, dots=True),
)
# In the order of the page.
STYLES: dict[str, Style] = {style.name: style for style in _ALL}


def citations(document: Document, site_url: str, at: dt.datetime) -> Iterator[tuple[Style, Citation]]:
    """`document`, which is at least listed, in every style, as accessed on the day of `at`.

    Kept until the archive's revision moves. What is cited shows from a listing on, so that who asks makes no
    difference.
    """
    day = at.date()
    key = f"citations:{document.abstract.pk}:{clock(at).token}:{day}"
    found = caches["pages"].get(key)
    if found is None:
        found = {name: cite(document, style, site_url, day) for name, style in STYLES.items()}
        caches["pages"].set(key, found, KEEP.total_seconds())
    return ((style, found[name]) for name, style in STYLES.items())


def cite(document: Document, style: Style, site_url: str, accessed: dt.date) -> Citation:
    """`document` in `style`; `site_url` without a trailing slash."""
    item = _item(document, style, site_url, accessed)
    with _lock:
        bibliography = CitationStylesBibliography(_style(style.name), CiteProcJSON([item]), formatter.html)
        bibliography.register(Cited([CitationItem(_KEY)]))
        html = restored(str(bibliography.bibliography()[0]))
    return Citation(mark_safe(html), plain.line(html))  # noqa: S308  (fields were escaped by `protected`)


@functools.cache
def _style(name: str) -> CitationStylesStyle:
    return CitationStylesStyle(str(_FILES / f"{name}.csl"), validate=False)


def _item(document: Document, style: Style, site_url: str, accessed: dt.date) -> dict[str, Any]:
    abstract, meeting = document.abstract, document.abstract.meeting
    title = ended(abstract.title) if style.ends_title else abstract.title.removesuffix(".")
    journal = meeting.journal or meeting.name
    texts = {
        "container-title": journal if style.dots else journal.removesuffix("."),
        "volume": meeting.volume.strip(),
        "issue": meeting.supplement.strip(),
        "URL": f"{site_url}{without_language(document.url)}",
    }
    return {
        "id": _KEY,
        "type": "article-journal",
        "title": protected(title, is_html=True),
        "author": [_author(name_of(author), style) for author in document.authors],
        "issued": {"date-parts": [[meeting.citation_year or meeting.year]]},
        "accessed": {"date-parts": [[accessed.year, accessed.month, accessed.day]]},
        **{name: protected(value) for name, value in texts.items() if value},
    }


def _suffix(name: Name, style: Style) -> str:
    bare = name.suffix.rstrip(".")
    return f"{bare}." if style.dots and bare in ("Jr", "Sr") else bare


def _author(name: Name, style: Style) -> dict[str, str]:
    if name.literal:
        # citeproc-py prints a lone family name as it is, and `literal` not at all.
        return {"family": protected(name.literal)}
    parts = {"family": name.family, "given": style.given(name), "suffix": _suffix(name, style)}
    return {part: protected(value) for part, value in parts.items() if value}
