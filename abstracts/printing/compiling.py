"""Runs the typesetter: a folder with templates, data and images becomes a PDF, in a process that ends with it."""

import datetime as dt
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# Serif for all of Latin, Greek and Cyrillic; mathematics; what else there is; Chinese, Japanese and Korean.
FONTS = [
    "Libertinus Serif",
    "New Computer Modern",
    "New Computer Modern Math",
    "DejaVu Sans Mono",
    "Noto Sans CJK JP",
]


class NotTypeset(Exception):
    """The typesetter failed, or took too long; the message is its own."""


class Busy(NotTypeset):
    """The machine makes another large print just now."""


def prepare(folder: Path, template: str, data: dict[str, Any]) -> None:
    """Put the template `template` (name of a file in `typ`) and its data into `folder`."""
    shutil.copyfile(HERE / "typ" / "shared.typ", folder / "shared.typ")
    shutil.copyfile(HERE / "typ" / template, folder / "main.typ")
    (folder / "fonts.json").write_text(json.dumps(FONTS))
    (folder / "data.json").write_text(json.dumps(data), "utf-8")


def typeset(folder: Path, made_at: dt.datetime, timeout: float) -> dict[str, Any]:
    """Make `out.pdf` of a prepared folder; what `result.json` says of it. `timeout` in seconds. Raises NotTypeset."""
    command = [sys.executable, "-I", str(HERE / "typesetter.py"), str(folder), fonts_folder(), made_at.isoformat()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, check=False)  # noqa: S603 (ours)
    except subprocess.TimeoutExpired as error:
        raise NotTypeset(f"not done after {timeout:g} seconds") from error
    if done.returncode:
        raise NotTypeset(done.stderr.decode("utf-8", "replace")[-2000:])
    return json.loads((folder / "result.json").read_text())


def fonts_folder() -> str:
    """Where the package with the font for Chinese, Japanese and Korean has its file."""
    found = importlib.util.find_spec("noto_cjk_sans_jp_regular")
    if found is None or not found.origin:
        raise NotTypeset("the package noto-cjk-sans-jp-regular is not installed")
    return str(Path(found.origin).parent)
