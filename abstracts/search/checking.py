"""Compares all documents of the indexes with the database."""

from collections import Counter
from typing import Any

from tantivy import Query, Searcher

from .. import clock
from .documents import build_documents, microseconds
from .following import update_index
from .schema import INTEGER, WINDOW, schema
from .writing import addresses_of, pks_in_batches, public_at

_COMPARED = ("pk", "digest", *WINDOW)


def differences() -> list[str]:
    """Catch up, then list the documents that are missing, old or superfluous; [] if the indexes are correct."""
    snapshot = update_index()
    if snapshot is None:
        return []
    at = clock.now()
    public = snapshot.public_at(at)
    lines: list[str] = []
    last = 0
    for pks in pks_in_batches():
        expected = Counter(tuple(fields[name] for name in _COMPARED) for fields in build_documents(pks))
        actual = _documents(snapshot.unfiltered, _COMPARED, _between(last + 1, pks[-1]))
        lines += [f"abstract {pk}: a document is missing or old" for pk, *_ in (expected - actual)]
        lines += [f"abstract {pk}: a document too many" for pk, *_ in (actual - expected)]
        last = pks[-1]
    gone = _documents(snapshot.unfiltered, _COMPARED, _between(last + 1, 2**62))
    lines += [f"abstract {pk}: is gone" for pk, *_ in gone]
    if public is None:
        return [*lines, "there is no index of what the public finds now"]
    right = _documents(snapshot.unfiltered, ("pk", "digest"), public_at(microseconds(at)))
    shown = _documents(public, ("pk", "digest"), Query.all_query())
    lines += [f"abstract {pk}: the public does not find its document" for pk, _ in (right - shown)]
    lines += [f"abstract {pk}: the public finds a wrong document" for pk, _ in (shown - right)]
    return lines


def _between(first: int, last: int) -> Query:
    return Query.range_query(schema(), "pk", INTEGER, first, last)


def _documents(searcher: Searcher, names: tuple[str, ...], query: Query) -> Counter[tuple[Any, ...]]:
    """The values of the fields `names` in the documents that match `query`."""
    addresses = list(addresses_of(searcher, query))
    columns = [searcher.fast_field_values(name, addresses) for name in names]
    return Counter(zip(*columns, strict=True))
