"""Folders of indexes that nobody uses are removed, and no other."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from abstracts.models import ArchiveState
from abstracts.search import replica as module
from abstracts.search.folders import UNUSED_SECONDS
from abstracts.search.following import ensure_current_snapshot
from abstracts.search.replica import get_replica
from abstracts.search.schema import SCHEMA_VERSION
from tests.factories import AbstractFactory

pytestmark = pytest.mark.django_db

HOLD = "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_SH); print('held'); sys.stdin.read()"


@pytest.fixture
def root(settings) -> Path:
    """The folder of all indexes of this machine, with this archive's in use."""
    AbstractFactory()
    ensure_current_snapshot()
    return settings.SEARCH_INDEX_ROOT


def identity() -> str:
    return ArchiveState.objects.get().identity.hex


def left_behind(root: Path, name: str, age: float = 0) -> Path:
    """A folder as a version or archive that is gone leaves it, written `age` seconds ago."""
    folder = root / name
    (folder / "index-0a1b2c3d").mkdir(parents=True)
    files = [folder / "current", folder / "use.lock", folder / "index-0a1b2c3d" / "meta.json"]
    for path in files:
        path.write_text("index-0a1b2c3d")
    for path in (*files, folder / "index-0a1b2c3d", folder):
        os.utime(path, (time.time() - age, time.time() - age))
    return folder


def start_again() -> None:
    """As a process that begins finds it."""
    module._replicas.clear()
    assert ensure_current_snapshot()


def test_a_former_versions_index_is_removed_when_a_process_begins(root):
    former = left_behind(root, f"{SCHEMA_VERSION - 1}-{identity()}")
    start_again()
    assert not former.exists()
    assert [path.name for path in root.iterdir()] == [f"{SCHEMA_VERSION}-{identity()}"]


def test_an_index_that_a_process_of_another_version_uses_stays_until_it_ends(root):
    former = left_behind(root, f"{SCHEMA_VERSION - 1}-{identity()}")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, former / "use.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout.readline() == b"held\n"
        start_again()
        assert (former / "index-0a1b2c3d" / "meta.json").exists()
        process.kill()
    start_again()
    assert not former.exists()


@pytest.mark.parametrize(("age", "stays"), [(UNUSED_SECONDS - 3600, True), (UNUSED_SECONDS + 3600, False)])
def test_another_archives_index_is_removed_when_it_was_not_used_for_long(root, age, stays):
    other = left_behind(root, f"{SCHEMA_VERSION}-{uuid.uuid4().hex}", age)
    start_again()
    assert other.exists() == stays


def test_what_is_no_folder_of_an_index_stays(root):
    others = [left_behind(root, name, UNUSED_SECONDS * 2) for name in ("backup-of-0", f"7-{identity()}-copy")]
    start_again()
    assert all(other.exists() for other in others)


def test_a_process_holds_its_own_folder(root):
    replica, _ = get_replica()
    with (replica.folder / "use.lock").open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_was_deleted_and_made_again_is_held_again(root):
    replica, _ = get_replica()
    shutil.rmtree(replica.folder)
    assert ensure_current_snapshot()
    test_a_process_holds_its_own_folder(root)
