"""Speed of search beside the engine that it stands on, in the same run on the same index.

    DATABASE_URL=sqlite:////tmp/big.sqlite3 SEARCH_INDEX_ROOT=/tmp/big-index \\
        python -m benchmarks.search [--load] [--rebuild] [--copies N] [--rounds 7] [--cpu]

`--load` first fills the database with the archive of ../shared/data (`--copies 23` makes some 1,000,000 of it, with
sentences shuffled). `--rebuild` builds the index anew and says how long it took. Times are milliseconds of one run on
one machine: read the ratios. For each query

- raw: the engine alone: all the words, the visibility filter, the first 20 with their total, and seven facets;
- row: one database query for 20 abstracts by primary key, through the law, as Django asks it;
- bare: the engine alone, with the very query that the product makes of the words (synonyms, names, nearness, the
  visibility filter; of the words not all of which any abstract has, some): the first 20 and their total, in one call;
- facets: the engine alone, the same query: the seven facets of the page, as counts of keys;
- search: what the page computes: query, total, facets with their names, 20 rows, pieces of text;
- page: the whole response, made anew.

Asked for: search beside raw + row at most 3, search beside bare + facets at most 6, at the medians. At the end come
the times of suggestions, letter by letter.
"""

import argparse
import functools
import os
import random
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
os.environ.setdefault("PAGE_STORE", "off")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from abstracts.models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    ArchiveState,
    AuthorAffiliation,
    AuthorLine,
    Presentation,
    Section,
)
from abstracts.search import SearchQuery, search
from abstracts.search.analysis import terms
from abstracts.search.engine import FACET_SIZES
from abstracts.search.following import ensure_current_snapshot, update_index
from abstracts.search.matching import all_of, term
from abstracts.search.replica import get_replica
from abstracts.search.searching import LawfulSearcher, Visible
from abstracts.search.suggesting import suggest
from abstracts.views.search import _rows
from abstracts.views.search_links import Address, facets_of
from abstracts.visibility import ANONYMOUS
from abstracts.words.identifiers import number_key
from benchmarks.pages import load

FACETS = {name: {"terms": {"field": name, "size": size}} for name, size in FACET_SIZES.items()}
# From rare to everywhere; words, names, phrases, questions.
QUERIES = """
quench heater | Shiltsev | pellet target | muon cooling channel | "storage ring" | Lamont collimation | emittance growth
beam position monitor | superconducting cavity | free electron laser | dependency parsing | coreference resolution
neural machine translation | sentiment analysis of tweets | word embeddings | laser wakefield acceleration -plasma
niobium OR copper | author:"Rossi L" | title:upgrade | bunch length | low-level RF | X-ray | undulator radiation
how is the emittance of a beam measured in a linear accelerator | patients | model | language | beam | system | data
""".replace("\n", " | ")
# For suggestions, letter by letter.
TYPED = "beam | position monitor | machine translation | rossi | ipac 2015 | storage ring | cavity | emittance growth"
clock: Callable[[], float] = time.perf_counter
SENTENCE = re.compile(r"(?<=\.)\s+")


# What belongs to an abstract, with the columns that name copied rows and the tables that these are in.
COPIED = {
    Section: {"abstract_id": Abstract},
    Presentation: {"abstract_id": Abstract},
    Affiliation: {"abstract_id": Abstract},
    AuthorLine: {"abstract_id": Abstract},
    AuthorAffiliation: {"author_id": AuthorLine, "affiliation_id": Affiliation},
    AbstractKeyword: {"abstract_id": Abstract},
}


def copy_archive(copies: int) -> None:
    """Add `copies` - 1 copies of every abstract with all that belongs to it: sentences shuffled, new ids throughout.

    Written in SQL, as the managers would take hours; SQLite only. The index has to be built anew afterwards.
    """
    with connection.cursor() as cursor:
        connection.connection.create_function("shuffled", 2, _shuffled, deterministic=True)
        connection.connection.create_function("number_key", 1, number_key, deterministic=True)
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-1000000"):
            cursor.execute(f"PRAGMA {pragma}")
        strides = {model: _stride(cursor, model) for model in (Abstract, *COPIED)}
        for copy in range(1, copies):
            with transaction.atomic():
                _copy(cursor, Abstract, {}, copy, strides)
                for model, links in COPIED.items():
                    _copy(cursor, model, links, copy, strides)
            print(f"copy {copy} at {time.perf_counter():.0f} s", flush=True)
        ArchiveState.move_on()
        cursor.execute("ANALYZE")


def _stride(cursor: Any, model: Any) -> int:
    cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {model._meta.db_table}")
    return cursor.fetchone()[0]


def _copy(cursor: Any, model: Any, links: dict[str, Any], copy: int, strides: dict[Any, int]) -> None:
    """One more copy of the first rows of `model`."""
    columns = [field.column for field in model._meta.concrete_fields]
    told = {name: name for name in columns} | {"id": f"id + {copy * strides[model]}"}
    told |= {name: f"{name} + {copy * strides[other]}" for name, other in links.items()}
    if model is Abstract:
        told |= {"slug": f"'c{copy}-' || substr(slug, 1, 200)", "legacy_id": "NULL", "number": f"number || '-{copy}'"}
        told["number_key"] = f"number_key(coalesce(number || '-{copy}', ''))"
    if model is Section:
        told["html"] = f"shuffled(html, {copy})"
    table, values = model._meta.db_table, ", ".join(told[name] for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE id <= {strides[model]}"
    )


