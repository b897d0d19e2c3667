"""Draws charts with Pillow. Colors are told apart by the color-blind, and lines by their marks too."""

import io
import re
from functools import cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from .charts import Chart

WIDTH, HEIGHT = 960, 620
LEFT, TOP, RIGHT, BOTTOM = 112, 76, WIDTH - 36, HEIGHT - 96
INK, GRID = (30, 34, 40), (222, 226, 230)
COLORS = [(0, 84, 147), (200, 80, 0), (0, 120, 90)]


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface: nothing to install. It holds Latin letters only, see `letters`."""
    return ImageFont.load_default(size)


def letters(text: str) -> str:
    """`text` without marks and in letters that the typeface holds."""
    text = re.sub(r"<[^>]+>", "", text)
    for theirs, ours in {"–": "-", "−": "-", "α": "alpha", "β": "beta", "γ": "gamma", "η": "eta"}.items():
        text = text.replace(theirs, ours)
    return text


def png(chart: Chart) -> bytes:
    """The chart as a PNG file of WIDTH by HEIGHT pixels."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    DRAW[chart.form](pen, chart)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _write(pen: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, anchor: str = "mm", size: int = 20) -> None:
    pen.text(xy, letters(text), fill=INK, font=font(size), anchor=anchor)


def _upright(pen: ImageDraw.ImageDraw, text: str) -> None:
    """The label of the y axis, turned."""
    strip = Image.new("RGB", (BOTTOM - TOP, 34), "white")
    _write(ImageDraw.Draw(strip), ((BOTTOM - TOP) / 2, 17), text, size=22)
    pen._image.paste(strip.rotate(90, expand=True), (16, TOP))


def _y(chart: Chart, value: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * value / chart.y_max


def _x(chart: Chart, value: float) -> float:
    return LEFT + (RIGHT - LEFT) * value / chart.x_max


def _axes(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    for step in range(6):
        value = chart.y_max * step / 5
        pen.line([(LEFT, _y(chart, value)), (RIGHT, _y(chart, value))], fill=GRID, width=2)
        _write(pen, (LEFT - 12, _y(chart, value)), f"{value:g}", "rm")
    pen.line([(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)], fill=INK, width=3)
    _upright(pen, chart.y_label)
    _write(pen, ((LEFT + RIGHT) / 2, HEIGHT - 28), chart.x_label, size=22)


def _x_ticks(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    for step in range(5):
        value = chart.x_max * step / 4
        pen.line([(_x(chart, value), BOTTOM), (_x(chart, value), BOTTOM + 8)], fill=INK, width=3)
        _write(pen, (_x(chart, value), BOTTOM + 24), f"{value:g}")


def _legend(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    x = LEFT
    for i, name in enumerate(chart.series):
        pen.rectangle([x, 26, x + 22, 48], fill=COLORS[i % 3])
        _write(pen, (x + 32, 37), name, "lm", 22)
        x += 74 + font(22).getlength(letters(name))


def _mark(pen: ImageDraw.ImageDraw, i: int, x: float, y: float) -> None:
    r, color = 7, COLORS[i % 3]
    if i == 0:
        pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
    elif i == 1:
        pen.rectangle([x - r, y - r, x + r, y + r], fill=color)
    else:
        pen.polygon([(x, y - r - 2), (x + r, y + r), (x - r, y + r)], fill=color)


def lines(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    _axes(pen, chart)
    _x_ticks(pen, chart)
    _legend(pen, chart)
    for i, points in enumerate(chart.series.values()):
        at = [(_x(chart, x), _y(chart, y)) for x, y in points]
        pen.line(at, fill=COLORS[i % 3], width=4, joint="curve")
        for x, y in at:
            _mark(pen, i, x, y)


def steps(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    _axes(pen, chart)
    _x_ticks(pen, chart)
    _legend(pen, chart)
    for i, points in enumerate(chart.series.values()):
        at = [(_x(chart, x), _y(chart, y)) for x, y in points]
        for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(at)):
            pen.line([(x0, y0), (x1, y0), (x1, y1)], fill=COLORS[i % 3], width=4)
            if k % 5 == 3 * i:
                pen.line([(x0 + 7, y0 - 9), (x0 + 7, y0 + 9)], fill=COLORS[i % 3], width=3)


def bars(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    _axes(pen, chart)
    _legend(pen, chart)
    slot = (RIGHT - LEFT) / len(chart.categories)
    width = slot * 0.7 / len(chart.series)
    for i, values in enumerate(chart.series.values()):
        for k, value in enumerate(values):
            x = LEFT + slot * (k + 0.15) + width * i
            pen.rectangle([x, _y(chart, value), x + width - 6, BOTTOM - 2], fill=COLORS[i % 3])
            _write(pen, (x + width / 2 - 3, _y(chart, value) - 15), str(value))
    for k, name in enumerate(chart.categories):
        _write(pen, (LEFT + slot * (k + 0.5), BOTTOM + 24), name)


def dots(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    _axes(pen, chart)
    _x_ticks(pen, chart)
    for points in chart.series.values():
        for x, y in points:
            _mark(pen, 0, _x(chart, x), _y(chart, y))


def heat(pen: ImageDraw.ImageDraw, chart: Chart) -> None:
    tall, wide = (BOTTOM - TOP) / len(chart.series), (RIGHT - LEFT) / len(chart.categories)
    for row, (name, values) in enumerate(chart.series.items()):
        y = TOP + tall * row
        _write(pen, (LEFT - 10, y + tall / 2), name, "rm", 18)
        for col, value in enumerate(values):
            shade = tuple(int(255 - (255 - full) * value) for full in (11, 42, 99))
            pen.rectangle([LEFT + wide * col, y, LEFT + wide * (col + 1) - 2, y + tall - 2], fill=shade)
    for col, name in enumerate(chart.categories):
        _write(pen, (LEFT + wide * (col + 0.5), BOTTOM + 20), name, size=16)
    _write(pen, ((LEFT + RIGHT) / 2, HEIGHT - 28), chart.x_label, size=22)


DRAW = {form.__name__: form for form in (lines, steps, bars, dots, heat)}
