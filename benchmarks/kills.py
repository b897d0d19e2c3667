"""Kills an import, indexing, making books and sending alerts (SIGKILL) at random moments: is anything lost or doubled?

    python -m benchmarks.kills [--kills 30] [--seed 1] [import|indexing|books|alerts ...]

On SQLite; with .ci/with_postgres in front on PostgreSQL. After each kill the database is looked at, the same command is
run to its end, and looked at again. Everything is in a temporary folder and ends by itself.
"""

import argparse
import email
import email.policy
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.serving import ROOT, Site, site

# Seconds that a command may take whole.
LONGEST = 300
ROWS = 60


def run_in_site(served: Site, code: str) -> object:
    """What `code`, run with the site's settings in a process of its own, prints as JSON."""
    setup = "import json, django; django.setup()\n"
    environment = {**served.environment, "DJANGO_SETTINGS_MODULE": "acrsite.settings", "LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, "-c", setup + code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def start(served: Site, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", *arguments]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=ROOT, env=served.environment, start_new_session=True, **quiet)


def kill_after(process: subprocess.Popen, seconds: float) -> bool:
    """Kill `process` after `seconds`; whether it was still at work. Its children, such as a typesetter, go with it."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


class Trial:
    """One kind of work. `prepare` makes something to do, `problems` says what is wrong once it is done."""

    name = ""
    command: tuple[str, ...] = ()

    def __init__(self, served: Site):
        self.served = served

    def prepare(self, number: int) -> None:
        raise NotImplementedError

    def half_done(self, number: int) -> list[str]:
        """What is wrong right after a kill: what a reader could see that should not be."""
        return []

    def problems(self, number: int) -> list[str]:
        raise NotImplementedError

    def arguments(self, number: int) -> tuple[str, ...]:
        return self.command

    def run(self, kills: int, chance: random.Random) -> Counter:
        counts: Counter = Counter()
        self.prepare(0)
        started = time.monotonic()
        done = start(self.served, *self.arguments(0))
        done.wait(LONGEST)
        whole = time.monotonic() - started
        for line in self.problems(0):
            raise SystemExit(f"{self.name} without a kill: {line}")
        recovery = 0.0
        for number in range(1, kills + 1):
            self.prepare(number)
            moment = chance.uniform(0.2, 0.9) * whole
            counts["killed"] += kill_after(start(self.served, *self.arguments(number)), moment)
            wrong = self.half_done(number)
            started = time.monotonic()
            start(self.served, *self.arguments(number)).wait(LONGEST)
            recovery = max(recovery, time.monotonic() - started)
            wrong += self.problems(number)
            counts["tries"] += 1
            counts["wrong"] += bool(wrong)
            for line in wrong:
                print(f"    {self.name} {number}, after {moment:.2f} s: {line}", flush=True)
        print(
            f"{self.name:10}{counts['tries']:>6}{counts['killed']:>8}{counts['wrong']:>7}{whole:>9.1f}{recovery:>10.1f}",
            flush=True,
        )
        return counts


class Import(Trial):
    """A new meeting each time: none of it may be there until all of it is."""

    name = "import"
    COUNT = (
        "from abstracts.models import *\n"
        "rows = Abstract.unfiltered.filter(meeting__slug='trial-{n}')\n"
        "numbers = list(rows.values_list('number', flat=True))\n"
        "sections = Section.unfiltered.filter(abstract__in=rows).count()\n"
        "lines = AuthorLine.unfiltered.filter(abstract__in=rows).count()\n"
        "print(json.dumps([len(numbers), len(set(numbers)), sections, lines]))"
    )

    def file(self, number: int) -> Path:
        return self.served.folder / f"import-{number}.csv"

    def prepare(self, number: int) -> None:
        head = "abstract_number,title,authors_and_affiliations,abstract_text\n"
        rows = (
            f'{n:04},Trial {number} title {n},"Ada Example, University of Somewhere, Paris, France",'
            f'"Background/Purpose: Text {n}. Methods: We did. Results: It was. Conclusion: So it is."\n'
            for n in range(1, ROWS + 1)
        )
        self.file(number).write_text(head + "".join(rows))

    def arguments(self, number: int) -> tuple[str, ...]:
        options = ("--start", "2025-10-24", "--end", "2025-10-28", "--timezone", "America/Chicago", "--release", "now")
        options += ("--reason", "A benchmark", "--expect", str(ROWS))
        name = f"Trial {number}"
        return "import_abstracts", str(self.file(number)), "--meeting", f"trial-{number}", "--create", name, *options

    def counts(self, number: int) -> list[int]:
        return run_in_site(self.served, self.COUNT.replace("{n}", str(number)))  # type: ignore[return-value]

    def half_done(self, number: int) -> list[str]:
        counts = self.counts(number)
        return [] if counts[0] in (0, ROWS) else [f"half done: {counts}"]

    def problems(self, number: int) -> list[str]:
        counts = self.counts(number)
        if number == 0:
            self.expected = counts
        return [] if counts == self.expected and counts[0] == counts[1] == ROWS else [f"{counts}, not {self.expected}"]


class Indexing(Trial):
    """From nothing and after changes, in turn."""

    name = "indexing"
    CHANGE = (
        "from abstracts.models import Abstract\n"
        "for row in Abstract.unfiltered.order_by('pk')[:150]:\n"
        "    row.title = row.title.split(' §')[0] + ' §{n}'; row.save()\n"
        "print('[]')"
    )

    def prepare(self, number: int) -> None:
        run_in_site(self.served, self.CHANGE.replace("{n}", str(number)))

    def arguments(self, number: int) -> tuple[str, ...]:
        return ("search_index", "--rebuild" if number % 2 == 0 else "--update")

    def problems(self, number: int) -> list[str]:
        done = self.served.manage("search_index", "--check", check=False)
        left = [path.name for path in (self.served.folder / "search").glob("*/index-*")]
        more = [f"left behind: {left}"] if len(left) != 2 else []  # of all documents, and of the public's
        return more + ([done.stderr[-500:]] if done.returncode else [])


class Books(Trial):
    """A book of one meeting after each change."""

    name = "books"
    LOOK = (
        "from abstracts.downloads import shelf\n"
        "from abstracts.models import Meeting\nfrom django.utils import timezone\n"
        "from pathlib import Path\nfrom pypdf import PdfReader\n"
        "meeting = Meeting.objects.get(slug='sample-convergence-2024')\n"
        "books = shelf.books_of(meeting)\n"
        "status = shelf.status_of(meeting, timezone.now())\n"
        "bad = [b.path.name for b in books if len(PdfReader(b.path).pages) != b.pages]\n"
        "left = [p.name for p in shelf.folder_of(meeting).iterdir() if 'making' in p.name or p.name.endswith('.new')]\n"
        "print(json.dumps([len(books), bool(status.is_current), bad, left]))"
    )
    CHANGE = (
        "from abstracts.models import Abstract\n"
        "row = Abstract.unfiltered.filter(meeting__slug='sample-convergence-2024').order_by('pk').first()\n"
        "row.title = row.title.split(' §')[0] + ' §{n}'; row.save()\nprint('[]')"
    )

    def prepare(self, number: int) -> None:
        run_in_site(self.served, self.CHANGE.replace("{n}", str(number)))

    def arguments(self, number: int) -> tuple[str, ...]:
        return ("make_downloads", "sample-convergence-2024")

    def half_done(self, number: int) -> list[str]:
        look = run_in_site(self.served, self.LOOK)
        return [f"unreadable: {look[2]}"] if look[2] else []  # type: ignore[index]

    def problems(self, number: int) -> list[str]:
        look = run_in_site(self.served, self.LOOK)
        return [] if look == [1, True, [], []] else [f"books, current, unreadable, left: {look}"]


class Alerts(Trial):
    """One alert each time, written to a folder of mails: once, and neither twice nor never."""

    name = "alerts"
    PREPARE = (
        "from accounts.models import User, SavedSearch\nfrom abstracts.models import Abstract\n"
        "from accounts.searches.alerts.noticing import notice\nfrom django.utils import timezone\n"
        "import datetime as dt\n"
        "user = User.objects.get(email='reader@example.org')\nnow = timezone.now()\nnotice(now)\n"
        "SavedSearch.objects.all().delete()\n"
        "SavedSearch.objects.create(user=user, name='trial', query_string='q=trialword{n}',"
        " alert='release', searched_until=now)\n"
        "row = Abstract.unfiltered.filter(meeting__slug='sample-convergence-2024').order_by('pk').first()\n"
        "new = Abstract.unfiltered.create(meeting=row.meeting, tier=row.tier, title='Trialword{n} news', number='T{n}',"
        " override_released_from=now - dt.timedelta(days=1))\n"
        "print('[]')"
    )

    def prepare(self, number: int) -> None:
        run_in_site(self.served, self.PREPARE.replace("{n}", str(number)))

    def arguments(self, number: int) -> tuple[str, ...]:
        return ("send_alerts",)

    def problems(self, number: int) -> list[str]:
        # One run writes one file, of one mail.
        files = (self.served.folder / "mail").glob("*.log")
        times = sum(f"Trialword{number} news" in text_of(path) for path in files)
        return [f"mailed {times} times"] if times != 1 else []


def text_of(path: Path) -> str:
    """The text of the mail in the file `path`."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return body.get_content() if body else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = {trial.name: trial for trial in (Import, Indexing, Books, Alerts)}
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(kinds))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong = 0
    with site() as served:
        served.environment["EMAIL_URL"] = f"filemail:///{served.folder}/mail"
        print(f"{'work':10}{'tries':>6}{'killed':>8}{'wrong':>7}{'whole s':>9}{'again s':>10}", flush=True)
        for name in options.kinds or kinds:
            wrong += kinds[name](served).run(options.kills, random.Random(options.seed))["wrong"]
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