def _shuffled(html: str, copy: int) -> str:
    sentences = SENTENCE.split(html)
    random.Random(f"{copy} {html[:80]}").shuffle(sentences)
    return " ".join(sentences)


def timed(function: Callable, rounds: int) -> list[float]:
    """Milliseconds of each of `rounds` calls, after one that is not counted."""
    function()
    times = []
    for _ in range(rounds):
        start = clock()
        function()
        times.append((clock() - start) * 1000)
    return times


def raw(text: str, at) -> None:
    """The engine alone."""
    searcher = LawfulSearcher(current, Visible(ANONYMOUS, at))
    query = all_of(term("everything", word) for word in terms(text))
    searcher.unfiltered.search(searcher._joined(query), 20)
    searcher.aggregate(query, FACETS)


def product(text: str, at) -> None:
    """What the search page computes."""
    results = search(SearchQuery(text=text), ANONYMOUS, at)
    _rows(results[:20], results)
    facets_of(results, Address(QueryDict(mutable=True)))
    len(results)


def measure(text: str, rounds: int, pages: bool) -> dict[str, float]:
    at, client = timezone.now(), Client(HTTP_HOST="127.0.0.1")
    results = search(SearchQuery(text=text), ANONYMOUS, at)
    pks = [row.pk for row in results[:20]]
    assert results.matches is not None
    engine = results.matches.searcher.unfiltered
    query = results.matches.searcher._joined(results.matches.main.query)
    parts = {
        "raw": lambda: raw(text, at),
        "row": lambda: list(Abstract.objects.visible_to(ANONYMOUS, at).filter(pk__in=pks).select_related("meeting")),
        "bare": lambda: engine.search(query, 20),
        "facets": lambda: engine.aggregate(query, FACETS),
        "search": lambda: product(text, at),
        "page": lambda: client.get("/search/", {"q": text}) if pages else None,
    }
    times: dict[str, float] = {"found": results.total}
    for name, function in parts.items():
        found = sorted(timed(function, rounds))
        times[name], times[f"{name} p95"] = statistics.median(found), found[int(0.95 * (len(found) - 1) + 0.5)]
    times["s/(raw+row)"] = times["search"] / (times["raw"] + times["row"])
    times["s/bare"] = times["search"] / times["bare"]
    times["s/(bare+facets)"] = times["search"] / (times["bare"] + times["facets"])
    return times


TIMES = ("raw", "row", "bare", "facets", "search", "search p95", "page", "page p95")
RATIOS = ("s/(raw+row)", "s/bare", "s/(bare+facets)")


def report(rounds: int, pages: bool) -> None:
    print(f"{'query':58}{'found':>8}" + "".join(f"{name:>11}" for name in TIMES) + "".join(f"{n:>17}" for n in RATIOS))
    rows = []
    for text in filter(None, (part.strip() for part in QUERIES.split("|"))):
        rows.append(measure(text, rounds, pages))
        print(line(text, rows[-1]), flush=True)
    for name, function in (("median", statistics.median), ("most", max)):
        print(line(name, {key: function([row[key] for row in rows]) for key in rows[0]}))


def line(name: str, times: dict[str, float]) -> str:
    columns = "".join(f"{times[key]:>11.2f}" for key in TIMES) + "".join(f"{times[key]:>17.1f}" for key in RATIOS)
    return f"{name[:57]:58}{times['found']:>8.0f}{columns}"


def report_suggestions(rounds: int) -> None:
    at, times = timezone.now(), []
    for text in (whole[:end] for whole in TYPED.split(" | ") for end in range(2, len(whole) + 1)):
        found = timed(functools.partial(suggest, text, ANONYMOUS, at), rounds)
        times.append((statistics.median(found), text))
    median, (most, text) = statistics.median(time for time, _ in times), max(times)
    print(f"\nsuggestions for {len(times)} beginnings: median {median:.2f}, most {most:.2f} ms ({text!r})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--rebuild", action="store_true")
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--only-copy", action="store_true", help="stop after the copies")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-pages", action="store_true", help="without whole responses, which take longest")
    parser.add_argument("--cpu", action="store_true", help="processor time: for a busy machine, and SQLite")
    options = parser.parse_args()
    global current, clock
    clock = time.process_time if options.cpu else time.perf_counter
    call_command("collectstatic", interactive=False, verbosity=0)
    if options.load:
        load()
    if options.copies > 1:
        copy_archive(options.copies)
    if options.only_copy:
        return
    start = time.perf_counter()
    target = get_replica()
    current = target[0].rebuild(600) if options.rebuild and target else update_index()
    seconds = time.perf_counter() - start
    current = ensure_current_snapshot()
    size = sum(path.stat().st_size for path in target[0].folder.rglob("*") if path.is_file()) / 1e6
    built = f"{'built' if options.rebuild else 'caught up'} in {seconds:.1f} s"
    print(f"{Abstract.unfiltered.count()} abstracts, {current.unfiltered.num_docs} documents, {size:.0f} MB, {built}\n")
    report(options.rounds, not options.no_pages)
    report_suggestions(options.rounds)


if __name__ == "__main__":
    main()
