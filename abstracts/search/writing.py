"""Folders of Tantivy indexes, and what is written to them.

A folder that is in use is never written to: a change is a new folder, which shares all files that stayed the same with
the old one by hard links (a copy of 42,589 abstracts takes 2 ms). So whoever reads the old one may go on, a kill leaves
nothing half done, and the index of a time that has not come yet can lie ready.

- The index of all documents is made from the database.
- An index of the public has those documents of it that the public finds between two embargo instants, and nothing
  else: not who finds a document, nor until when. It is made from the index of all documents.
"""

import json
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tantivy import DocAddress, Document, Index, Occur, Order, Query, Schema, Searcher

from .. import clock
from ..models import Abstract
from ..models.chunks import in_chunks
from ..visibility import Level
from . import documents
from .documents import NEVER
from .schema import INTEGER, WINDOW, schema, with_tokenizers

HEAP = 64_000_000
BATCH = 1000
PAUSE_AFTER = 100  # documents: some 10 ms
# Of so many segments with up to SMALL documents Tantivy makes one (its LogMergePolicy). So many stay when others are
# written again before that.
MERGED_TOGETHER, SMALL, KEPT_SMALL = 8, 17_000, 3
# The files of an index that change; all others are written once.
_LISTS = ("meta.json", ".managed.json")

Pause = Callable[[], None]


def never_pause() -> None:
    pass


def open_searcher(path: Path) -> Searcher:
    """Raises ValueError or OSError where the index is missing or damaged."""
    return _open(path).searcher()


def _open(path: Path) -> Index:
    if not path.is_dir() or not Index.exists(str(path)):
        raise ValueError("no index")
    index = with_tokenizers(Index.open(str(path)))
    index.config_reader("manual")
    index.reload()
    return index


def clone(path: Path, new: Path) -> None:
    """Make `new` a copy of the index at `path`."""
    new.mkdir()
    for file in path.iterdir():
        if file.name in _LISTS:
            shutil.copyfile(file, new / file.name)
        elif file.suffix != ".lock":
            _link_or_copy(file, new / file.name)


def _link_or_copy(file: Path, new: Path) -> None:
    try:
        new.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, new)


def pks_in_batches() -> Iterator[list[int]]:
    """Primary keys of all abstracts, ascending, in batches."""
    last = 0
    while True:
        rows = Abstract.objects.visible_to(documents.INDEXER, clock.now(), Level.SHELL).filter(pk__gt=last)
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield pks
        last = pks[-1]


def write_all(path: Path) -> int:
    """A new index of all documents of all abstracts; the number of documents."""
    return _write_new(path, schema(stored=True), (one for pks in pks_in_batches() for one in _built(pks)))


def copy_public(path: Path, everything: Searcher, at: int, pause: Pause = never_pause) -> None:
    """A new index of what of `everything` the public finds at the time `at` (µs)."""
    _write_new(path, schema(), map(everything.doc, addresses_of(everything, public_at(at))), pause)


def _write_new(path: Path, fields: Schema, found: Iterable[Document], pause: Pause = never_pause) -> int:
    path.mkdir(parents=True)
    index = with_tokenizers(Index(fields, str(path)))
    writer = index.writer(HEAP, 1)
    count, last = 0, deque[Document]()
    for count, document in enumerate(found, 1):
        last.append(document)
        if len(last) > MERGED_TOGETHER:
            writer.add_document(last.popleft())
        if count % PAUSE_AFTER == 0:
            pause()
    writer.commit()
    index.reload()
    # Nobody can ask Tantivy to merge, but so many small segments make it merge all: the last documents come singly.
    comes_singly = index.searcher().num_segments > 1
    for document in last:
        writer.add_document(document)
        if comes_singly:
            writer.commit()
    _commit(writer)
    return count


def rewrite(path: Path, pks: Sequence[int]) -> int:
    """Replace the documents of the abstracts `pks` in the index of all documents; the number of documents written."""
    index = _open(path)
    folded = sorted({*_folded(path, index.searcher())} - {*pks})
    kept = [document for chunk in in_chunks(folded, BATCH) for document in _copies(index.searcher(), chunk)]
    writer = index.writer(HEAP, 1)
    for pk in (*pks, *folded):
        writer.delete_documents_by_term("pk", pk)
    count = 0
    for chunk in in_chunks(pks, BATCH):
        for document in _built(chunk):
            writer.add_document(document)
            count += 1
    for document in kept:
        writer.add_document(document)
    _commit(writer)
    return count


def _built(pks: Sequence[int]) -> Iterator[Document]:
    for fields in documents.build_documents(pks):
        yield Document.from_dict({k: v for k, v in fields.items() if v not in ("", [])}, schema(stored=True))


def _copies(everything: Searcher, pks: Sequence[int]) -> Iterator[Document]:
    """The documents of the abstracts `pks`, with their windows, which are not stored."""
    addresses = list(addresses_of(everything, _among(pks)))
    windows = zip(*(everything.fast_field_values(name, addresses) for name in WINDOW), strict=True)
    for address, window in zip(addresses, windows, strict=True):
        document = everything.doc(address)
        for name, value in zip(WINDOW, window, strict=True):
            document.add_integer(name, int(value or 0))
        yield document


def _commit(writer: Any) -> None:
    writer.commit()
    writer.wait_merging_threads()


