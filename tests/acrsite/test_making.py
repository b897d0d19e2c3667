"""Who makes a page, who waits for it, and for how long."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from acrsite import making

ROOT = Path(__file__).resolve().parents[2]
PAGE, OTHER = "ab12" * 16, "cd34" * 16
# Holds the lock of a page until it is killed or its input ends.
MAKER = f"""
import pathlib, sys
from django.conf import settings
settings.configure(CACHE_ROOT=pathlib.Path(sys.argv[1]))
from acrsite import making
lock = making.alone({PAGE!r})
print("made" if lock is None else "making", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_process(settings):
    """Another process of the machine, which makes PAGE."""
    command = [sys.executable, "-c", MAKER, str(settings.CACHE_ROOT)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "making\n"
        yield process
        process.kill()


def waiting(key: str = PAGE) -> tuple[threading.Thread, list]:
    """A thread that wants to make the page, and what it gets."""
    results: list = []
    thread = threading.Thread(target=lambda: results.append(making.alone(key)))
    thread.start()
    return thread, results


def test_the_first_makes_the_page_and_the_others_wait_until_it_is_there(monkeypatch):
    monkeypatch.setattr(making, "PATIENCE", 60)
    lock = making.alone(PAGE)
    assert lock
    others = [waiting() for _ in range(5)]
    for thread, results in others:
        thread.join(0.02)
        assert results == []
    making.over(lock)
    for thread, results in others:
        thread.join()
        assert results == [None]
    making.over(making.alone(PAGE))


def test_nobody_waits_for_another_page():
    lock, other = making.alone(PAGE), making.alone(OTHER)
    assert lock
    assert other
    making.over(lock)
    making.over(other)


def test_a_slow_maker_is_not_waited_for_any_longer(monkeypatch):
    lock = making.alone(PAGE)
    monkeypatch.setattr(making, "PATIENCE", 0.05)
    assert making.alone(PAGE) is None
    making.over(lock)


def test_processes_wait_for_each_other_and_not_for_a_killed_one(other_process, monkeypatch):
    monkeypatch.setattr(making, "PATIENCE", 60)
    thread, results = waiting()
    thread.join(0.05)
    assert results == []
    other_process.kill()
    thread.join()
    assert results == [None]
    making.over(making.alone(PAGE))


def test_a_child_that_outlives_its_maker_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(making, "PATIENCE", 60)
    lock = making.alone(PAGE)
    child = subprocess.Popen(["sleep", "60"], pass_fds=[lock.fileno()])
    making.over(lock)
    making.over(making.alone(PAGE))
    child.kill()
    child.wait()


def test_without_a_folder_for_locks_everybody_makes_the_page(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.CACHE_ROOT = tmp_path / "file"
    assert making.alone(PAGE) is None
