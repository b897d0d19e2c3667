"""What searches may be narrowed to that is the visitor's own. Who keeps such a thing registers it here."""

from collections.abc import Callable

from django.http import HttpRequest

Source = Callable[[HttpRequest], frozenset[int]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """`source` gives the primary keys of the abstracts in the visitor's `name`."""
    _sources[name] = source


def own(name: str, request: HttpRequest) -> frozenset[int]:
    """The visitor's `name`; nothing where nobody keeps it."""
    return _sources[name](request) if name in _sources else frozenset()
