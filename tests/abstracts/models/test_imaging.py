import io
import os
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from abstracts.models import Figure, Rendition, imaging
from abstracts.models.figure import figure_storage
from abstracts.models.imaging import ImageRefused, prepare_image, store_figure_image
from tests.abstracts.importing.files import png
from tests.factories import FigureFactory


def prepared(data: bytes):
    return prepare_image(io.BytesIO(data))


def opened(encoded) -> Image.Image:
    return Image.open(io.BytesIO(encoded.data))


def test_renditions_are_smaller_than_the_original():
    image = prepared(png(1000, 500))
    assert [(small.width, small.height) for small in image.renditions] == [(480, 240), (960, 480)]
    assert {opened(small).format for small in image.renditions} == {"WEBP"}
    assert (image.master.width, image.master.height) == (1000, 500)
    assert prepared(png(300, 200)).renditions == ()


def test_too_wide_image_is_reduced():
    image = prepared(png(3000, 30))
    assert (image.master.width, image.master.height) == (2400, 24)
    assert [small.width for small in image.renditions] == [480, 960, 1440]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
def test_formats(form):
    assert prepared(png(form=form)).master.width == 600


def test_metadata_is_removed():
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "a secret place", 6
    image = prepared(png(600, 300, form="JPEG", exif=exif))
    assert b"secret" not in image.master.data
    assert (image.master.width, image.master.height) == (300, 600), "turned upright before its EXIF goes"
    assert not opened(image.master).getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_image_mode(mode):
    out = io.BytesIO()
    Image.new(mode, (500, 20)).save(out, "TIFF" if mode in ("CMYK", "F", "I;16") else "PNG")
    assert prepared(out.getvalue()).renditions[0].width == 480


def test_photographs_become_jpeg_and_drawings_stay_png():
    noise = Image.merge("RGB", [Image.effect_noise((400, 400), 90).resize((800, 800))] * 3)
    out = io.BytesIO()
    noise.save(out, "PNG")
    assert prepared(out.getvalue()).master.suffix == "jpg"
    assert prepared(png()).master.suffix == "png"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    """A small PNG whose header claims side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(10_000))), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG"),
        (b"GIF89a but not really", "damaged|not a PNG"),
        (b"%PDF-1.7", "not a PNG"),
        (png()[:200], "damaged"),
        (bomb(20_000), "pixels"),
        (bomb(9_600), "pixels"),
        (bomb(10_001), "pixels"),
    ],
)
def test_files_that_are_not_images_are_refused(data, words):
    with pytest.raises(ImageRefused, match=words):
        prepared(data)


def test_large_files_are_refused(monkeypatch):
    monkeypatch.setattr(imaging, "MAX_BYTES", 100)
    with pytest.raises(ImageRefused, match="larger"):
        prepared(png())


@pytest.mark.django_db
def test_files_of_a_figure_are_outside_public_paths():
    figure = FigureFactory()
    store_figure_image(figure, SimpleUploadedFile("C:\\fig 1.png".replace("\\", "/"), png(1000, 500)))
    figure = Figure.unfiltered.get(pk=figure.pk)
    assert (figure.original_name, figure.width, figure.height, len(figure.digest)) == ("fig 1.png", 1000, 500, 64)
    assert "fig" not in figure.image.name
    assert figure_storage.exists(figure.image.name)
    assert list(Rendition.unfiltered.order_by("width").values_list("width", flat=True)) == [480, 960]


@pytest.mark.django_db
def test_new_image_replaces_the_old_one(django_capture_on_commit_callbacks):
    figure = FigureFactory()
    store_figure_image(figure, io.BytesIO(png(1000, 500)), "one.png")
    former = [figure.image.name, *Rendition.unfiltered.values_list("image", flat=True)]
    with django_capture_on_commit_callbacks(execute=True):
        store_figure_image(figure, io.BytesIO(png(500, 500)), "two.png")
    assert not any(figure_storage.exists(name) for name in former)
    assert Rendition.unfiltered.count() == 1


@pytest.mark.django_db
def test_refused_image_changes_nothing():
    figure = FigureFactory()
    store_figure_image(figure, io.BytesIO(png()), "one.png")
    with pytest.raises(ImageRefused):
        store_figure_image(figure, io.BytesIO(b"no"), "two.png")
    assert Figure.unfiltered.get().original_name == "one.png"
    assert figure_storage.exists(figure.image.name)


@pytest.mark.django_db
def test_files_are_removed_if_the_rows_are_not_written(settings, monkeypatch):
    figure = FigureFactory()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(type(Rendition.unfiltered), "bulk_create", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        store_figure_image(figure, io.BytesIO(png()), "one.png")
    assert not [path for path in settings.FIGURES_ROOT.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_images_get_the_group_of_their_root_which_may_read_them(settings):
    settings.FIGURES_ROOT.mkdir(parents=True)
    settings.FIGURES_ROOT.chmod(0o2750)
    before = os.umask(0o027)
    try:
        with transaction.atomic():
            store_figure_image(FigureFactory(), io.BytesIO(png(600, 300)))
    finally:
        os.umask(before)
    files = {path.stat().st_mode & 0o7777 for path in settings.FIGURES_ROOT.rglob("*.*")}
    folders = {path.stat().st_mode & 0o7777 for path in settings.FIGURES_ROOT.iterdir()}
    assert (files, folders) == ({0o640}, {0o2750})
