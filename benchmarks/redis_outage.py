"""What pages do while Redis is stopped, hangs, or refuses to write; and whether limits on sign-in still hold.

    python -m benchmarks.redis_outage

Needs redis-server. Everything runs on loopback and ends by itself, in about two minutes.
"""

import contextlib
import itertools
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.serving import Answer, Site, free_port, site, wait_for

ROUNDS = 5
_counter = itertools.count()


class Redis:
    """A redis-server of this script on loopback."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        wait_for(self.port)

    def stop(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def say(self, *words: str) -> None:
        subprocess.run(["redis-cli", "-p", str(self.port), *words], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="acr-redis-") as name:
        server = Redis(Path(name), free_port())
        server.start()
        try:
            yield server
        finally:
            server.signal(signal.SIGCONT)
            server.stop()


def fresh(path: str) -> str:
    """`path` as nobody asked for it before: no kept page answers."""
    return f"{path}{'&' if '?' in path else '?'}n={next(_counter)}"


def visit(served: Site, addresses: dict[str, str]) -> dict[str, list[Answer]]:
    answers: dict[str, list[Answer]] = {name: [] for name in [*addresses, "sign-in"]}
    for _ in range(ROUNDS):
        for name, path in addresses.items():
            answers[name].append(served.ask(fresh(path)))
        answers["sign-in"].append(served.sign_in(f"nobody{next(_counter)}@example.org", "wrong"))
    return answers


def tries_until_limited(served: Site) -> int:
    """Wrong passwords for one address until the site says that it is enough; 0 where it never does."""
    email = f"somebody{next(_counter)}@example.org"
    for number in range(1, 21):
        answer = served.sign_in(email, "wrong")
        if b"Too many" in answer.body or answer.status == 429:
            return number
    return 0


def main() -> None:
    with (
        redis() as server,
        site(REDIS_URL=f"redis://127.0.0.1:{server.port}/0", BEHIND_PROXY="true") as served,
        served.serving(),
    ):
        addresses = served.addresses()
        visit(served, addresses)
        usual = {name: statistics.median(a.seconds for a in rows) for name, rows in visit(served, addresses).items()}
        print(f"{'state':14}{'tries':>5}{'wrong':>7}{'most added s':>14}{'median added s':>16}{'limit after':>13}")
        states = {
            "running": lambda: None,
            "stopped": server.stop,
            "started": server.start,
            "hanging": lambda: server.signal(signal.SIGSTOP),
            "continued": lambda: server.signal(signal.SIGCONT),
            "out of memory": lambda: server.say("config", "set", "maxmemory", "1"),
            "memory again": lambda: server.say("config", "set", "maxmemory", "0"),
        }
        for state, change in states.items():
            change()
            answers = visit(served, addresses)
            flat = [(name, answer) for name, rows in answers.items() for answer in rows]
            wrong = [name for name, answer in flat if answer.status != 200]
            added = [answer.seconds - usual[name] for name, answer in flat]
            limit = tries_until_limited(served)
            print(
                f"{state:14}{len(flat):>5}{len(wrong):>7}{max(added):>14.3f}{statistics.median(added):>16.3f}{limit:>13}"
                f"  {', '.join(sorted(set(wrong)))}",
                flush=True,
            )
        print(f"log lines about caches: {served.log().count('cache_')}")


if __name__ == "__main__":
    main()
