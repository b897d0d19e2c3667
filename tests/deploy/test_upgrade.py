"""deploy/upgrade, with stand-ins for Python, the service manager and root: what it does, in which order."""

import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands for .venv/bin/python: notes the release, what is asked, and whether the site is out of service.
PYTHON = """#!/bin/sh
shift
[ -e "$ARCHIVE_DATA/maintenance" ] && out=" (out of service)" || out=
case "$*" in
    "migrate --check") exit "$(cat "$STATE/pending")" ;;
    showmigrations) cat "$STATE/applied"; exit ;;
    "import django, gunicorn") exit ;;
    "out_of_service_pages "*) mkdir -p "$2" ;;
    collectstatic*) mkdir -p staticfiles; basename "$PWD" > staticfiles/manifest ;;
esac
echo "$(basename "$PWD"): $*$out" >> "$STATE/log"
case "$*" in
    migrate*) exit "$(cat "$STATE/fails")" ;;
    resolve_zones) exit "$(cat "$STATE/unresolved")" ;;
esac
"""
HOOK = """#!/bin/sh
echo "services: $1" >> "$STATE/log"
"""
ID = """#!/bin/sh
[ "$1" = -u ] && echo 0 || echo archive
"""
BEFORE = """abstracts
 [X] 0001_initial
 [X] 0002_more
 [ ] 0003_new
accounts
 [X] 0001_initial
newcomers
 [ ] 0001_initial
"""
AFTER = BEFORE.replace("[ ]", "[X]")


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Machine:
    """A machine with the release "old" in service and "new" beside it."""

    def __init__(self, folder: Path, probe: str):
        self.home, self.data, self.state = (folder / name for name in ("srv", "data", "state"))
        for path in (self.home, self.data, self.state):
            path.mkdir()
        for name in ("old", "new"):
            release = self.home / "releases" / name
            shutil.copytree(ROOT / "deploy", release / "deploy", ignore=shutil.ignore_patterns("rehearsal"))
            (release / "requirements.txt").write_text("django\n")
        write_program(self.home / "releases/old/.venv/bin/python", PYTHON)
        (self.home / "releases/old/staticfiles").mkdir()
        (self.home / "releases/old/staticfiles/manifest").write_text("old\n")
        (self.home / "releases/old/staticfiles/site.0123.css").touch()
        (self.home / "current").symlink_to(self.home / "releases/old")
        write_program(folder / "bin/id", ID)
        write_program(folder / "hook", HOOK)
        self.has(pending=0, fails=0, unresolved=0, applied=AFTER)
        self.environment = {
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "ARCHIVE_HOME": str(self.home),
            "ARCHIVE_DATA": str(self.data),
            "ARCHIVE_SERVICES": str(folder / "hook"),
            "ARCHIVE_PROBE": probe,
            "ARCHIVE_PATIENCE": "1",
            "STATE": str(self.state),
        }

    def has(self, **facts: object) -> None:
        for name, value in facts.items():
            (self.state / name).write_text(str(value))

    def upgrade(self, *options: str, release: str = "new") -> tuple[int, list[str]]:
        """Exit status, and what was done, in order."""
        (self.state / "log").write_text("")
        script = self.home / "releases" / release / "deploy/upgrade"
        done = subprocess.run([script, *options], env=self.environment, capture_output=True, text=True, check=False)
        self.output = done.stdout + done.stderr
        return done.returncode, (self.state / "log").read_text().splitlines()

    @property
    def current(self) -> str:
        return (self.home / "current").resolve().name

    @property
    def is_out_of_service(self) -> bool:
        return (self.data / "maintenance").exists()


@pytest.fixture
def ready():
    """What /readyz answers, as a list of one status."""
    return [200]


@pytest.fixture
def machine(tmp_path, ready):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(ready[0])
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Machine(tmp_path, f"http://127.0.0.1:{server.server_port}/readyz")
        server.shutdown()


PREPARED = [
    "new: collectstatic --noinput --verbosity 0",
    "new: out_of_service_pages out-of-service",
    "new: check --deploy --fail-level WARNING",
]


def test_without_migrations_it_restarts_and_is_never_out_of_service(machine):
    assert machine.upgrade() == (0, [*PREPARED, "services: restart", "new: resolve_zones"])
    assert (machine.current, machine.is_out_of_service) == ("new", False)


