"""Runs the steps of README.md and docs/operations.md as they stand there, and looks whether they keep their word.

    sudo python3 deploy/rehearsal [--wheels FOLDER]

Needs Debian, root, `make test`'s virtual environment, and PACKAGES. The machine itself is not changed: the steps run in
a copy of it (an overlay of its disk, in memory) that boots a systemd of its own, with PostgreSQL, nginx and gunicorn as
services, and a network that reaches nothing. Python's packages are downloaded into FOLDER before. Takes some ten
minutes and 6 GB of memory.

Then it upgrades to two releases that it makes up, one with a schema that the old program cannot work with, and goes
back, while visitors ask all the time. Prints each line of the documents with its seconds, then each check. Exit
status 1 where one failed. `steps.py` is what happens in the copy; what a person does between the steps (fill in
the variables, bring a certificate) stands there as PERSON.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = "adduser git iproute2 logrotate nginx-light openssl postgresql-15 python3-venv systemd-container"
ROOT = Path(__file__).resolve().parents[2]
UNIT = """
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /rehearsal/steps.py
ExecStopPost=/bin/systemctl exit $EXIT_STATUS
StandardOutput=file:/rehearsal/log
StandardError=inherit
TimeoutStartSec=1700
"""
TARGET = """
[Unit]
Requires=multi-user.target
Wants=rehearsal.service
"""
BOOT = """
set -e
mount -t tmpfs -o size=8G tmpfs {stage}/copy
cd {stage}/copy
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cp {stage}/rehearsal.* root/etc/systemd/system/
: > root/etc/machine-id
mkdir -p /run/systemd/nspawn/propagate
exec systemd-nspawn --quiet --directory=root --register=no --keep-unit --private-network --console=pipe \\
    --bind={stage}:/rehearsal --bind-ro={wheels}:/rehearsal-wheels \\
    /lib/systemd/systemd systemd.unit=rehearsal.target
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, default=ROOT / "var/wheels", metavar="FOLDER")
    wheels = parser.parse_args().wheels.resolve()
    if os.geteuid() or not shutil.which("systemd-nspawn"):
        sys.exit(f"Run it as root, with: apt-get install {PACKAGES}")
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        stage = Path(folder)
        download_wheels(wheels)
        make_repository(stage / "repository")
        shutil.copy(Path(__file__).with_name("steps.py"), stage)
        status = boot(stage, wheels)
        print((stage / "log").read_text())
    return status


def run(*command: str, **options) -> None:
    subprocess.run(command, check=True, **options)


def download_wheels(folder: Path) -> None:
    """What the copy installs, for Debian's own Python."""
    tool = folder / "tool"
    if not tool.exists():
        run("/usr/bin/python3", "-m", "venv", str(tool))
    requirements = str(ROOT / "requirements.txt")
    pip = str(tool / "bin/pip")
    run(pip, "download", "--quiet", "--require-hashes", "--dest", str(folder), "--requirement", requirements)


def make_repository(folder: Path) -> None:
    """The work tree's commit as the branch "first", and two releases made of it: "second" with a migration, "third"."""
    git = ["git", "-c", "user.name=rehearsal", "-c", "user.email=rehearsal@example.org", "-C", str(folder)]
    run("git", "clone", "--quiet", str(ROOT), str(folder))
    run(*git, "checkout", "--quiet", "-B", "first")
    run(*git, "checkout", "--quiet", "-b", "second")
    # A column gets another name: what the first release asks for is an error on this schema.
    meeting = folder / "abstracts/models/meeting.py"
    city = "city = models.CharField("
    meeting.write_text(meeting.read_text().replace(city, f'{city}db_column="town", ', 1))
    command = [str(ROOT / ".venv/bin/python"), "manage.py", "makemigrations", "--name", "rehearsal", "abstracts"]
    with tempfile.TemporaryDirectory() as data:
        run(*command, cwd=folder, env={**os.environ, "DEBUG": "true", "DATA_ROOT": data}, stdout=subprocess.DEVNULL)
    run(*git, "add", "--all")
    run(*git, "commit", "--quiet", "--message", "Rename a column")
    run(*git, "checkout", "--quiet", "-b", "third")
    with (folder / "static/css/site.css").open("a") as css:
        css.write("/* third */\n")
    run(*git, "commit", "--quiet", "--all", "--message", "Change a static file")
    run(*git, "checkout", "--quiet", "first")


def boot(stage: Path, wheels: Path) -> int:
    """Boot the copy, wait until it has ended, return its exit status."""
    (stage / "copy").mkdir()
    (stage / "rehearsal.service").write_text(UNIT)
    (stage / "rehearsal.target").write_text(TARGET)
    # Mounts end with the namespace.
    command = ["unshare", "--mount", "sh", "-c", BOOT.format(stage=stage, wheels=wheels)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False, timeout=1800).returncode


if __name__ == "__main__":
    sys.exit(main())
