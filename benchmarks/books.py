"""Books and prints: seconds, peak memory of the child processes, megabytes and pages.

    python benchmarks/books.py [--abstracts 3000] [--meeting SLUG] [--list 500]

On the database of DATABASE_URL: the abstracts of the meeting (by default the one with the most), again and again until
there are as many as asked for, in sessions of 12.
"""

import argparse
import datetime as dt
import itertools
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acrsite.settings")

import django

django.setup()

from django.db.models import Count

from abstracts import reading
from abstracts.downloads import shelf
from abstracts.models import Abstract, Meeting
from abstracts.printing import LAYOUTS, Printout, pdf_of
from abstracts.printing.book import Book, Chapter, Cover
from abstracts.visibility import ANONYMOUS

SESSION = 12


def chapter(pks: list[int], at: dt.datetime, number: int) -> Chapter:
    def documents() -> Iterator[list[reading.Document]]:
        rows = Abstract.objects.visible_to(ANONYMOUS, at).filter(pk__in=pks).select_related("meeting")
        yield reading.documents(rows)

    return Chapter(f"Session {number}", "Poster Session", documents, len(pks))


def peak() -> str:
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{own} MB here, {children} MB in the largest child"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--abstracts", type=int, default=3000)
    parser.add_argument("--meeting", default="")
    parser.add_argument("--list", type=int, default=500)
    options = parser.parse_args()
    at = dt.datetime.now(dt.UTC)
    meetings = Meeting.unfiltered.annotate(n=Count("abstract")).order_by("-n")
    meeting = meetings.get(slug=options.meeting) if options.meeting else meetings[0]
    began = time.perf_counter()
    state = shelf.state_of(meeting, at)
    print(f"state of {len(state)} abstracts: {1000 * (time.perf_counter() - began):.1f} ms")
    pks = list(state)

    rows = Abstract.objects.visible_to(ANONYMOUS, at).filter(pk__in=pks[: options.list]).select_related("meeting")
    documents = reading.documents(rows)
    for layout in LAYOUTS:
        began = time.perf_counter()
        pdf = pdf_of(documents, Printout("Benchmark", "Site", "https://example.org", at, layout))
        took = time.perf_counter() - began
        print(f"list of {len(documents)}, {layout}: {took:.1f} s, {len(pdf) / 1e6:.1f} MB; {peak()}")

    chosen = list(itertools.islice(itertools.cycle(pks), options.abstracts))
    chapters = [chapter(chosen[n : n + SESSION], at, n // SESSION + 1) for n in range(0, len(chosen), SESSION)]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        cover = Cover(meeting.name, "", "Site", "https://example.org", at, [])
        path, pages = Book(Path(folder), cover).make(chapters)
        took = time.perf_counter() - began
        size = path.stat().st_size / 1e6
        print(f"book of {len(chosen)}: {took:.1f} s, {pages} pages, {size:.1f} MB; {peak()}")


if __name__ == "__main__":
    main()
