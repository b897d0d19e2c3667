"""Sets of abstracts of the visitor that searches can be narrowed to. Applications register theirs here."""

from collections.abc import Callable

from ..visibility import ArchiveRequest

Source = Callable[[ArchiveRequest], frozenset[int]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Register `source`, which returns the primary keys of the abstracts in the visitor's `name`."""
    _sources[name] = source


def personal_pks(name: str, request: ArchiveRequest) -> frozenset[int]:
    """Primary keys of the abstracts in the visitor's `name`; none if it is not registered."""
    return _sources[name](request) if name in _sources else frozenset()
