"""What searches and pages do when this machine's index is damaged, read-only, or on a full disk.

    python -m benchmarks.index_damage

Each file of the index is damaged in each way, before a process opens it and while one has it open. Then pages are
asked for: by a process that has it open, and by one that starts afterwards (a worker that was killed is replaced so).
"wrong" counts answers that are not 200, and searches that count what they did not count before. Needs root for the
file systems. Ends by itself, in some minutes.
"""

import contextlib
import importlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from django.test.utils import setup_test_environment

from benchmarks.serving import Site, site

LONGEST = 90  # seconds of one case
_fork = multiprocessing.get_context("fork")


def answer(addresses: dict[str, str], link: Any, log: Path) -> None:
    """In a process of its own: asks for pages, or writes, whenever told to."""
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    from django.core.cache import caches
    from django.test import Client

    from abstracts.models import Keyword
    from abstracts.search.damage import without_index

    client = Client(raise_request_exception=False, SERVER_NAME="127.0.0.1")
    while (what := link.recv()) != "end":
        answers = []
        if what == "write":
            keyword = Keyword.unfiltered.filter(abstractkeyword__isnull=False).first()
            keyword.name = keyword.name[:-2] if keyword.name.endswith(" x") else f"{keyword.name} x"
            keyword.save()
        for name, path in addresses.items() if what != "write" else ():
            caches["pages"].clear()
            started = time.monotonic()
            with without_index() if what == "ask the database" else contextlib.nullcontext():
                response = client.get(path)
            total = response.context["total"] if name == "search" and response.status_code == 200 else None
            answers.append([name, response.status_code, total, time.monotonic() - started])
        link.send(answers)


class Process:
    """A process that has the site's code loaded and nothing else open."""

    def __init__(self, addresses: dict[str, str], log: Path):
        self.link, other = _fork.Pipe()
        self.process = _fork.Process(target=answer, args=(addresses, other, log), daemon=True)
        self.process.start()
        other.close()

    def do(self, what: str) -> list | None:
        """The answers; None where the process died."""
        try:
            self.link.send(what)
            return self.link.recv() if self.link.poll(LONGEST) else None
        except (OSError, EOFError):
            return None

    def end(self) -> int:
        with contextlib.suppress(OSError):
            self.link.send("end")
        self.process.join(10)
        self.process.kill()
        self.process.join()
        return self.process.exitcode or 0


def overwrite(path: Path, start: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def swap(path: Path) -> None:
    others = sorted(p for p in path.parent.iterdir() if p != path and p.is_file())
    content = path.read_bytes()
    path.write_bytes(others[0].read_bytes())
    others[0].write_bytes(content)


def unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)  # opening it fails, for root too


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: os.truncate(path, 0),
    "cut in half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "last byte off": lambda path: os.truncate(path, max(path.stat().st_size - 1, 0)),
    "zeros": lambda path: overwrite(path, 0, bytes(path.stat().st_size)),
    "garbage": lambda path: overwrite(path, 0, os.urandom(path.stat().st_size)),
    "garbage in the middle": lambda path: overwrite(path, path.stat().st_size // 2, os.urandom(16)),
    "zeros at the start": lambda path: overwrite(path, 0, bytes(min(16, path.stat().st_size))),
    "longer": lambda path: overwrite(path, path.stat().st_size, os.urandom(100)),
    "swapped": swap,
    "unreadable": unreadable,
    "a folder": folder,
}


class Trial:
    def __init__(self, served: Site):
        self.served = served
        self.addresses = {"search": "/search/?q=arthritis", "suggestions": "/search/suggestions/?q=ar"}
        self.results: dict[str, Counter] = {}
        self.slowest: dict[str, float] = {}
        self.expected: set[int | None] = set()

    def store(self) -> Path:
        return next((self.served.folder / "search").iterdir())

    def run(self, name: str, damage: Callable[[], object], is_open: bool, what: str = "") -> None:
        log = self.served.folder / "asking.log"
        counts = self.results.setdefault(name, Counter())
        counts["tries"] += 1
        first = Process(self.addresses, log)
        if is_open:
            first.do("ask")
        damage()
        rounds = [first.do("ask"), first.do("ask"), first.do("write"), first.do("ask")]
        counts["died"] += first.end() < 0
        second = Process(self.addresses, log)
        rounds += [second.do("ask"), second.do("ask"), second.do("write"), second.do("ask")]
        counts["died"] += second.end() < 0
        wrong = [self._wrong(answers) for answers in rounds]
        counts["wrong"] += sum(wrong)
        counts["lasting"] += bool(wrong[-1] or wrong[-3])
        times = [answer[3] for answers in rounds if answers for answer in answers]
        self.slowest[name] = max([self.slowest.get(name, 0), *times])
        if sum(wrong):
            found = [self._strange(answers) for answers in rounds]
            print("   ", name, "open" if is_open else "closed", what, found, flush=True)

    def _strange(self, answers: list | None) -> object:
        return "died" if answers is None else [a[:3] for a in answers if self._wrong([a])]

    def _wrong(self, answers: list | None) -> int:
        if answers is None:
            return 1
        return sum(a[1] != 200 or (a[0] == "search" and a[2] not in self.expected) for a in answers)

    def report(self) -> None:
        print(f"{'damage':44}{'tries':>6}{'wrong':>7}{'died':>6}{'lasting':>9}{'most s':>8}")
        for name, counts in self.results.items():
            numbers = f"{counts['tries']:>6}{counts['wrong']:>7}{counts['died']:>6}{counts['lasting']:>9}"
            print(f"{name:44}{numbers}{self.slowest[name]:>8.2f}")


