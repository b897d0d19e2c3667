"""Folders: the site can write to them, nobody else can look into them, nginx gets to the figures, and there is room."""

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

PRIVATE = {
    "SEARCH_INDEX_ROOT": "search index, which holds embargoed text",
    "UPLOADS_ROOT": "uploads, which hold embargoed text",
    "DOWNLOADS_ROOT": "books",
}
LEAST_FREE = 2 * 1024**3  # bytes


def check() -> Iterator[CheckMessage]:
    for name, content in PRIVATE.items():
        folder = Path(getattr(settings, name))
        yield from _check_writable(name, folder)
        # A folder above that lets nobody in will do.
        if folder.exists() and all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents)):
            yield Error(f"Others can look into {folder} (the {content}).", f"chmod -R go= {folder}")
    figures = Path(settings.FIGURES_ROOT)
    yield from _check_writable("FIGURES_ROOT", figures)
    if settings.X_ACCEL_PREFIX and figures.exists():
        yield from _check_figures(figures)


def _check_writable(name: str, folder: Path) -> Iterator[CheckMessage]:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.R_OK | os.W_OK | os.X_OK):
        user = pwd.getpwuid(os.geteuid()).pw_name
        yield Error(
            f"{user} cannot write to {existing} ({name}).", f"chown -R {user} {existing}; chmod u+rwX {existing}"
        )
    elif (free := shutil.disk_usage(existing).free) < LEAST_FREE:
        yield Warning(f"{free // 1024**2} MB are left on the disk of {existing} ({name}).", "Make room.")


def _check_figures(figures: Path) -> Iterator[CheckMessage]:
    """nginx is neither the site's user nor, as a rule, in its group: what it reads is the folder's group's."""
    for folder in figures.parents:
        group_passes = folder.stat().st_gid == figures.stat().st_gid and folder.stat().st_mode & stat.S_IXGRP
        if not group_passes and not folder.stat().st_mode & stat.S_IXOTH:
            yield Error(f"nginx cannot pass through {folder} to the figures.", f"chmod o+x {folder}")
    mode = figures.stat().st_mode
    if mode & stat.S_IRWXO:
        yield Error(f"Others can look into {figures}, where embargoed figures are.", f"chmod o= {figures}")
    if not mode & stat.S_ISGID or not mode & stat.S_IXGRP:
        cure = f"chgrp -R www-data {figures}; chmod -R g+rX,o= {figures}; find {figures} -type d -exec chmod g+s {{}} +"
        yield Error(f"What is written into {figures} does not get the group that nginx is in.", cure)
