"""Compares the index with the database, document by document."""

from collections import Counter

from tantivy import Occur, Query, Searcher

from .documents import expected_digests
from .following import update_index
from .matching import term
from .replica import pks_at, pks_in_batches
from .schema import INTEGER, schema

DEPTH = 20_000


def differences() -> list[str]:
    """What the index lacks, holds twice, holds of abstracts that are gone, or holds otherwise; [] where all is well.

    Catches up first.
    """
    snapshot = update_index()
    if snapshot is None:
        return []
    found: list[str] = []
    last = 0
    for pks in pks_in_batches():
        expected = Counter((pk, digest) for (pk, _, _), digest in expected_digests(pks).items())
        held = _held(snapshot.searcher, last + 1, pks[-1])
        found += [f"abstract {pk}: a document is missing or old" for pk, _ in (expected - held)]
        found += [f"abstract {pk}: a document too many" for pk, _ in (held - expected)]
        last = pks[-1]
    found += [f"abstract {pk}: is gone" for pk, _ in _held(snapshot.searcher, last + 1, 2**62)]
    return found


def _held(searcher: Searcher, first: int, last: int) -> Counter[tuple[int, str]]:
    """(abstract, digest) of the documents of the abstracts `first` to `last`."""
    between = Query.range_query(schema(), "pk", INTEGER, first, last)
    query = Query.boolean_query([(Occur.Must, between), (Occur.MustNot, term("state", "state"))])
    addresses = [address for _, address in searcher.search(query, DEPTH, count=False).hits]
    digests = (str(searcher.doc(address).get_first("digest")) for address in addresses)
    return Counter(zip(pks_at(searcher, addresses), digests, strict=True))
