"""Folders for what nobody but the site may read: embargoed text, or what may be taken back."""

from pathlib import Path


def make_private(folder: Path) -> None:
    """Make `folder`, and those above it, where they are missing; nobody else may look into new ones."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
