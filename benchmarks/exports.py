"""The whole archive in each format: seconds of processor time, megabytes, and what it costs in memory.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 DEBUG=true python -m benchmarks.exports [FORMAT …]

Each format is written in a process of its own, through the law as the public, as a search of everything would be.
The memory is the peak above that of the process before it began.
"""

import datetime as dt
import resource
import subprocess
import sys
import time


def measure(name: str) -> str:
    """One line of the table, for the format `name`."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from abstracts.exporting import FORMATS, About
    from abstracts.exporting.streaming import stream_documents
    from abstracts.models import Abstract
    from abstracts.visibility import ANONYMOUS, Level

    # With DEBUG Django would remember the queries; and what SQLite keeps of its file is not the export's.
    settings.DEBUG = False
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA mmap_size=0")
            cursor.execute("PRAGMA cache_size=-2000")
    about = About("All", "Archive", "https://abstracts.example.org", dt.date(2026, 11, 22), "all")
    at = timezone.now()
    rows = Abstract.objects.visible_to(ANONYMOUS, at, least=Level.LISTED).order_by("meeting", "number_key", "pk")
    keys = list(rows.values_list("pk", flat=True))
    before, start, wall = _peak(), time.process_time(), time.perf_counter()
    size = sum(map(len, FORMATS[name].write(stream_documents(keys, ANONYMOUS, at, "/"), about)))
    spent, waited = time.process_time() - start, time.perf_counter() - wall
    return f"{name:10}{len(keys):8,}{spent:8.1f} s{waited:8.1f} s{size / 1e6:8.1f} MB{_peak() - before:8.1f} MB"


def _peak() -> float:
    """Megabytes at the highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    import django

    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        django.setup()
        print(measure(sys.argv[2]))
        return
    django.setup()
    from abstracts.exporting import FORMATS

    print(f"{'format':10}{'number':>8}{'processor':>10}{'clock':>10}{'size':>11}{'memory':>11}")
    for name in sys.argv[1:] or [name for name in FORMATS if name != "pdf"]:
        subprocess.run([sys.executable, "-m", "benchmarks.exports", "--one", name], check=True)


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acrsite.settings")
    main()
