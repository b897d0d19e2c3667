"""Image files that rows name, in a folder or a zip file."""

import io
import stat
import zipfile
from pathlib import Path, PurePosixPath

from ..models.imaging import MAX_BYTES, ImageRefused, PreparedImage, prepare_image
from ..words.text import squeeze
from .options import BadInput


class FigureFiles:
    """The folder or zip file of `--figures`. Names are looked up in it and its subfolders, never outside."""

    def __init__(self, place: Path):
        self.folder: Path | None = None
        self.archive: zipfile.ZipFile | None = None
        if place.is_dir():
            self.folder = place.resolve()
        elif place.is_file() and zipfile.is_zipfile(place):
            self.archive = zipfile.ZipFile(place)
            self.members = {_plain(info.filename): info for info in self.archive.infolist() if not info.is_dir()}
        else:
            raise BadInput(f"There is no folder or zip {place} with figures.")

    def prepare(self, name: str) -> PreparedImage:
        """The image with that name, verified and encoded. Raises ValueError with a message for the row."""
        try:
            return prepare_image(io.BytesIO(self._data(name)))
        except ImageRefused as refused:
            raise ValueError(f"figure {name}: {squeeze(' '.join(refused.messages))}") from None

    def close(self) -> None:
        """Close the zip file."""
        if self.archive:
            self.archive.close()

    def _data(self, name: str) -> bytes:
        path = PurePosixPath(_plain(name))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or not path.name:
            raise ValueError(f"figure {name}: the name leads out of the folder")
        data = self._from_folder(name, path) if self.folder else self._from_archive(name, path)
        if len(data) > MAX_BYTES:
            raise ValueError(f"figure {name}: is larger than {MAX_BYTES // 1024**2} MB")
        return data

    def _from_folder(self, name: str, path: PurePosixPath) -> bytes:
        assert self.folder is not None
        file_path = (self.folder / path).resolve()
        if not file_path.is_relative_to(self.folder):
            raise ValueError(f"figure {name}: the name leads out of the folder")
        if not file_path.is_file():
            raise ValueError(f"figure {name}: there is no such file")
        with file_path.open("rb") as file:
            return file.read(MAX_BYTES + 1)

    def _from_archive(self, name: str, path: PurePosixPath) -> bytes:
        assert self.archive is not None
        info = self.members.get(str(path)) or self._below_one_folder(path)
        if not info or stat.S_ISLNK(info.external_attr >> 16):
            raise ValueError(f"figure {name}: there is no such file in the zip")
        if info.file_size > MAX_BYTES:
            raise ValueError(f"figure {name}: is larger than {MAX_BYTES // 1024**2} MB")
        try:
            with self.archive.open(info) as file:
                return file.read(MAX_BYTES + 1)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError):
            raise ValueError(f"figure {name}: cannot be read from the zip") from None

    def _below_one_folder(self, path: PurePosixPath) -> zipfile.ZipInfo | None:
        """In the zip file of a folder, every name begins with that folder's."""
        members = [info for member, info in self.members.items() if member.partition("/")[2] == str(path)]
        return members[0] if len(members) == 1 else None


def _plain(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./")
