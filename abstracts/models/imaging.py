"""Images of figures: verified, encoded again without their metadata, and stored in several widths.

A refused file raises `ImageRefused`, a ValidationError, so that forms show its message.
"""

import hashlib
import io
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from . import Figure, Rendition
from .figure import figure_storage
from .gate import on_rollback

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF")
MAX_BYTES = 50 * 1024 * 1024
MAX_PIXELS = 100_000_000
MASTER_WIDTH = 2400
WIDTHS = (480, 960, 1440)


class ImageRefused(ValidationError):
    """The file is not an image that the archive accepts; the message says why."""


@dataclass(frozen=True)
class Encoded:
    """One encoded image: its bytes, the extension of its format, width and height in pixels."""

    data: bytes
    suffix: str
    width: int
    height: int


@dataclass(frozen=True)
class PreparedImage:
    """A verified image at full size, smaller ones by ascending width, and the SHA-256 digest of the original file."""

    master: Encoded
    renditions: tuple[Encoded, ...]
    digest: str


def prepare_image(file: IO[bytes]) -> PreparedImage:
    """Verify and encode the image in `file` (binary, read from its start). Raises `ImageRefused`."""
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ImageRefused(f"The image is larger than {MAX_BYTES // 1024 // 1024} MB.")
    image = _decode(data)
    if image.width > MASTER_WIDTH:
        image = _resize(image, MASTER_WIDTH)
    renditions = tuple(_webp(_resize(image, width)) for width in WIDTHS if width < image.width)
    return PreparedImage(_master(image), renditions, hashlib.sha256(data).hexdigest())


def store_figure_image(figure: Figure, file: IO[bytes], name: str = "") -> None:
    """Replace the image of `figure`, a saved row, and its renditions by that in `file`; staff see `name`.

    Raises `ImageRefused` and changes nothing if `file` is not an image. If an exception here rolls the transaction
    back, the new files are removed; the old ones are removed when it is committed.
    """
    put_image(figure, prepare_image(file), name or getattr(file, "name", "") or "")


def put_image(
    figure: Figure, image: PreparedImage, name: str, save_file: Callable[[str, bytes], str] | None = None
) -> list[str]:
    """Write a prepared image; return the names of its files. `save_file` writes a file and returns its name."""
    save_file = save_file or _save_file
    old_files = [figure.image.name] if figure.image else []
    old_files += Rendition.unfiltered.filter(figure=figure).values_list("image", flat=True)
    written: list[str] = []

    def save(encoded: Encoded) -> str:
        written.append(save_file(f"figure.{encoded.suffix}", encoded.data))
        return written[-1]

    try:
        with transaction.atomic():
            Rendition.unfiltered.filter(figure=figure).delete()
            figure.image.name = save(image.master)
            figure.original_name = name.rsplit("/", 1)[-1][:300]
            figure.digest, figure.width, figure.height = image.digest, image.master.width, image.master.height
            figure.save()
            Rendition.unfiltered.bulk_create(
                Rendition(figure=figure, width=small.width, height=small.height, image=save(small))
                for small in image.renditions
            )
    except BaseException:
        remove_files(written)
        raise
    on_rollback(lambda: remove_files(written))
    transaction.on_commit(lambda: remove_files(old_files))
    return written


def remove_files(names: Iterable[str | None]) -> None:
    """Remove figure files by their stored names; a missing file is not an error."""
    for name in names:
        if name:
            figure_storage.delete(name)


def _save_file(filename: str, data: bytes) -> str:
    field = Figure._meta.get_field("image")
    return figure_storage.save(field.generate_filename(Figure(), filename), ContentFile(data))


def _decode(data: bytes) -> Image.Image:
    """The first frame, upright, in RGB, RGBA or L. Reads every byte, so that a truncated file is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ImageRefused(f"The image has more than {MAX_PIXELS // 1_000_000} million pixels.")
                image.load()
                return _to_8_bit(ImageOps.exif_transpose(image))
    except ImageRefused:
        raise
    except UnidentifiedImageError:
        raise ImageRefused("This is not a PNG, JPEG, GIF, WebP or TIFF image.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused("The image has too many pixels.") from None
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError, TypeError, IndexError, KeyError):
        # What Pillow's decoders raise on damaged files.
        raise ImageRefused("The image is damaged.") from None


def _to_8_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        # 16 or 32 bits of gray: scale to 8 bits, because a plain conversion clips to white.
        low, high = (float(n) for n in image.getextrema())  # type: ignore[arg-type]
        scale = 255 / ((high - low) or 1)
        return image.point(lambda value: value * scale - low * scale).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        return _without_metadata(image.convert("RGBA"))
    return _without_metadata(image.convert("L" if image.mode in ("L", "1") else "RGB"))


def _without_metadata(image: Image.Image) -> Image.Image:
    """The pixels and nothing else: no EXIF, comments or profiles."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _resize(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _master(image: Image.Image) -> Encoded:
    """A JPEG if it is less than half the size of the PNG, as for photographs; else the PNG."""
    png = _encode(image, "png", optimize=True)
    if image.mode == "RGBA":
        return png
    jpeg = _encode(image, "jpg", quality=90, optimize=True)
    return jpeg if len(jpeg.data) * 2 < len(png.data) else png


def _webp(image: Image.Image) -> Encoded:
    return _encode(image, "webp", quality=82, method=4)


def _encode(image: Image.Image, suffix: str, **options) -> Encoded:
    out = io.BytesIO()
    image.save(out, format={"jpg": "JPEG"}.get(suffix, suffix.upper()), **options)
    return Encoded(out.getvalue(), suffix, image.width, image.height)
