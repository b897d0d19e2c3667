import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from acrsite.doctor import folders


@pytest.fixture
def root(settings):
    """Folders as the README makes them. (Nobody else may pass through pytest's own.)"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        make_folders(folder, settings)
        yield folder


def make_folders(root: Path, settings) -> None:
    for name in ("SEARCH_INDEX_ROOT", "UPLOADS_ROOT", "DOWNLOADS_ROOT"):
        folder = root / name
        folder.mkdir()
        folder.chmod(0o700)
        setattr(settings, name, folder)
    settings.FIGURES_ROOT = root / "figures"
    settings.FIGURES_ROOT.mkdir()
    settings.FIGURES_ROOT.chmod(0o2750)
    settings.X_ACCEL_PREFIX = "/figures-behind-the-law"


def test_nothing_is_found_where_all_is_well(findings, root):
    assert findings(folders.check) == []


def test_folders_that_are_not_made_yet_are_no_fault(findings, root, settings):
    for name in ("SEARCH_INDEX_ROOT", "UPLOADS_ROOT", "DOWNLOADS_ROOT", "FIGURES_ROOT"):
        getattr(settings, name).rmdir()
    assert findings(folders.check) == []


@pytest.mark.parametrize("name", ["SEARCH_INDEX_ROOT", "UPLOADS_ROOT", "DOWNLOADS_ROOT"])
def test_a_private_folder_that_others_look_into_is_found(findings, root, name):
    (root / name).chmod(0o755)
    ((level, message),) = findings(folders.check)
    assert (level, "Others can look into" in message, name in message) == ("Error", True, True)


def test_a_folder_that_cannot_be_written_to_is_found(findings, root, monkeypatch):
    """Root may write everywhere, and tests may run as root: so the kernel's answer is made up."""
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != root / "UPLOADS_ROOT" and allowed(path, mode))
    ((level, message),) = findings(folders.check)
    assert (level, "cannot write to" in message, "UPLOADS_ROOT" in message) == ("Error", True, True)


def test_a_full_disk_is_found(findings, root, monkeypatch):
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 1024**2))
    assert {(level, message[:15]) for level, message in findings(folders.check)} == {("Warning", "5 MB are left o")}


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        (0o2755, "Others can look into"),
        (0o750, "does not get the group"),
        (0o2700, "does not get the group"),
    ],
)
def test_figures_that_the_wrong_ones_can_read_are_found(findings, root, settings, mode, message):
    settings.FIGURES_ROOT.chmod(mode)
    ((level, found),) = findings(folders.check)
    assert (level, message in found) == ("Error", True)


def test_a_folder_above_the_figures_that_nginx_cannot_pass_is_found(findings, root):
    """As the file cache made it once."""
    root.chmod(0o700)
    assert [(level, "cannot pass through" in message) for level, message in findings(folders.check)] == [
        ("Error", True)
    ]


def test_without_nginx_the_figures_may_be_the_sites_alone(findings, root, settings):
    settings.X_ACCEL_PREFIX = ""
    settings.FIGURES_ROOT.chmod(0o700)
    assert findings(folders.check) == []
