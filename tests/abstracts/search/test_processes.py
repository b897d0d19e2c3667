"""Several processes with one index: changes are found at once, and killing a process at any point loses nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TITLES = [f"Invented cohort {n} of commonword" for n in range(30)]


class Child:
    """A process of the product with a database and an index folder."""

    def __init__(self, database: Path, index: Path):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{database}",
            "SEARCH_INDEX_ROOT": str(index),
        }
        command = [sys.executable, "-m", "tests.abstracts.search.child"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, *words) -> None:
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        assert line, "the process died"
        return json.loads(line)

    def do(self, *words):
        self.tell(*words)
        return self.answer()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{path}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return path


@pytest.fixture
def start(empty_database, tmp_path):
    """start(index="a") gives a process on the test's own database, with an index folder of that name."""
    database = tmp_path / "db.sqlite3"
    for suffix in ("", "-wal"):
        if Path(f"{empty_database}{suffix}").exists():
            shutil.copy(f"{empty_database}{suffix}", f"{database}{suffix}")
    children = []

    def start(index: str = "a") -> Child:
        children.append(Child(database, tmp_path / index))
        return children[-1]

    yield start
    for child in children:
        child.close()


def test_next_search_of_any_process_on_any_machine_finds_a_change(start):
    one, other, elsewhere = start(), start(), start("another-machine")
    pks = one.do("add", "Firstword here", "Second here")
    for child in (other, one, elsewhere):
        assert child.do("search", "firstword") == {"by": "index", "pks": pks[:1]}
    one.do("delete", pks[0])
    added = other.do("add", "Firstword again")
    for child in (elsewhere, other, one):
        assert child.do("search", "firstword")["pks"] == added
        assert child.do("check") == "well"


def test_concurrent_searches_of_several_processes(start):
    children = [start(), start(), start()]
    for n in range(4):
        children[n % 3].do("add", f"Roundword {n}")
        for child in children:
            child.tell("search", "roundword")
        assert [len(child.answer()["pks"]) for child in children] == [n + 1] * 3
    assert children[0].do("check") == "well"


def test_a_thread_follows_what_its_process_writes_and_what_others_write(start):
    """Nobody searches here: readers never index."""
    one, other = start(), start()
    one.do("add", "Firstword here")
    one.do("update")
    assert one.do("follow") == "following"
    one.do("add", "Firstword again")
    wait_for(lambda: len(set(one.do("state"))) == 1)
    other.do("add", "Firstword elsewhere")
    wait_for(lambda: len(set(one.do("state"))) == 1)
    assert other.do("search", "firstword")["by"] == "index"
    assert one.do("check") == "well"


def test_a_search_waits_for_the_thread(start):
    one, other = start(), start()
    one.do("follow")
    for number in range(3):
        other.do("add", f"Laterword {number}")
        found = one.do("search", "laterword")
        assert (found["by"], len(found["pks"])) == ("index", number + 1)


def test_a_search_does_not_wait_for_the_cleaning(start):
    one = start()
    one.do("add", "Firstword here")
    one.do("update")
    one.do("follow")
    one.do("clean", "20")
    time.sleep(1)
    one.do("add", "Laterword here")
    found = one.do("search", "laterword")
    assert (found["by"], len(found["pks"])) == ("index", 1)


def wait_for(condition, seconds=60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("point", ["documents", "commit", "public", "swap"])
def test_killed_while_catching_up(start, point):
    survivor = start()
    survivor.do("add", *TITLES)
    assert len(survivor.do("search", "commonword")["pks"]) == 30
    survivor.do("add", "One more of commonword")
    victim = start()
    victim.do("stall", point)
    victim.tell("search", "commonword")
    assert victim.answer() == f"at {point}"
    victim.kill()
    assert len(survivor.do("search", "commonword")["pks"]) == 31
    assert survivor.do("check") == "well"
    assert start().do("check") == "well"


@pytest.mark.parametrize("point", ["documents", "commit", "swap"])
def test_killed_while_building(start, point):
    survivor = start()
    survivor.do("add", *TITLES)
    survivor.do("update")
    victim = start()
    victim.do("stall", point)
    victim.tell("rebuild")
    assert victim.answer() == f"at {point}"
    survivor.do("add", "Meanwhile of commonword")
    if point != "swap":
        assert len(survivor.do("search", "commonword")["pks"]) == 31, "searches go on beside a rebuild"
    victim.kill()
    assert survivor.do("search", "commonword") == start().do("search", "commonword")
    assert len(survivor.do("search", "commonword")["pks"]) == 31
    assert survivor.do("rebuild") == survivor.do("update")
    assert survivor.do("check") == "well"


def test_while_another_process_builds_the_first_index_the_database_answers(start):
    survivor = start()
    survivor.do("add", *TITLES)
    victim = start()
    victim.do("stall", "documents")
    victim.tell("rebuild")
    assert victim.answer() == "at documents"
    assert survivor.do("search", "commonword")["by"] == "database"
    victim.kill()
    assert survivor.do("search", "commonword")["by"] == "index"