@contextlib.contextmanager
def kept(store: Path) -> Iterator[None]:
    """The folder as it is now, again afterwards."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        copy = Path(name) / "store"
        shutil.copytree(store, copy)
        yield
        shutil.rmtree(store)
        shutil.copytree(copy, store)


def indexes(store: Path) -> dict[str, Path]:
    """The folders in use: of all documents, and of what the public finds now."""
    from abstracts.search.snapshots import State

    state = State.loads((store / "current").read_text())
    return {"all": store / state.all, "public": store / state.public[0].name}


def files_of(store: Path) -> list[str]:
    """Names by which the files of any indexes of ours are found again: a suffix, or the whole name."""
    names = {
        f"{kind}/{path.suffix if path.suffix and len(path.stem) == 32 else path.name}"
        for kind, index in indexes(store).items()
        for path in index.iterdir()
    }
    return ["current", *sorted(names)]


def find(store: Path, name: str) -> Path:
    if name == "current":
        return store / name
    kind, _, name = name.partition("/")
    return next(p for p in indexes(store)[kind].iterdir() if name in (p.suffix, p.name))


def damage_files(trial: Trial) -> None:
    store = trial.store()
    for name in files_of(store):
        for damage_name, damage in DAMAGES.items():
            for is_open in (False, True):
                with kept(store):
                    trial.run(damage_name, lambda damage=damage, name=name: damage(find(store, name)), is_open, name)


def damage_folder(trial: Trial) -> None:
    store = trial.store()
    for is_open in (False, True):
        for kind in ("all", "public"):
            for name, damage in {
                "index folder deleted": lambda kind=kind: shutil.rmtree(indexes(store)[kind]),
                "store deleted": lambda: shutil.rmtree(store),
                "index emptied": lambda kind=kind: [p.unlink() for p in indexes(store)[kind].iterdir()],
                "leftovers": lambda kind=kind: [
                    shutil.copytree(indexes(store)[kind], store / f"index-{n}") for n in ("dead", "beef")
                ],
            }.items():
                with kept(store):
                    trial.run(name, damage, is_open, kind)
                    if left := [p.name for p in store.glob("index-*") if p not in indexes(store).values()]:
                        print("    left:", left)


@contextlib.contextmanager
def file_system(folder: Path, size: str) -> Iterator[None]:
    """A file system of its own on `folder`, with what is in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        copy = Path(name) / "copy"
        shutil.copytree(folder, copy)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
        try:
            shutil.copytree(copy, folder, dirs_exist_ok=True)
            yield
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


def fill(folder: Path) -> None:
    with contextlib.suppress(OSError), (folder / "filling").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def delete_index(store: Path) -> None:
    """Without the files themselves: a file system with deleted files that are open cannot be made read-only."""
    (store / "current").write_text("nothing")


def damage_disk(trial: Trial) -> None:
    root = trial.served.folder / "search"
    for is_open in (False, True):
        for name, damage in {
            "read-only": lambda: remount(root, "ro"),
            "read-only, the index deleted": lambda: (delete_index(trial.store()), remount(root, "ro")),
            "full": lambda: fill(root),
            "full, the index deleted": lambda: (delete_index(trial.store()), fill(root)),
        }.items():
            with file_system(root, "64m"):
                trial.run(f"disk {name}", damage, is_open)
                remount(root, "rw")
                (root / "filling").unlink(missing_ok=True)
                trial.run(f"disk {name}: afterwards", lambda: None, is_open)


def main() -> None:
    signal.alarm(1800)
    started = time.monotonic()
    with site() as served:
        trial = Trial(served)
        with served.serving():
            trial.addresses |= {"abstract": served.addresses()["abstract"], "feed": "/feeds/search/?q=arthritis"}
        os.environ.update(served.environment, DJANGO_SETTINGS_MODULE="acrsite.settings")
        django.setup()
        setup_test_environment()  # responses tell their context
        importlib.import_module("acrsite.urls")
        first = Process(trial.addresses, served.folder / "asking.log")
        answers = [first.do("ask"), first.do("ask the database")]
        first.end()
        trial.expected = {rows[0][2] for rows in answers if rows}
        print("expected:", answers, flush=True)
        if len(sys.argv) < 2 or "files" in sys.argv:
            damage_files(trial)
        if len(sys.argv) < 2 or "folder" in sys.argv:
            damage_folder(trial)
        if len(sys.argv) < 2 or "disk" in sys.argv:
            damage_disk(trial)
        trial.report()
        log = (served.folder / "asking.log").read_text()
        print(f"{time.monotonic() - started:.0f} s; {log.count('Traceback')} tracebacks logged")
        if path := os.environ.get("KEEP_LOG"):
            Path(path).write_text(log)


if __name__ == "__main__":
    main()
