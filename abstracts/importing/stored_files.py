"""The figure files of a run. None stays after a run that is rolled back."""

from django.core.files.base import ContentFile
from django.db import transaction

from ..models import Figure, Rendition
from ..models.figure import figure_path, figure_storage
from ..models.imaging import remove_files


class StoredFiles:
    """Stores files and remembers their names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def store(self, filename: str, data: bytes) -> str:
        """Store `data` under a random name with the extension of `filename`; returns the name."""
        name = figure_storage.save(figure_path(Figure(), filename), ContentFile(data))
        self.names.append(name)
        return name

    def delete(self, figure: Figure) -> None:
        """Delete a figure. Its files are removed when the run is committed."""
        names = [figure.image.name, *Rendition.unfiltered.filter(figure=figure).values_list("image", flat=True)]
        figure.delete()
        transaction.on_commit(lambda: remove_files(names))

    def undo(self) -> None:
        """Remove what was stored: the run was rolled back."""
        remove_files(self.names)
        self.names = []
