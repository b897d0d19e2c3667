"""Behind the nginx of deploy/nginx/archive.conf: what shows when, what each layer keeps, and what a page costs.

    python -m benchmarks.proxy

Needs nginx. The directives are those of the file; only names, ports and folders are others. Takes two minutes, on the
database of DATABASE_URL or on SQLite, and exits with 1 where a demand is not met. Rates are of one run on one machine:
read the ratios.
"""

import datetime as dt
import gzip
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from benchmarks.nginx import Link, Reply, nginx, outer_conf, product_conf
from benchmarks.serving import ROOT, Site, free_port, site

AT_ONCE = 50
# Seconds between the instant and the first answer that has to show it: the clock of the database is asked for, which
# makes the law late by the length of that way.
LATE = 0.05
# A second of rounding, as ages are whole seconds.
LONGEST = 10 + 1
# Rate of a page that did not change, as a part of a bare view's: it asks the database, also whether the connection is
# still good, and a bare view asks nothing.
CHEAP = 0.4
failures: list[str] = []


def report(what: str, is_met: bool, measured: object = "") -> None:
    print(f"{'ok  ' if is_met else 'FAIL'} {what}{f': {measured}' if measured != '' else ''}", flush=True)
    if not is_met:
        failures.append(what)


# The archive


def connect(served: Site) -> None:
    """Let this process write into the archive of the served site."""
    os.environ.update(served.environment)
    import django

    django.setup()


def now() -> float:
    """The law's clock."""
    from abstracts import clock

    return clock.now().timestamp()


class Subject:
    """An abstract of the sample, with everything, in the program of its meeting."""

    def __init__(self):
        from abstracts.models import Abstract, Figure
        from abstracts.visibility import ANONYMOUS, Level

        at = dt.datetime.now(dt.UTC)
        figures = Figure.objects.visible_to(ANONYMOUS, at, Level.FULL).exclude(image="")[:2]
        self.figures = [figure.get_absolute_url() for figure in figures]
        abstracts = Abstract.objects.visible_to(ANONYMOUS, at, Level.FULL).select_related("meeting")
        self.abstract = abstracts.get(pk=figures[0].abstract_id)
        self.page = f"/abstract/{self.abstract.slug}/"
        self.program = f"{self.abstract.meeting.get_absolute_url()}?view=abstracts"
        self.title = self.page.strip("/").split("/")[-1]  # in the program: its link

    def write(self, **columns: object) -> None:
        from abstracts.models import Abstract, gate

        with gate.bypassing("a benchmark"):
            Abstract.unfiltered.filter(pk=self.abstract.pk).update(**columns)

    def release_at(self, instant: float) -> None:
        self.write(override_released_from=dt.datetime.fromtimestamp(instant, dt.UTC), tier=None)


# What shows when


def check_release(port: int, subject: Subject) -> None:
    """Polls the page and the program over an instant."""
    for path, shows in ((subject.page, lambda r: r.status == 200), (subject.program, lambda r: r.has(subject.title))):
        instant = float(int(now()) + 3)
        subject.release_at(instant)
        link, replies = Link(port), []
        while now() < instant + 1:
            replies.append(link.get(path))
            time.sleep(0.002)
        early = [reply for reply in replies if reply.came < instant and shows(reply)]
        late = [reply for reply in replies if reply.asked > instant + LATE and not shows(reply)]
        last = max(reply.asked - instant for reply in replies if not shows(reply))
        asked = len([reply for reply in replies if reply.asked < instant])
        what = "the page" if path == subject.page else "the program"
        report(f"{what} shows nothing before the instant ({asked} requests)", not early and asked > 5)
        report(f"{what} shows at the next request after it", not late, f"last without it {last * 1000:+.1f} ms")


def check_changes(port: int, subject: Subject) -> None:
    """Withdrawals and postponements, each seen at once or not."""
    from abstracts.visibility import Status

    link, past = Link(port), now() - 86400
    hide = {
        "withdrawn": lambda: subject.write(status=Status.DRAFT),
        "postponed": lambda: subject.release_at(now() + 86400),
    }
    for name, change in hide.items():
        wrong = 0
        for _ in range(20):
            subject.write(status=Status.PUBLISHED)
            subject.release_at(past)
            wrong += link.get(subject.page).status != 200
            wrong += not link.get(subject.program).has(subject.title)
            change()
            page = link.get(subject.page)
            wrong += page.status != 404 or "public" in page.headers["Cache-Control"]
            wrong += link.get(subject.program).has(subject.title)
        report(f"{name}, and released again, 20 times: exact at the next request", not wrong, f"{wrong} of 80 wrong")
    subject.write(status=Status.PUBLISHED)


