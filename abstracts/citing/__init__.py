"""Citations of an abstract in several styles.

AMA is a function (`abstracts.citing.ama`). The other styles are CSL files in `styles`, written for meeting abstracts.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe

from ..models.embargo import public_state
from ..reading import Document
from ..words import plain
from .ama import ama_html, ama_text
from .registry import STYLES, CslStyle, Style

__all__ = ["STYLES", "Citation", "Style", "citations", "cite"]

CACHED_FOR = dt.timedelta(days=1)


class Citation(NamedTuple):
    """A citation as HTML with italics, and as plain text."""

    html: SafeString
    text: str


def citations(document: Document, site_url: str, at: dt.datetime) -> Iterator[tuple[Style, Citation]]:
    """The citation of `document`, which is at least titled, in each style; the access date is the day of `at`.

    Cached until the archive's revision changes, for each level: a title comes without authors, a listing without DOI.
    """
    day = at.date()
    key = f"citations:{document.abstract.pk}:{document.abstract.level}:{public_state(at).token}:{day}"
    by_name = caches["pages"].get(key)
    if by_name is None:
        by_name = {name: cite(document, style, site_url, day) for name, style in STYLES.items()}
        caches["pages"].set(key, by_name, CACHED_FOR.total_seconds())
    return ((style, by_name[name]) for name, style in STYLES.items())


def cite(document: Document, style: Style, site_url: str, accessed: dt.date) -> Citation:
    """`document` in `style`; `site_url` has no trailing slash."""
    if not isinstance(style, CslStyle):
        return Citation(ama_html(document, site_url, accessed), ama_text(document, site_url, accessed))
    from .csl import csl_html  # citeproc-py takes 4 MB, and few pages need it

    html = csl_html(document, style, site_url, accessed)
    return Citation(mark_safe(html), plain.line(html))  # noqa: S308  (all its text is escaped)
