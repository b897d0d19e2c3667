"""Lists of abstracts as PDF."""

import datetime as dt
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import ngettext

from ..reading import Document
from . import content
from .compiling import prepare, typeset
from .pictures import Pictures

LAYOUTS = ("compact", "abstracts", "pages")
PAPERS = {"letter": "us-letter", "a4": "a4"}
# Seconds that a request waits for a print at most.
PATIENCE = 100


@dataclass(frozen=True)
class Printout:
    """What a print is to look like and says of itself. `site_url` has no trailing slash; `made_at` is aware."""

    title: str
    site_name: str
    site_url: str
    made_at: dt.datetime
    layout: str = "abstracts"
    paper: str = "letter"


def pdf_of(documents: Iterable[Document], printout: Printout) -> bytes:
    """The PDF of `documents` in their order; of none, a page that says so. Raises NotTypeset."""
    found = list(documents)
    with tempfile.TemporaryDirectory(prefix="print-") as name:
        folder = Path(name)
        groups = content.by_meeting(found, Pictures(folder), printout.site_url)
        count = ngettext("%(count)d abstract", "%(count)d abstracts", len(found)) % {"count": len(found)}
        data = {
            "layout": printout.layout,
            "paper": PAPERS[printout.paper],
            "size": {"compact": 9.5, "abstracts": 9.5, "pages": 10.5}[printout.layout],
            "title": printout.title,
            "lead": count,
            "site": printout.site_name,
            "date": content.long_date(printout.made_at.date()),
            "lang": content.language(),
            "words": content.words(),
            "count": len(found) or 2,
            "groups": groups,
        }
        prepare(folder, "list.typ", data)
        typeset(folder, printout.made_at, PATIENCE)
        return (folder / "out.pdf").read_bytes()
