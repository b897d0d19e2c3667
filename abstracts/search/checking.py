"""Compares all documents of the index with the database."""

from collections import Counter

from tantivy import Occur, Query, Searcher

from .documents import build_documents
from .following import update_index
from .matching import term
from .replica import pks_at, pks_in_batches
from .schema import INTEGER, schema

MAX_DOCUMENTS = 20_000  # of one batch of abstracts


def differences() -> list[str]:
    """Catch up, then list the documents that are missing, old or superfluous; [] if the index is correct."""
    snapshot = update_index()
    if snapshot is None:
        return []
    lines: list[str] = []
    last = 0
    for pks in pks_in_batches():
        expected = Counter((fields["pk"], fields["digest"]) for fields in build_documents(pks))
        actual = _digests(snapshot.unfiltered, last + 1, pks[-1])
        lines += [f"abstract {pk}: a document is missing or old" for pk, _ in (expected - actual)]
        lines += [f"abstract {pk}: a document too many" for pk, _ in (actual - expected)]
        last = pks[-1]
    lines += [f"abstract {pk}: is gone" for pk, _ in _digests(snapshot.unfiltered, last + 1, 2**62)]
    return lines


def _digests(searcher: Searcher, first: int, last: int) -> Counter[tuple[int, str]]:
    """(abstract, digest) of the documents of the abstracts `first` to `last`."""
    between = Query.range_query(schema(), "pk", INTEGER, first, last)
    query = Query.boolean_query([(Occur.Must, between), (Occur.MustNot, term("state", "state"))])
    addresses = [address for _, address in searcher.search(query, MAX_DOCUMENTS, count=False).hits]
    digests = (str(searcher.doc(address).get_first("digest")) for address in addresses)
    return Counter(zip(pks_at(searcher, addresses), digests, strict=True))
