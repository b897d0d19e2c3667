"""What pages do while PostgreSQL is stopped, hangs, restarts or ends connections, and when they are back.

    .ci/with_postgres .venv/bin/python -m benchmarks.database_outage

Pages that were kept before may not be served, and every answer has to be a 503 in the site's look that says when to
come back and that nobody may keep. Runs on loopback and ends by itself, in about three minutes.
"""

import contextlib
import os
import shlex
import signal
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.serving import Answer, Site, site

ROUNDS = 3


class Postgres:
    """The cluster of .ci/with_postgres."""

    def __init__(self, url: str):
        self.data = Path(parse_qs(urlsplit(url).query)["host"][0]) / "data"
        self.command = shlex.split((self.data / "postmaster.opts").read_text())

    def _processes(self) -> list[int]:
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, number: int) -> None:
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def end_connections(self) -> None:
        """As a fail-over or an administrator does it."""
        for pid in self._processes()[1:]:
            with contextlib.suppress(OSError):
                if b": postgres app " in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGTERM)

    def stop(self) -> None:
        os.kill(self._processes()[0], signal.SIGQUIT)
        while (self.data / "postmaster.pid").exists():
            time.sleep(0.02)

    def start(self) -> None:
        prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        log = (self.data.parent / "log").open("ab")
        subprocess.Popen([*prefix, *self.command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")


def is_as_it_should(answer: Answer) -> bool:
    return (
        answer.status == 503
        and answer.headers["Retry-After"].isdigit()
        and "no-store" in answer.headers["Cache-Control"]
        and b"<h1>" in answer.body
        and b"css/site." in answer.body
        and b'class="brand"' in answer.body
    )


def report(state: str, answers: list[Answer], wrong: list[Answer], more: str = "") -> None:
    statuses = ", ".join(f"{n} x {status}" for status, n in sorted(Counter(a.status for a in answers).items()))
    times = [a.seconds for a in answers]
    line = f"{state:26}{len(answers):>6}{len(wrong):>7}{statistics.median(times):>10.3f}{max(times):>9.3f}"
    print(f"{line}  {statuses}{more}", flush=True)


def while_away(state: str, served: Site, addresses: dict[str, str], rounds: int) -> None:
    needing = {name: path for name, path in addresses.items() if name != "sign-in form"}
    answers = [served.ask(path) for _ in range(rounds) for path in needing.values()]
    answers += [served.ask(path, Cookie="sessionid=somebodys") for path in needing.values()]
    health = served.ask("/healthz"), served.ask("/readyz")
    states = f"; healthz {health[0].status}, readyz {health[1].status} in {health[1].seconds:.1f} s"
    report(state, answers, [a for a in answers if not is_as_it_should(a)], states)


def together(served: Site, path: str, clients: int = 20) -> list[Answer]:
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(served.ask(path))) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def recovery(served: Site, path: str) -> str:
    """Seconds until three requests in a row are answered."""
    started, good = time.monotonic(), 0
    while good < 3 and time.monotonic() < started + 60:
        good = good + 1 if served.ask(path).status == 200 else 0
        time.sleep(0.05)
    return f"{time.monotonic() - started:.1f} s" if good == 3 else "not within 60 s"


@contextlib.contextmanager
def asking(served: Site, paths: list[str]) -> Iterator[list[Answer]]:
    """Four clients that ask again and again meanwhile."""
    answers: list[Answer] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            for path in paths:
                answers.append(served.ask(path))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield answers
    done.set()
    for thread in threads:
        thread.join()


def main() -> None:
    postgres = Postgres(os.environ["DATABASE_URL"])
    with site() as served, served.serving():
        addresses = served.addresses()
        for path in addresses.values():
            served.ask(path)
        print(f"{'state':26}{'tries':>6}{'wrong':>7}{'median s':>10}{'most s':>9}")
        answers = [served.ask(path) for _ in range(ROUNDS) for path in addresses.values()]
        report("running", answers, [a for a in answers if a.status != 200])
        try:
            postgres.stop()
            while_away("stopped", served, addresses, ROUNDS)
            postgres.start()
            print("  back after", recovery(served, addresses["abstract"]))
            postgres.signal(signal.SIGSTOP)
            while_away("hanging", served, addresses, 1)
            answers = together(served, addresses["abstract"])
            report("hanging, 20 at once", answers, [a for a in answers if not is_as_it_should(a)])
            postgres.signal(signal.SIGCONT)
            print("  back after", recovery(served, addresses["abstract"]))
            with asking(served, list(addresses.values())) as answers:
                for _ in range(10):
                    postgres.end_connections()
                    time.sleep(0.3)
            report("connections ended", answers, [a for a in answers if a.status != 200 and not is_as_it_should(a)])
            print("  back after", recovery(served, addresses["abstract"]))
            with asking(served, list(addresses.values())) as answers:
                for _ in range(3):
                    postgres.stop()
                    time.sleep(0.5)
                    postgres.start()
                    time.sleep(2)
            report("restarted 3 times", answers, [a for a in answers if a.status != 200 and not is_as_it_should(a)])
            print("  back after", recovery(served, addresses["abstract"]))
        finally:
            postgres.signal(signal.SIGCONT)
        answers = [served.ask(path) for path in addresses.values()]
        report("running", answers, [a for a in answers if a.status != 200])


if __name__ == "__main__":
    main()
