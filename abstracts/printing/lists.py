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

from django.conf import settings
from django.utils.translation import ngettext

from ..reading import Document
from . import content
from .compiling import Busy, prepare, typeset
from .pictures import Pictures

LAYOUTS = ("compact", "abstracts", "pages")
PAPERS = {"letter": "us-letter", "a4": "a4"}
# Seconds in which a print must be done, and in which a large one must get the lock.
TIMEOUT = 80
LOCK_TIMEOUT = 20
# A machine makes one print of so many abstracts or more at a time: 500 take 0.9 GB.
LARGE = 50


@dataclass(frozen=True)
class Printout:
    """The look of a print, and what it says about itself. `site_url` has no trailing slash; `made_at` is aware."""

    title: str
    site_name: str
    site_url: str
    made_at: dt.datetime
    layout: str = "abstracts"
    paper: str = "letter"


def pdf_of(documents: Iterable[Document], printout: Printout) -> bytes:
    """The PDF of `documents` in their order; of none, a page that says so. Raises NotTypeset, Busy."""
    with contextlib.ExitStack() as stack:
        # Before the documents are read: a PDF that has to wait its turn is refused without work.
        stack.enter_context(_slot())
        documents = list(documents)
        if len(documents) >= LARGE:
            stack.enter_context(_lock())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="print-")))
        groups = content.by_meeting(documents, Pictures(folder), printout.site_url)
        count = ngettext("%(count)d abstract", "%(count)d abstracts", len(documents)) % {"count": len(documents)}
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
            "count": len(documents) or 2,
            "groups": groups,
        }
        prepare(folder, "list.typ", data)
        typeset(folder, printout.made_at, TIMEOUT)
        return (folder / "out.pdf").read_bytes()


@contextlib.contextmanager
def _slot() -> Iterator[None]:
    """Take one of this machine's slots for prints. Raises Busy, at once, if all are taken."""
    for number in range(settings.PDFS_AT_ONCE):
        with _lock_file(f"slot-{number}") as lock:
            if _acquire(lock):
                yield
                return
    raise Busy(f"{settings.PDFS_AT_ONCE} prints are being made")


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """Wait until this machine makes no other large print. Raises Busy after LOCK_TIMEOUT."""
    with _lock_file("large") as lock:
        until = time.monotonic() + LOCK_TIMEOUT
        while not _acquire(lock):
            if time.monotonic() > until:
                raise Busy("another print is being made")
            time.sleep(0.1)
        yield


def _lock_file(name: str) -> IO[str]:
    return (Path(tempfile.gettempdir()) / f"abstracts-print-{os.getuid()}-{name}.lock").open("w")


def _acquire(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
