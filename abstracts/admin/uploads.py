"""Files that wait: between the check of an import and the import, deleted within a day; and those of held changes.

They are private, under random names. `kind` is "" for imports, or the name of a folder of files that are deleted by
name only.
"""

import os
import re
import secrets
import shutil
import time
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

MAX_AGE_SECONDS = 24 * 60 * 60
# How long a proposed import may wait for an embargo officer.
KEPT_SECONDS = 30 * MAX_AGE_SECONDS
TOKEN = re.compile(r"[0-9a-f]{32}")


def uploads_root(kind: str = "") -> Path:
    return Path(settings.UPLOADS_ROOT) / kind


def store(files: dict[str, UploadedFile], kind: str = "") -> str:
    """Store the files (name without suffix -> upload) in a new folder; the token of the folder."""
    delete_old()
    token = secrets.token_hex(16)
    folder = uploads_root(kind) / token
    for parent in (uploads_root(), uploads_root(kind)):
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(mode=0o700)
    for name, upload in files.items():
        suffix = re.sub(r"[^.a-z0-9]", "", PurePath(upload.name or "").suffix.lower())[:12] or ".unknown"
        handle = os.open(folder / f"{name}{suffix}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
    return token


def store_note(token: str, name: str, text: str) -> None:
    """Store `text` beside the files of the folder `token`, as `name`.json."""
    handle = os.open(uploads_root() / token / f"{name}.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)


def path_of(token: str, name: str, kind: str = "") -> Path | None:
    """The file `name` of the folder `token`; None if it does not exist any more."""
    if not TOKEN.fullmatch(token):
        return None
    return next(iter(sorted((uploads_root(kind) / token).glob(f"{name}.*"))), None)


def delete(token: str, kind: str = "") -> None:
    """Delete the folder `token`."""
    if TOKEN.fullmatch(token):
        shutil.rmtree(uploads_root(kind) / token, ignore_errors=True)


def keep(token: str) -> None:
    """Keep the folder `token` for KEPT_SECONDS from now: `delete_old` goes by its time of change."""
    if TOKEN.fullmatch(token) and (folder := uploads_root() / token).exists():
        later = time.time() + KEPT_SECONDS - MAX_AGE_SECONDS
        os.utime(folder, (later, later))


def delete_old() -> None:
    """Delete files that were checked and never imported."""
    limit = time.time() - MAX_AGE_SECONDS
    for folder in uploads_root().glob("*"):
        if TOKEN.fullmatch(folder.name) and folder.stat().st_mtime < limit:
            delete(folder.name)
