"""What operators copy: the files fit each other and the documents. (deploy/rehearsal runs them, by hand.)"""

import re
import subprocess
from pathlib import Path

import pytest

from acrsite import env_file

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "docs/operations.md"]
FILES = [path for path in sorted((ROOT / "deploy").rglob("*")) if path.is_file() and path.suffix != ".pyc"]
UNITS = [path for path in FILES if "systemd" in path.parts]


def text_of(name: str) -> str:
    return (ROOT / "deploy" / name).read_text()


def test_every_file_that_documents_name_is_there():
    named = {name for path in DOCUMENTS for name in re.findall(r"deploy/[\w./-]*\w", path.read_text())}
    assert {name for name in named if not (ROOT / name).exists()} == {"deploy/archive.env"}  # compose's, made by hand
    assert named


def test_the_steps_that_the_rehearsal_runs_are_in_the_documents():
    for document, heading in re.findall(r'steps_of\("(.+?)", "(.+?)"\)', text_of("rehearsal/steps.py")):
        section = (ROOT / document).read_text().split(f"\n{heading}\n")[1].split("\n## ")[0]
        assert "```sh\n" in section, heading


@pytest.mark.parametrize("name", ["archive-manage", "upgrade"])
def test_scripts_are_shell_and_can_be_started(name):
    subprocess.run(["sh", "-n", ROOT / "deploy" / name], check=True)
    assert (ROOT / "deploy" / name).stat().st_mode & 0o111


def test_the_example_holds_every_required_variable_and_none_that_nobody_reads():
    variables = env_file.read(str(ROOT / "deploy/archive.env.example"))
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "EMAIL_URL", "DATABASE_URL"} <= set(variables)
    settings = (ROOT / "acrsite/settings.py").read_text()
    assert {name for name in variables if f'"{name}"' not in settings} == set()


def test_the_program_alone_reads_the_file_of_variables():
    """systemd would read it in its own way, and so would a shell."""
    for path in (*UNITS, ROOT / "deploy/archive-manage", ROOT / "deploy/upgrade", ROOT / "deploy/cron"):
        assert not re.search(r"EnvironmentFile|set -a|\. +/etc|source ", path.read_text()), path


def test_all_services_share_what_they_may_not_do():
    services = [path for path in UNITS if path.suffix == ".service"]
    assert len(services) == 5
    for path in services:
        assert path.name.startswith("archive-"), "else archive-.service.d is not read"
        assert not re.search(r"^(User|Protect\w+|UMask|SystemCall\w+)=", path.read_text(), re.M), path


def test_files_agree_on_places():
    nginx, units = text_of("nginx/archive.conf"), "".join(path.read_text() for path in UNITS)
    variables = env_file.read(str(ROOT / "deploy/archive.env.example"))
    assert f"alias {variables['DATA_ROOT']}/figures/;" in nginx
    assert f"location {variables['X_ACCEL_PREFIX']}/ {{" in nginx
    assert f"-f {variables['DATA_ROOT']}/maintenance" in nginx
    assert f"data=${{ARCHIVE_DATA:-{variables['DATA_ROOT']}}}" in text_of("upgrade")
    assert "proxy_pass http://127.0.0.1:8000;" in nginx
    assert "ListenStream=127.0.0.1:8000" in units
    for place in (nginx, units, text_of("archive-manage")):
        assert "/srv/archive/current" in place
