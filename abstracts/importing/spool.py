"""What a run prepares before it writes. All of a large import at once would need gigabytes of memory."""

import pickle
import tempfile
from collections.abc import Iterator

from .prepare import Batch

# So many batches, a large meeting, stay in memory; reading them from a file takes time in which others wait.
IN_MEMORY = 10


class Spool:
    """Batches in the order in which they came; what is too much for memory is in a file without a name."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 (`close` does)
        self.filed = 0

    def add(self, batch: Batch) -> None:
        if len(self.batches) < IN_MEMORY:
            self.batches.append(batch)
        else:
            pickle.dump(batch, self.file, pickle.HIGHEST_PROTOCOL)
            self.filed += 1

    def read(self) -> Iterator[Batch]:
        """All of them, from the first one on."""
        yield from self.batches
        self.file.seek(0)
        for _ in range(self.filed):
            yield pickle.load(self.file)  # noqa: S301 (written by this process, and nobody else can)

    def close(self) -> None:
        """The file is gone then."""
        self.file.close()