def _folded(path: Path, searcher: Searcher) -> list[int]:
    """Primary keys of the abstracts that are to be written again, so that there are never so many small segments that
    Tantivy merges them with large ones: that may take 9 s with 42,589 abstracts, while a search waits.
    """
    sizes = [segment["max_doc"] for segment in json.loads((path / "meta.json").read_text())["segments"]]
    small = sorted((place for place, size in enumerate(sizes) if size < SMALL), key=lambda place: sizes[place])
    if len(small) < MERGED_TOGETHER - 1:
        return []
    folded = set(small[:-KEPT_SMALL])
    addresses = [DocAddress(place, document) for place in folded for document in range(sizes[place])]
    pks = {int(pk or 0) for pk in searcher.fast_field_values("pk", addresses)}
    found = _by_pk(searcher, _among(pks))
    return sorted(pk for pk, (_, address) in found.items() if address.segment_ord in folded)


class Difference(NamedTuple):
    """An abstract whose document is not right; `right`: where the right one is, None if there should be none."""

    pk: int
    is_present: bool
    right: DocAddress | None


def differences(public: Searcher, everything: Searcher, pks: Sequence[int], at: int) -> list[Difference]:
    """Where, among the abstracts `pks`, `public` has not what the public finds in `everything` at the time `at`."""
    differing = []
    for chunk in in_chunks(pks, BATCH):
        right, present = _right(everything, chunk, at), _by_pk(public, _among(chunk))
        for pk in chunk:
            digest, address = right.get(pk, (None, None))
            if digest != present.get(pk, (None, None))[0]:
                differing.append(Difference(pk, pk in present, address))
    return differing


def _right(everything: Searcher, pks: Sequence[int], at: int) -> dict[int, tuple[int, DocAddress]]:
    return _by_pk(everything, _both(_among(pks), public_at(at)))


def _among(pks: Iterable[int]) -> Query:
    return Query.term_set_query(schema(), "pk", list(pks))


def replace(path: Path, everything: Searcher, differing: Sequence[Difference], at: int) -> None:
    """Bring the index of the public at `path` to what `differences` found right at the time `at`."""
    index = _open(path)
    folded = sorted({*_folded(path, index.searcher())} - {one.pk for one in differing})
    kept = [Difference(pk, True, right) for pk, (_, right) in _right(everything, folded, at).items()] if folded else []
    writer = index.writer(HEAP, 1)
    for pk, is_present, right in (*differing, *kept):
        if is_present:
            writer.delete_documents_by_term("pk", pk)
        if right:
            writer.add_document(everything.doc(right))
    _commit(writer)


def is_any_in(searcher: Searcher, pks: Iterable[int]) -> bool:
    """Whether the index has a document of any of the abstracts `pks`."""
    return bool(searcher.search(_among(pks), 1, count=False).hits)


def _by_pk(searcher: Searcher, query: Query) -> dict[int, tuple[int, DocAddress]]:
    """(digest, address) of the documents that match `query`, of which each abstract has one."""
    addresses = list(addresses_of(searcher, query))
    pks, digests = (searcher.fast_field_values(name, addresses) for name in ("pk", "digest"))
    return {int(pk or 0): (int(digest or 0), place) for pk, digest, place in zip(pks, digests, addresses, strict=True)}


def addresses_of(searcher: Searcher, query: Query) -> Iterator[DocAddress]:
    """Where the documents are that match `query`."""
    hits = searcher.search(query, max(searcher.num_docs, 1), count=False).hits
    return (address for _, address in hits)


def public_at(at: int) -> Query:
    """Matches what the public finds at the time `at` (µs). The law set each document's window."""
    return _both(
        Query.range_query(schema(), "valid_from", INTEGER, None, at),
        Query.range_query(schema(), "valid_until", INTEGER, at, None, include_lower=False),
    )


def _both(one: Query, other: Query) -> Query:
    """Mere conditions: they add nothing to the score."""
    return Query.boolean_query([(Occur.Must, Query.const_score_query(query, 0.0)) for query in (one, other)])


def next_change(everything: Searcher, at: int) -> int:
    """The first time after `at` (µs) at which the public finds anything else; NEVER if there is none."""
    return min(_nearest(everything, name, at + 1, NEVER, "Asc") for name in ("valid_from", "valid_until"))


def last_change(everything: Searcher, at: int) -> int:
    """The time (µs), at the latest `at`, since which the public finds what it finds at `at`; -NEVER if always."""
    return max(_nearest(everything, name, -NEVER, at, "Desc") for name in ("valid_from", "valid_until"))


def _nearest(everything: Searcher, name: str, first: int, last: int, order: str) -> int:
    """The first (last) value of `name` between `first` and `last`; `last` (`first`) itself if there is none."""
    query = Query.range_query(schema(), name, INTEGER, first, last)
    hits = everything.search(query, 1, count=False, order_by_field=name, order=getattr(Order, order)).hits
    missing = last if order == "Asc" else first
    return int(hits[0][0]) if hits else missing


def moving(everything: Searcher, after: int, until: int) -> list[int]:
    """Primary keys of the abstracts of which the public finds something else at `until` than at `after` (µs)."""
    first, last = sorted((after, until))
    either = [Query.range_query(schema(), name, INTEGER, first + 1, last) for name in ("valid_from", "valid_until")]
    query = Query.boolean_query([(Occur.Should, one) for one in either])
    pks = everything.fast_field_values("pk", list(addresses_of(everything, query)))
    return sorted({int(pk or 0) for pk in pks})
