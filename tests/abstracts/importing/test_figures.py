import zipfile

import pytest

from abstracts.importing import ImportOptions, Outcome, run_import
from abstracts.importing.figures import FigureFiles
from abstracts.models import Figure, Rendition
from abstracts.models.figure import figure_storage
from tests.factories import TierFactory

from .files import png, row, xlsx


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    (folder / "one.png").write_bytes(png())
    (folder / "sub" / "two.jpg").write_bytes(png(color="red", form="JPEG"))
    (folder / "not.png").write_text("no image")
    (tmp_path / "outside.png").write_bytes(png())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    return folder


@pytest.fixture
def archive(tmp_path, folder):
    """A zip file of the folder, with its name before each file, and with an entry outside of it."""
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            if not path.is_symlink():
                archive.write(path, f"images/{path.relative_to(folder)}")
        archive.write(tmp_path / "outside.png", "../outside.png")
    return tmp_path / "images.zip"


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_files_are_found_in_folder_and_subfolders(kind, request):
    files = FigureFiles(request.getfixturevalue(kind))
    assert files.prepare("one.png").master.width == 600
    assert files.prepare("sub\\two.jpg").digest == files.prepare("./sub/two.jpg").digest
    files.close()


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.png", "leads out"),
        ("sub/../../outside.png", "leads out"),
        ("/etc/passwd", "leads out"),
        ("C:\\windows\\x.png", "leads out"),
        ("three.png", "there is no such file"),
        ("sub", "there is no such file"),
        ("link.png", "leads out|no such file"),
        ("not.png", "not a PNG"),
    ],
)
def test_file_outside_or_not_an_image_is_an_error_of_the_row(kind, name, words, request):
    files = FigureFiles(request.getfixturevalue(kind))
    with pytest.raises(ValueError, match=words):
        files.prepare(name)
    files.close()


@pytest.fixture
def load(tmp_path, folder):
    TierFactory(meeting__slug="forum", name="Regular", number_prefixes="0-9")

    def load(rows, **options):
        options = {"meeting": "forum", "figures": folder} | options
        return run_import(xlsx(tmp_path / "a.xlsx", rows), ImportOptions(**options))

    return load


def stored_files(settings):
    return sorted(path.name for path in settings.FIGURES_ROOT.rglob("*") if path.is_file())


FIGURES = {
    "figures": "one.png; sub/two.jpg",
    "figure_captions": "Course of a <i>score</i> (p<1); Another",
    "alts": "A line",
}


def rows(**changes):
    return [row(**{**FIGURES, **changes} | {"figure_alts": "A falling line"})]


@pytest.mark.django_db
def test_figures_are_stored_with_caption_and_alt(load, settings):
    report = load(rows())
    assert report.applied
    one, two = Figure.unfiltered.order_by("position")
    assert (one.label, one.caption, one.alt) == ("Figure 1", "Course of a <i>score</i> (p&lt;1)", "A falling line")
    assert (one.original_name, one.width, two.original_name) == ("one.png", 600, "two.jpg")
    assert Rendition.unfiltered.count() == 2
    assert len(stored_files(settings)) == 4


@pytest.mark.django_db
def test_second_import_keeps_the_files(load, settings):
    load(rows())
    before = stored_files(settings)
    report = load(rows())
    assert report.rows[0].outcome is Outcome.UNCHANGED
    assert stored_files(settings) == before


@pytest.mark.django_db
def test_changed_image_and_removed_image(load, settings, folder, django_capture_on_commit_callbacks):
    load(rows())
    pk = Figure.unfiltered.order_by("position")[0].pk
    (folder / "one.png").write_bytes(png(color="black"))
    with django_capture_on_commit_callbacks(execute=True):
        report = load(rows(figures="one.png", figure_captions="Course"))
    assert report.rows[0].fields == ["figures"]
    figure = Figure.unfiltered.get()
    assert (figure.pk, figure.caption) == (pk, "Course")
    assert len(stored_files(settings)) == 2
    assert figure_storage.exists(figure.image.name)


@pytest.mark.django_db
@pytest.mark.parametrize("options", [{"dry_run": True}, {}])
def test_no_file_stays_after_a_dry_run_or_a_refused_import(load, settings, options):
    report = load([*rows(), row("0002", figures="not.png" if not options else "")], **options)
    assert not report.applied
    assert stored_files(settings) == []
    if not options:
        assert report.rows[1].messages == ["figure not.png: This is not a PNG, JPEG, GIF, WebP or TIFF image."]


@pytest.mark.django_db
def test_without_the_option_only_captions_are_imported_with_a_note(load):
    report = load(rows(), figures=None)
    assert "Figure files are named, but --figures was not given: captions only." in report.notes
    assert [figure.image.name for figure in Figure.unfiltered.all()] == ["", ""]
    assert load(rows()).rows[0].fields == ["figures"]
    assert Rendition.unfiltered.count() == 2


@pytest.mark.django_db
def test_image_added_by_staff_stays(load):
    captions = {"figures": "", "figure_captions": "Course"}
    load(rows(**captions))
    from io import BytesIO

    from abstracts.models.imaging import store_figure_image

    store_figure_image(Figure.unfiltered.get(), BytesIO(png()), "staff.png")
    assert load(rows(**captions)).rows[0].outcome is Outcome.UNCHANGED
    load(rows(figures="", figure_captions="New course"), overwrite_edits=True)
    figure = Figure.unfiltered.get()
    assert (figure.caption, figure.original_name) == ("New course", "staff.png")
