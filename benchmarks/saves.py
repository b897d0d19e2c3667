"""What readers wait while curators save: the same paced readers without saves, and with one every two seconds.

    python -m benchmarks.saves [--database COPY.sqlite3] [--seconds 15] [--rounds 3] [--every 2]

Another process saves: text that the public sees, or text that it does not. Windows with and without saves take turns,
once with the page store off and once with it on. Then the same search is asked right after a save and without one, in
turns. On a copy of the database that is named, else on the sample (on PostgreSQL with .ci/with_postgres in front).
Everything is in a temporary folder. Times are of one run on one machine: read the changes.
"""

import argparse
import contextlib
import http.client
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving import PATIENCE, ROOT, Site

NO_SAVES, PUBLIC, HIDDEN = "no saves", "public text saved", "hidden text saved"
# Each kind of window with saves between two without.
WINDOWS = (NO_SAVES, PUBLIC, NO_SAVES, HIDDEN)
PER_SECOND = 8
ADDRESSES = 200


class Request(NamedTuple):
    """One answer to a reader: the window in which it was asked for, the kind of page, milliseconds, and its status."""

    window: str
    kind: str
    milliseconds: float
    status: int


class Saver:
    """Another process that saves on command, and stays: who saves may have something left to do."""

    def __init__(self, served: Site):
        command = [sys.executable, "-m", "benchmarks.saves", "--as-saver"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=served.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._wait()

    def save(self, what: str) -> None:
        """Until it is committed."""
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        self._wait()

    def _wait(self) -> None:
        if not self.process.stdout.readline():
            raise SystemExit("the process that saves died")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def save_on_command() -> None:
    """The other process: reads what to save from each line, and answers each with a line."""
    import django

    django.setup()
    from django.utils import timezone

    from abstracts.models import Abstract, Section
    from abstracts.visibility import ANONYMOUS, Level

    released = Abstract.objects.visible_to(ANONYMOUS, timezone.now(), Level.FULL)
    public = list(Section.unfiltered.filter(abstract__in=released.values("pk")).order_by("-pk")[:50])
    meeting = public[0].abstract.meeting
    draft = Abstract.unfiltered.create(meeting=meeting, title="A draft of a benchmark", status="draft")
    words = " ".join(re.findall(r"[a-z]+", public[0].html))
    sections = {
        PUBLIC: public,
        HIDDEN: [Section.unfiltered.create(abstract=draft, label="Methods", html=f"<p>{words}</p>")],
    }
    print("ready", flush=True)
    for number, line in enumerate(sys.stdin):
        some = sections[line.strip()]
        section = some[number % len(some)]
        section.html += f"<p>Saved again by a benchmark: {number}.</p>"
        section.save()
        print("saved", flush=True)


def addresses(served: Site, count: int) -> dict[str, list[str]]:
    """Kinds of pages, each with up to `count` addresses."""
    pick = random.Random(7)

    def of_part(part: str) -> list[str]:
        urls = re.findall(r"<loc>https?://[^/]+([^<]+)</loc>", served.ask(f"/sitemaps/{part}/1.xml").body.decode())
        return pick.sample(urls, min(count, len(urls)))

    abstracts = of_part("abstracts")
    words = sorted({word for url in abstracts for word in url.split("/")[2].split("-") if len(word) > 4})
    searches = [f"/search/?q={'+'.join(pick.sample(words, 2))}" for _ in range(count)]
    return {"abstract": abstracts, "program": of_part("sessions") + of_part("meetings"), "search": searches}


def read(served: Site, window: str, pages: dict[str, list[str]], seconds: float, seed: int) -> list[Request]:
    """The answers to one reader for each kind of page, who asks PER_SECOND times a second."""
    found: list[Request] = []
    end = time.perf_counter() + seconds

    def reader(kind: str, urls: list[str]) -> None:
        pick = random.Random(f"{seed} {kind}")
        link = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        due = time.perf_counter() + pick.random() / PER_SECOND
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            try:
                link.request("GET", pick.choice(urls))
                response = link.getresponse()
                response.read()
                status = response.status
            except (OSError, http.client.HTTPException):
                status = 0
                link.close()
            found.append(Request(window, kind, (time.perf_counter() - started) * 1000, status))
            due = max(due + 1 / PER_SECOND, time.perf_counter())
        link.close()

    threads = [threading.Thread(target=reader, args=item) for item in pages.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@contextlib.contextmanager
def saving(saver: Saver, what: str, every: float) -> Iterator[None]:
    """One save of `what` every so many seconds, in here."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.wait(every):
            saver.save(what)

    thread = threading.Thread(target=work)
    if what != NO_SAVES:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        if what != NO_SAVES:
            thread.join()


def measure(served: Site, saver: Saver, pages: dict[str, list[str]], options: argparse.Namespace) -> list[Request]:
    found: list[Request] = []
    read(served, NO_SAVES, pages, 5, seed=0)
    for round_ in range(options.rounds):
        for place, window in enumerate(WINDOWS):
            with saving(saver, window, options.every):
                # The same addresses at the same pace in each window of a round.
                found += read(served, window, pages, options.seconds, seed=round_ + 1)
            # What a save leaves to do is over before the next window begins.
            time.sleep(2 if place % 2 else 0)
    return found


def after_saves(served: Site, saver: Saver, searches: list[str], count: int) -> dict[str, list[float]]:
    """Milliseconds of searches right after a save was committed, and of the same ones a moment later."""
    found: dict[str, list[float]] = {what: [] for what in (PUBLIC, HIDDEN, NO_SAVES)}
    for url in searches[:count]:
        served.ask(url)
        for what in (PUBLIC, HIDDEN):
            saver.save(what)
            found[what].append(served.ask(f"{url}&per_page=50").seconds * 1000)
            time.sleep(1)
            found[NO_SAVES].append(served.ask(f"{url}&per_page=100").seconds * 1000)
    return found


def show(found: list[Request]) -> None:
    print(f"{'':12}{'':20}{'requests':>9}{'failed':>8}{'median':>9}{'p95':>9}{'worst':>9}{'median':>9}{'p95':>7}")
    for kind in dict.fromkeys(request.kind for request in found):
        usual = _figures(found, kind, NO_SAVES)
        for window in dict.fromkeys(WINDOWS):
            some = [request for request in found if (request.kind, request.window) == (kind, window)]
            failed = sum(request.status != 200 for request in some)
            figures = _figures(found, kind, window)
            line = f"{kind:12}{window:20}{len(some):>9}{failed:>8}" + "".join(f"{value:>9.1f}" for value in figures)
            if window != NO_SAVES:
                changes = [100 * (value / before - 1) for value, before in zip(figures, usual, strict=True)]
                line += f"{changes[0]:>+8.0f}%{changes[1]:>+6.0f}%"
            print(line)


def _figures(found: list[Request], kind: str, window: str) -> tuple[float, float, float]:
    return _median_p95_worst([r.milliseconds for r in found if (r.kind, r.window) == (kind, window)])


def _median_p95_worst(times: list[float]) -> tuple[float, float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[-1], max(times)


def show_after_saves(found: dict[str, list[float]]) -> None:
    usual = found[NO_SAVES]
    print(f"\na search{'':12}{'median':>9}{'p95':>9}{'worst':>9}   more than without, at the median")
    for what, times in found.items():
        figures = _median_p95_worst(times)
        more = figures[0] - statistics.median(usual)
        print(f"{what:20}" + "".join(f"{value:>9.1f}" for value in figures) + f"{more:>+9.1f} ms")


@contextlib.contextmanager
def archive(database: Path | None) -> Iterator[Site]:
    """A site with a copy of `database`, or with the sample."""
    with tempfile.TemporaryDirectory(prefix="acr-saves-", dir="/tmp") as name:
        served = Site(Path(name), DJANGO_SETTINGS_MODULE="benchmarks.settings")
        if database is None:
            served.load()
        else:
            copy = Path(name) / "copy.sqlite3"
            with (
                contextlib.closing(sqlite3.connect(database)) as source,
                contextlib.closing(sqlite3.connect(copy)) as to,
            ):
                source.backup(to)
            served.environment["DATABASE_URL"] = f"sqlite:///{copy}"
            for command in ("migrate --verbosity 0", "collectstatic --noinput --verbosity 0", "search_index --update"):
                served.manage(*command.split())
        yield served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", type=Path, help="SQLite file of which a copy is used")
    parser.add_argument("--seconds", type=float, default=15, help="of each window")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=float, default=2, help="seconds between two saves")
    parser.add_argument("--searches", type=int, default=15, help="asked right after a save")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--as-saver", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_saver:
        return save_on_command()
    with archive(options.database) as served:
        for store in ("off", "on"):
            served.environment["PAGE_STORE"] = store
            with served.serving(options.workers), contextlib.closing(Saver(served)) as saver:
                pages = addresses(served, ADDRESSES)
                print(f"\nPage store {store}, {options.workers} workers. Milliseconds; changes against no saves.\n")
                show(measure(served, saver, pages, options))
                show_after_saves(after_saves(served, saver, pages["search"], options.searches))


if __name__ == "__main__":
    main()
