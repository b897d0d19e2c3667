"""Figures for print: decoded here, so that no image can stop a whole file, and not larger than paper needs."""

import io
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError

from ..models.figure import figure_storage
from ..reading import FigureView
from .markup import runs_of

# Pixels: 230 per inch where an image is 16 cm wide.
MAX_WIDTH = 1440
# Height of an image by the width of its column: at most two thirds of a page. A higher image is made narrower.
MAX_HEIGHT = 0.75


class Pictures:
    """Writes the images of a print into `folder`, under new names."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._count = 0

    def add(self, view: FigureView) -> dict[str, Any]:
        """The figure as data. If its image is missing or damaged, a note in the caption says so."""
        figure = view.figure
        file, width = self._write(figure.image.name or "") if view.url else ("", 100.0)
        note = runs_of(gettext("[The image is not available.]")) if view.url and not file else []
        return {
            "label": figure.label,
            "caption": [*runs_of(figure.caption), *note],
            "alt": figure.alt or figure.label or gettext("Figure"),
            "file": file,
            "width": width,
        }

    def _write(self, name: str) -> tuple[str, float]:
        """The name of the file in the folder, and its width in percent; "" for an image that cannot be read."""
        try:
            with figure_storage.open(name) as stored, Image.open(stored) as image:
                image.load()
                data, suffix = _fit_for_print(image)
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError):
            return "", 100.0
        self._count += 1
        file = f"figure-{self._count}.{suffix}"
        (self.folder / file).write_bytes(data)
        natural = min(80.0, image.width / 12)
        return file, min(natural, 100.0 * MAX_HEIGHT * image.width / image.height)


def _fit_for_print(image: Image.Image) -> tuple[bytes, str]:
    photographic = image.format == "JPEG"
    if image.width > MAX_WIDTH:
        image = image.resize(
            (MAX_WIDTH, max(1, round(image.height * MAX_WIDTH / image.width))), Image.Resampling.LANCZOS
        )
    if image.mode in ("RGBA", "LA", "PA", "P"):
        paper = Image.new("RGB", image.size, "white")
        with_alpha = image.convert("RGBA")
        paper.paste(with_alpha, mask=with_alpha.getchannel("A"))
        image = paper
    out = io.BytesIO()
    if photographic:
        image.convert("RGB").save(out, "JPEG", quality=85)
        return out.getvalue(), "jpg"
    image.save(out, "PNG", compress_level=6)
    return out.getvalue(), "png"
