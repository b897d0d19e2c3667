"""Which time zone data this process uses: the newer one of the operating system's and the package tzdata's.

Python alone takes the system's, however old. Embargoes are local times, so an old rule lifts them at a wrong instant.
The settings call `use_newest`, before anything makes a ZoneInfo. PostgreSQL has zone data of its own, which nothing
here may ask: no statement converts zones (`tests/zones_in_sql.py`).
"""

import re
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tzdata

_RELEASE = re.compile(r"(?:# version )?(\d{4}[a-z]+)\b")


class ZoneData(NamedTuple):
    """`version`: the IANA release, such as 2026f. `source`: where it is from. Releases compare as text does."""

    version: str
    source: str


def use_newest() -> ZoneData:
    """Let `zoneinfo` use the newest data of this machine from now on, and return which that is.

    Where the system's is newer, names that it lacks (Debian keeps old ones in tzdata-legacy) come from the package.
    """
    package = ZoneData(tzdata.IANA_VERSION, "the package tzdata")
    newest = max(system_data(), default=package)
    if newest.version <= package.version:
        newest = package
    zoneinfo.reset_tzpath(to=[] if newest is package else [newest.source])
    # Reads them again for whoever asks by name: a library may have made some when it was imported.
    zoneinfo.ZoneInfo.clear_cache()
    return newest


def system_data() -> Iterator[ZoneData]:
    """The data in the folders of `zoneinfo.TZPATH` that say of which release they are. The others are not trusted."""
    for folder in map(Path, zoneinfo.TZPATH):
        for name in ("tzdata.zi", "+VERSION"):  # of Linux, of macOS and the BSDs
            if version := _release(folder / name):
                yield ZoneData(version, str(folder))
                break


def _release(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            release = _RELEASE.match(lines.readline())
    except OSError:
        return ""
    return release[1] if release else ""
