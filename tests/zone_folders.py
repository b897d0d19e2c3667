"""Folders of time zone data as operating systems have them, of a release and with rules that a test chooses."""

import contextlib
import struct
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

# What release 2025b says of four cities that 2026f moves: the footers of its files, rules as POSIX writes them.
RULES_2025B = {
    "Africa/Casablanca": "<+01>-1",
    "America/Vancouver": "PST8PDT,M3.2.0,M11.1.0",
    "America/Edmonton": "MST7MDT,M3.2.0,M11.1.0",
    "America/Winnipeg": "CST6CDT,M3.2.0,M11.1.0",
}


def write_zones(folder: Path, release: str, rules: dict[str, str] | None = None) -> Path:
    """Write zone data of `release` into `folder`: the zones of `rules`, which hold at all times."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tzdata.zi").write_text(f"# version {release}\nR d 1916 o - Jun 14 23s 1 S\n")
    for name, rule in (rules or {}).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_tzif(rule))
    return folder


def _tzif(rule: str) -> bytes:
    """A file of RFC 8536, version 2, without transitions: its footer, `rule`, says everything."""
    # No leap seconds, no transitions, one type (UTC; nobody asks for it) with a name of four bytes.
    block = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4) + struct.pack(">lBB", 0, 0, 0) + b"UTC\0"
    return block + block + f"\n{rule}\n".encode()


@contextlib.contextmanager
def zones_from(*folders: Path) -> Iterator[None]:
    """Let Python look for zones in `folders`, then in the package tzdata."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[str(folder) for folder in folders])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(to=before)
        zoneinfo.ZoneInfo.clear_cache()