def test_files_of_the_old_release_stay_and_the_manifest_is_the_new_ones(machine):
    machine.upgrade()
    static = machine.home / "current/staticfiles"
    assert (static / "site.0123.css").exists()
    assert (static / "manifest").read_text() == "new\n"
    assert (machine.home / "releases/old/staticfiles/manifest").read_text() == "old\n"


def test_with_migrations_it_is_out_of_service_while_they_run(machine):
    machine.has(pending=1, applied=BEFORE)
    status, done = machine.upgrade()
    assert (status, done[3:]) == (
        0,
        ["services: stop", "new: migrate --noinput (out of service)", "services: restart", "new: resolve_zones"],
    )
    assert (machine.current, machine.is_out_of_service) == ("new", False)


def test_migrations_that_the_old_release_can_work_with_run_while_it_serves(machine):
    machine.has(pending=1, applied=BEFORE)
    assert machine.upgrade("--online")[1][3:] == ["new: migrate --noinput", "services: restart", "new: resolve_zones"]


def test_times_that_could_not_be_resolved_are_told_while_the_release_serves(machine):
    machine.has(unresolved=1)
    assert machine.upgrade() == (1, [*PREPARED, "services: restart", "new: resolve_zones"])
    assert (machine.current, machine.is_out_of_service) == ("new", False)
    assert "local times were not resolved" in machine.output


def test_a_migration_that_fails_leaves_the_page_and_the_old_release(machine):
    machine.has(pending=1, applied=BEFORE, fails=1)
    status, done = machine.upgrade()
    assert (status, machine.current, machine.is_out_of_service) == (1, "old", True)
    assert "--back" in machine.output
    assert "services: restart" not in done


def test_after_a_migration_that_failed_the_old_release_comes_back(machine):
    machine.has(pending=1, applied=BEFORE, fails=1)
    machine.upgrade()
    machine.has(fails=0, applied=BEFORE.replace("[ ] 0003_new", "[X] 0003_new"))
    status, done = machine.upgrade("--back")
    assert (status, done[1:]) == (
        0,
        ["new: migrate --noinput abstracts 0002_more (out of service)", "services: restart"],
    )
    assert (machine.current, machine.is_out_of_service) == ("old", False)


def test_going_back_undoes_what_the_release_brought_and_nothing_else(machine):
    machine.has(pending=1, applied=BEFORE)
    machine.upgrade()
    machine.has(applied=AFTER)
    status, done = machine.upgrade("--back")
    assert status == 0
    assert done == [
        "services: stop",
        "new: migrate --noinput abstracts 0002_more (out of service)",
        "new: migrate --noinput newcomers zero (out of service)",
        "services: restart",
    ]
    assert (machine.current, machine.is_out_of_service) == ("old", False)


def test_a_migration_that_cannot_be_undone_leaves_the_page(machine):
    machine.has(pending=1, applied=BEFORE)
    machine.upgrade()
    machine.has(applied=AFTER, fails=1)
    assert machine.upgrade("--back")[0] == 1
    assert (machine.current, machine.is_out_of_service) == ("new", True)
    assert "restore the backup" in machine.output


def test_a_release_that_does_not_answer_is_told_and_can_be_taken_back(machine, ready):
    ready[0] = 503
    assert machine.upgrade()[0] == 1
    assert "does not answer" in machine.output
    ready[0] = 200
    assert machine.upgrade("--back") == (0, ["services: restart"])
    assert machine.current == "old"


def test_pages_of_a_release_that_is_taken_back_find_their_files(machine):
    machine.upgrade()
    (machine.home / "current/staticfiles/site.4567.css").touch()
    machine.upgrade("--back")
    assert (machine.home / "current/staticfiles/site.4567.css").exists()
    assert (machine.home / "current/staticfiles/manifest").read_text() == "old\n"


def test_the_release_in_service_is_no_upgrade(machine):
    assert machine.upgrade(release="old") == (1, [])
    assert "in service already" in machine.output


def test_without_a_former_release_there_is_no_way_back(machine):
    assert machine.upgrade("--back", release="old") == (1, [])
    assert "no former release is known" in machine.output


def test_a_first_installation_waits_for_its_services(machine):
    (machine.home / "current").unlink()
    write_program(machine.home / "releases/new/.venv/bin/python", PYTHON)
    machine.has(pending=1, applied=BEFORE)
    assert machine.upgrade() == (0, [*PREPARED, "new: migrate --noinput"])
    assert (machine.current, machine.is_out_of_service) == ("new", False)
