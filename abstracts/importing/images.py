"""Figure files of a run: none survives a run that is rolled back, and a dry run writes none."""

from django.core.files.base import ContentFile
from django.db import transaction

from ..models import Figure, Rendition
from ..models.figure import figure_path, figure_storage
from ..models.imaging import remove_files


class FileKeeper:
    """Stores files and remembers them."""

    def __init__(self, dry_run: bool):
        self.dry_run = dry_run
        self.written: list[str] = []

    def keep(self, filename: str, data: bytes) -> str:
        """Store `data` under a random name with the extension of `filename`; returns the name."""
        name = figure_path(Figure(), filename)
        if not self.dry_run:
            name = figure_storage.save(name, ContentFile(data))
            self.written.append(name)
        return name

    def drop(self, figure: Figure) -> None:
        """Delete a figure; its files go when the run is committed."""
        files = [figure.image.name, *Rendition.unfiltered.filter(figure=figure).values_list("image", flat=True)]
        figure.delete()
        transaction.on_commit(lambda: remove_files([name for name in files if name]))

    def undo(self) -> None:
        """Remove what was stored: the run was rolled back."""
        remove_files(self.written)
        self.written = []
