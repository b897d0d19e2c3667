"""What holds embargoed text, or may be taken back, is readable by the site alone, whatever the umask is."""

import os
import stat
import tempfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from abstracts.admin import uploads
from abstracts.downloads import shelf
from abstracts.models import Figure
from abstracts.private_files import make_private
from abstracts.search.following import ensure_current_snapshot
from tests.factories import AbstractFactory, MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_umask():
    former = os.umask(0)
    yield
    os.umask(former)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_private_folders_are_made_with_all_above_them(tmp_path):
    make_private(tmp_path / "one" / "two")
    make_private(tmp_path / "one" / "two")
    assert [mode(tmp_path / name) for name in ("one", "one/two")] == [0o700, 0o700]


def test_nobody_else_looks_into_the_search_index(settings):
    AbstractFactory()
    assert ensure_current_snapshot()
    root = settings.SEARCH_INDEX_ROOT
    assert [mode(path) for path in (root, *root.iterdir())] == [0o700, 0o700]


def test_nobody_else_looks_into_books(settings):
    shelf.mark_wanted(MeetingFactory())
    assert mode(settings.DOWNLOADS_ROOT) == 0o700


def test_nobody_else_reads_uploads(settings, files_folder):
    settings.UPLOADS_ROOT = files_folder / "uploads"
    token = uploads.store({"sheet": SimpleUploadedFile("a.csv", b"x")})
    folder = settings.UPLOADS_ROOT / token
    assert [mode(path) for path in (folder.parent, folder, folder / "sheet.csv")] == [0o700, 0o700, 0o600]


def test_only_their_group_reads_figures(settings):
    figure = Figure(abstract=AbstractFactory())
    figure.image = ContentFile(b"x", name="a.png")
    figure.save()
    assert mode(Path(figure.image.path)) == 0o640


def test_nobody_else_reads_what_is_in_memory_only_for_a_while():
    with tempfile.TemporaryDirectory(prefix="print-") as folder:
        assert mode(Path(folder)) == 0o700
    with TemporaryUploadedFile("a.csv", "text/csv", 1, "utf-8") as upload:
        assert mode(Path(upload.temporary_file_path())) == 0o600