def check_kept_text(port: int, folder: Path, subject: Subject) -> None:
    """nginx's copy of what was withdrawn is gone once somebody asked for it."""
    link = Link(port)
    subject.release_at(now() - 86400)
    text = link.get(subject.page).body[-2000:-1000]

    def copies() -> int:
        return sum(
            text in unpacked(path.read_bytes()) for path in (folder / "archive-pages").rglob("*") if path.is_file()
        )

    before = copies()
    subject.release_at(now() + 86400)
    link.get(subject.page)
    report(
        "nginx replaces its copy of a withdrawn page", (before, copies()) == (1, 0), f"{before} copy, then {copies()}"
    )
    subject.release_at(now() - 86400)


def unpacked(file: bytes) -> bytes:
    """The body in a file of nginx's store."""
    body = file.partition(b"\r\n\r\n")[2]
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def check_ages(port: int, subject: Subject) -> None:
    link, wrong, longest = Link(port), 0, 0.0
    until = time.time() + 12
    while time.time() < until:
        for path in ("/", subject.page, subject.program, subject.figures[0]):
            reply = link.get(path)
            age = int(re.fullmatch(r"public, max-age=(\d+)", reply.headers["Cache-Control"])[1])
            past = reply.came + age - (reply.came // 10 * 10 + 10)
            # The second may have ended on the way.
            wrong += not 0 < age <= 10 or past > 1.05
            longest = max(longest, past)
        time.sleep(0.1)
    report("ages through nginx end at full ten seconds", not wrong, f"at most {longest:.2f} s after")


def check_outer(outer: int, subject: Subject) -> None:
    """Old text in a proxy of somebody else, in front of nginx."""
    kept = []
    for phase in (0.5, 4.0, 8.0):
        link = Link(outer)
        subject.release_at(now() - 86400)
        # What the outer proxy keeps of the round before ends.
        while link.get(subject.page).status != 200:
            time.sleep(0.2)
        time.sleep((phase - time.time()) % 10)
        while link.get(subject.page).headers["X-Outer"] != "HIT":
            pass
        subject.release_at(now() + 86400)
        started = time.time()
        while (reply := link.get(subject.page)).status == 200 and time.time() < started + 120:
            time.sleep(0.02)
        kept.append(reply.asked - started)
    seconds = ", ".join(f"{value:.1f}" for value in kept)
    report("a proxy in front keeps withdrawn text for its max-age at most", max(kept) <= LONGEST, f"{seconds} s")
    subject.release_at(now() - 86400)


# How often a page is made


def check_stampede(port: int, made: Path, subject: Subject, where: str) -> None:
    instant = float(int(now()) + 3)
    subject.release_at(instant)
    Link(port).get(subject.program, X_Forwarded_Proto="https")
    made.write_text("")
    replies: list[Reply] = []

    def ask() -> None:
        time.sleep(max(0.0, instant - 0.5 - now()))
        link = Link(port)
        time.sleep(max(0.0, instant + LATE - now()))
        replies.append(link.get(subject.program, X_Forwarded_Proto="https"))

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = made.read_text().splitlines().count(subject.program)
    shown = sum(reply.has(subject.title) for reply in replies)
    slowest = max(reply.came - reply.asked for reply in replies)
    report(
        f"{AT_ONCE} at once at an instant, {where}: made once",
        times == 1,
        f"made {times} times, slowest {slowest:.2f} s",
    )
    report(f"{AT_ONCE} at once, {where}: all have the new text", shown == AT_ONCE, f"{shown} of {AT_ONCE}")


def check_copies(port: int, folder: Path, made: Path, subject: Subject) -> None:
    link = Link(port)
    link.get(subject.page)
    made.write_text("")
    before = len(list((folder / "archive-pages").rglob("*")))
    stored = len(list((folder / "cache/pages").glob("*")))
    for headers in (
        {"Cookie": "_ga=GA1.2.3; consent=yes"},
        {"Cookie": "csrftoken=abc"},
        {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
        {"Accept": "*/*"},
        {"Accept_Language": "es"},
        {"Accept_Encoding": "identity"},
        {"User_Agent": "Other/1.0"},
    ):
        link.get(subject.page, **headers)
    copies = len(list((folder / "archive-pages").rglob("*"))) - before
    more = len(list((folder / "cache/pages").glob("*"))) - stored
    report(
        "other cookies, Accept and encodings make no other copy", copies == more == 0, f"nginx {copies}, site {more}"
    )
    report("and no other page", not made.read_text(), f"made {len(made.read_text().splitlines())} times")
    bibtex = link.get(subject.page, Accept="application/x-bibtex")
    part = link.get(f"{subject.page}citations/", HX_Request="true")
    whole = link.get(f"{subject.page}citations/")
    is_right = bibtex.status == 303 and part.has("<h3>") and not whole.has("<h3>")
    report("a reference by Accept is no page, and a part no whole", is_right)
    own = link.get(subject.page, Cookie="sessionid=somebody")
    report("a visitor with a session gets a private page", own.headers["Cache-Control"].startswith("private"))


def check_files(port: int, subject: Subject) -> None:
    link = Link(port)
    replies = [link.get(path) for path in subject.figures]
    needed = ("X-Content-Type-Options", "Strict-Transport-Security", "Content-Security-Policy", "Vary", "ETag")
    lacking = {name for reply in replies for name in needed if name not in reply.headers}
    report("figures sent by nginx keep the program's headers", not lacking, lacking or "")
    etags = [reply.headers.get("ETag") for reply in replies]
    again = [link.get(path, If_None_Match=etag or "").status for path, etag in zip(subject.figures, etags, strict=True)]
    report(
        "each figure has its own ETag, and is answered 304 by it", len(set(etags)) == 2 and again == [304, 304], again
    )


def check_sizes(port: int, subject: Subject) -> None:
    link = Link(port)
    for path in ("/", subject.page, subject.program):
        packed, plain = link.get(path), link.get(path, Accept_Encoding="identity")
        report(
            f"{path[:40]} is sent compressed", packed.size * 2.5 < plain.size, f"{packed.size} of {plain.size} bytes"
        )
        report("and is the same for who takes it plain", packed.body == plain.body)


def rate(port: int, path: str, seconds: float = 4.0, clients: int = 4, **headers: str) -> float:
    """Requests a second, by processes of their own."""
    command = [sys.executable, "-m", "benchmarks.proxy", "--ask", str(port), path, str(seconds)]
    command += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    asking = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(clients)]
    return sum(float(process.communicate()[0]) for process in asking) / seconds


def ask_for(port: int, path: str, seconds: float, *headers: str) -> int:
    """How many answers came in time on one connection."""
    lines = "".join(f"{header}\r\n" for header in headers)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{lines}\r\n".encode()
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port)) as link, link.makefile("rb") as file:
            # nginx ends a connection after 1,000 requests.
            for _ in range(900):
                link.sendall(request)
                read_answer(file, path)
                count += 1
                if time.monotonic() > until:
                    break
    return count


