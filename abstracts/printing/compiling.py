"""Runs the typesetter: makes a PDF of a folder with templates, data and images, in a process that ends with it."""

import datetime as dt
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# In order: serifs for Latin, Greek and Cyrillic; mathematics; other signs; Chinese, Japanese and Korean.
FONTS = [
    "Libertinus Serif",
    "New Computer Modern",
    "New Computer Modern Math",
    "DejaVu Sans Mono",
    "Noto Sans CJK JP",
]


class NotTypeset(Exception):
    """The typesetter failed, or took too long; the message is the typesetter's."""


class Busy(NotTypeset):
    """The machine is making another large print, or as many prints as it may at a time."""


def prepare(folder: Path, template: str, data: dict[str, Any]) -> None:
    """Copy the template `template` (a file name in `typ`) into `folder`, and write its data there."""
    shutil.copyfile(HERE / "typ" / "shared.typ", folder / "shared.typ")
    shutil.copyfile(HERE / "typ" / template, folder / "main.typ")
    (folder / "fonts.json").write_text(json.dumps(FONTS))
    (folder / "data.json").write_text(json.dumps(data), "utf-8")


def typeset(folder: Path, made_at: dt.datetime, timeout: float) -> dict[str, Any]:
    """Make `out.pdf` in a prepared folder; returns `result.json`. `timeout` in seconds. Raises NotTypeset."""
    command = [sys.executable, "-I", str(HERE / "typesetter.py"), str(folder), fonts_folder(), made_at.isoformat()]
    try:
        process = subprocess.run(command, capture_output=True, timeout=timeout, check=False)  # noqa: S603 (ours)
    except subprocess.TimeoutExpired as error:
        raise NotTypeset(f"not done after {timeout:g} seconds") from error
    if process.returncode:
        raise NotTypeset(process.stderr.decode("utf-8", "replace")[-2000:])
    return json.loads((folder / "result.json").read_text())


def fonts_folder() -> str:
    """The folder of the font for Chinese, Japanese and Korean, which comes as a package."""
    spec = importlib.util.find_spec("noto_cjk_sans_jp_regular")
    if spec is None or not spec.origin:
        raise NotTypeset("the package noto-cjk-sans-jp-regular is not installed")
    return str(Path(spec.origin).parent)
