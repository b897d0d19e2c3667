"""Speed of every page type under gunicorn, beside a bare Django view on the same server in the same run.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 python -m benchmarks.pages [--load] [--requests 300] [--workers 2]

`--load` first fills the database with the archive of ../shared/data. Two servers are measured: one that makes every
page anew (page store off), one as in production. Times are of one run on one machine: read the ratios.
"""

import argparse
import contextlib
import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abstracts.models import Abstract, Keyword, Meeting, Person, Session
from abstracts.visibility import ANONYMOUS, Level

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def load() -> None:
    """Fill the database with the 42,589 abstracts."""
    call_command("migrate", verbosity=0)
    file, meetings = str(DATA / "archive.jsonl.gz"), str(DATA / "archive-meetings.jsonl")
    confirmed = {"reason": "A benchmark", "expect": 42_589}
    call_command("import_abstracts", file, meetings=meetings, release="now", **confirmed)


def addresses(count: int) -> dict[str, list[str]]:
    """Page types, each with up to `count` addresses that exist."""
    pick = random.Random(7).sample

    def some(urls: list[str]) -> list[str]:
        return pick(urls, min(count, len(urls)))

    abstracts = Abstract.objects.visible_to(ANONYMOUS, timezone.now(), Level.FULL)
    big = Meeting.objects.filter(slug__startswith="ipac").first() or Meeting.objects.first()
    keyword_ids = Keyword.unfiltered.filter(abstractkeyword__isnull=False).distinct()[:2000]
    person_ids = Person.unfiltered.filter(authorline__isnull=False)[:5000]
    words = ("beam", "laser", "translation", "cavity design", "neural parsing", "emittance growth")
    return {
        "bare view": ["/bare/"],
        "home": ["/"],
        "meetings": ["/meetings/"],
        "meeting": some([m.get_absolute_url() for m in Meeting.objects.all()]),
        "meeting, 1,400 abstracts": [big.get_absolute_url()],
        "meeting, by number": [f"{big.get_absolute_url()}?view=abstracts&page={n}" for n in range(1, 20)],
        "session": some([s.get_absolute_url() for s in Session.objects.select_related("meeting")]),
        "abstract": some([f"/abstract/{slug}/" for slug in abstracts.values_list("slug", flat=True)]),
        "keyword index": ["/keywords/"],
        "keyword": some([k.get_absolute_url() for k in keyword_ids]),
        "author index": ["/authors/"],
        "author": some([p.get_absolute_url() for p in person_ids]),
        "search form": ["/search/"],
        "search": [f"/search/?q={w.replace(' ', '+')}" for w in words],
        "favorites, empty": ["/favorites/"],
    }


def queries_of(urls: list[str]) -> tuple[int, int]:
    """Most queries and bytes over the first addresses, the page store being empty."""
    from django.core.cache import caches

    client, most, size = Client(), 0, 0
    for url in urls[:10]:
        caches["pages"].clear()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(url)
        if response.status_code != 200:
            raise SystemExit(f"{url} answered {response.status_code}")
        most, size = max(most, len(captured)), max(size, len(response.content))
    return most, size


@contextlib.contextmanager
def server(workers: int, page_store: str):
    """gunicorn with the product on a free port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"--bind 127.0.0.1:{port} --workers {workers} --worker-class gthread --threads 2 --keep-alive 30"
    command = [sys.executable, "-m", "gunicorn", "acrsite.wsgi", *options.split(), "--no-control-socket"]
    command += ["--log-level", "error"]
    process = subprocess.Popen(command, env={**os.environ, "PAGE_STORE": page_store})
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit("gunicorn did not come up")


def ask(port: int, urls: list[str]) -> list[float]:
    """Milliseconds of each request, one after another on one connection."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for url in urls:
        start = time.perf_counter()
        link.request("GET", url)
        response = link.getresponse()
        response.read()
        times.append((time.perf_counter() - start) * 1000)
        if response.status != 200:
            raise SystemExit(f"{url} answered {response.status}")
    link.close()
    return times


def rate(port: int, urls: list[str], seconds: float = 3.0, clients: int = 4) -> float:
    """Requests a second with `clients` connections."""
    counts = [0] * clients
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        shuffled = random.Random(number).sample(urls, len(urls))
        while time.perf_counter() < end:
            link.request("GET", shuffled[counts[number] % len(shuffled)])
            link.getresponse().read()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def measure(port: int, pages: dict[str, list[str]], requests: int) -> dict[str, tuple[float, float]]:
    """Median milliseconds and requests a second of each page type."""
    results = {}
    for name, urls in pages.items():
        rounds = (urls * (requests // len(urls) + 1))[:requests]
        ask(port, rounds[: min(20, len(rounds))])
        results[name] = statistics.median(ask(port, rounds)), rate(port, urls)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", action="store_true", help="first load the archive of ../shared/data")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    call_command("collectstatic", interactive=False, verbosity=0)
    if options.load:
        load()
    pages = addresses(options.requests)
    counted = {name: queries_of(urls) for name, urls in pages.items()}
    connection.close()
    runs = []
    for store in ("off", "on"):
        with server(options.workers, store) as port:
            runs.append(measure(port, pages, options.requests))
    print(f"{Abstract.unfiltered.count()} abstracts, {connection.vendor}, {options.workers} workers\n")
    print(f"{'':44} | {'made anew':^24} | {'as in production':^24}")
    timed = f" | {'ms':>8}{'× bare':>8}{'a sec.':>8}"
    print(f"{'page':28}{'queries':>8}{'kB':>8}{timed}{timed}")
    for name in pages:
        queries, size = counted[name]
        line = f"{name:28}{queries:>8}{size / 1000:>8.1f}"
        for run in runs:
            ms, per_second = run[name]
            line += f" | {ms:>8.2f}{ms / run['bare view'][0]:>8.1f}{per_second:>8.0f}"
        print(line)


if __name__ == "__main__":
    main()