def read_answer(file: BinaryIO, path: str) -> None:
    status, length = int(file.readline().split()[1]), 0
    if status not in (200, 304):
        raise SystemExit(f"{path} answered {status}")
    while (line := file.readline()) != b"\r\n":
        name, _, value = line.lower().partition(b":")
        if name == b"transfer-encoding":
            raise SystemExit(f"{path} came in chunks")
        length = int(value) if name == b"content-length" else length
    file.read(length)


def show_rates(port: int, subject: Subject) -> None:
    link = Link(port)
    static = re.search(rb'href="(/static/[^"]+\.css)"', link.get("/").body)[1].decode()
    etag = link.get(subject.page).headers["ETag"]
    rates = {
        "a static file": rate(port, static),
        "the bare view": rate(port, "/bare/"),
        "a stored page": rate(port, subject.page),
        "a stored page, 304": rate(port, subject.page, If_None_Match=etag),
    }
    for name, value in rates.items():
        print(f"     {name:20} {value:7.0f} a second, {value / rates['a static file']:.3f} of static,", end=" ")
        print(f"{value / rates['the bare view']:.2f} of bare")
    cheap = rates["a stored page, 304"] / rates["the bare view"]
    report("a page that did not change is about as cheap as a bare view", cheap >= CHEAP, f"{cheap:.2f} of its rate")


def run(served: Site, made: Path) -> None:
    connect(served)
    subject = Subject()
    inner, outer = free_port(), free_port()
    with (
        served.serving(workers=2, threads=AT_ONCE // 2),
        nginx(served.folder, "inner", product_conf(served, inner), inner),
        nginx(served.folder, "outer", outer_conf(served.folder, outer, inner), outer),
    ):
        checks: list[Callable[[], None]] = [
            lambda: check_sizes(inner, subject),
            lambda: check_files(inner, subject),
            lambda: check_copies(inner, served.folder, made, subject),
            lambda: check_release(inner, subject),
            lambda: check_changes(inner, subject),
            lambda: check_kept_text(inner, served.folder, subject),
            lambda: check_stampede(inner, made, subject, "through nginx"),
            lambda: check_stampede(served.port, made, subject, "without nginx"),
            lambda: check_ages(inner, subject),
            lambda: check_outer(outer, subject),
            lambda: show_rates(inner, subject),
        ]
        for check in checks:
            check()


def main() -> None:
    if sys.argv[1:2] == ["--ask"]:
        port, path, seconds, *headers = sys.argv[2:]
        print(ask_for(int(port), path, float(seconds), *headers))
        return
    with tempfile.NamedTemporaryFile(suffix=".made") as made:
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "COUNT_MADE": made.name}
        https = {"BEHIND_PROXY": "true", "SECURE_HTTPS": "true", "X_ACCEL_PREFIX": "/figures-behind-the-law"}
        with site(**settings, **https) as served:
            run(served, Path(made.name))
    if failures:
        raise SystemExit(f"{len(failures)} demands are not met")


if __name__ == "__main__":
    main()
