"""Figures for print: decoded here, so that no image can stop a whole file, and no larger than paper needs."""

import io
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError

from ..models.figure import figure_storage
from ..reading import FigureView
from .markup import runs_of

# Over 16 cm that is 230 dots per inch.
WIDEST = 1440
# Of a column that images fill; what is high is narrower, so that it is no higher than two thirds of a page.
HIGHEST = 0.75


class Pictures:
    """The images of a print, written into `folder` under names of ours."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._count = 0

    def add(self, view: FigureView) -> dict[str, Any]:
        """The figure as data; one whose image is missing or damaged says so and keeps its caption."""
        figure = view.figure
        file, width = self._write(figure.image.name or "") if view.url else ("", 100.0)
        lost = runs_of(gettext("[The image is not available.]")) if view.url and not file else []
        return {
            "label": figure.label,
            "caption": [*runs_of(figure.caption), *lost],
            "alt": figure.alt or figure.label or gettext("Figure"),
            "file": file,
            "width": width,
        }

    def _write(self, name: str) -> tuple[str, float]:
        """Name of the file in the folder and its width in percent; "" for an image that cannot be read."""
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
        return file, min(natural, 100.0 * HIGHEST * image.width / image.height)


def _fit_for_print(image: Image.Image) -> tuple[bytes, str]:
    photographic = image.format == "JPEG"
    if image.width > WIDEST:
        image = image.resize((WIDEST, max(1, round(image.height * WIDEST / image.width))), Image.Resampling.LANCZOS)
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
