"""Lists of abstracts as PDF."""

import contextlib
import datetime as dt
import fcntl
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import ngettext

from ..reading import Document
from . import content
from .compiling import Busy, prepare, typeset
from .pictures import Pictures

LAYOUTS = ("compact", "abstracts", "pages")
PAPERS = {"letter": "us-letter", "a4": "a4"}
# Seconds that a request waits for a print at most, and for its turn.
PATIENCE = 80
TURN = 20
# From so many abstracts on one print at a time is made on a machine: 500 take 0.9 GB.
HEAVY = 50


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
    """The PDF of `documents` in their order; of none, a page that says so. Raises NotTypeset, Busy."""
    found = list(documents)
    with _turn(heavy=len(found) >= HEAVY), tempfile.TemporaryDirectory(prefix="print-") as name:
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


@contextlib.contextmanager
def _turn(heavy: bool) -> Iterator[None]:
    """Wait until no other heavy print is made on this machine. Raises Busy where that takes long."""
    if not heavy:
        yield
        return
    with (Path(tempfile.gettempdir()) / f"abstracts-print-{os.getuid()}.lock").open("w") as lock:
        until = time.monotonic() + TURN
        while not _taken(lock):
            if time.monotonic() > until:
                raise Busy("another print is being made")
            time.sleep(0.1)
        yield


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
