"""Reads the file of variables that ENV_FILE names: one reader for gunicorn, manage.py, timers and containers.

A line is NAME=value, and the value is all behind the first `=`, as it stands: no quotes, no escapes, no references,
no comment after it. Blank lines and lines that begin with # are skipped. So `$ ( & # " \\` and spaces need no care, and
no shell or service manager reads the file in a way of its own.
"""

import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_QUOTED = re.compile(r"(['\"]).*\1")


def read(path: str) -> dict[str, str]:
    """The variables of the file at `path` (UTF-8). Raises ImproperlyConfigured, naming the line but no value."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The file of variables cannot be read: {error}") from error
    numbered = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    return dict(_variable(f"{path}, line {number}", line) for number, line in numbered if line and line[0] != "#")


def _variable(place: str, line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if not match:
        raise ImproperlyConfigured(f"{place}: a line is to be NAME=value.")
    value = match[2].strip()
    if _QUOTED.fullmatch(value):
        raise ImproperlyConfigured(f"{place}: leave the quotes out; a value is taken as it stands.")
    return match[1], value
