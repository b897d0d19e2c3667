"""Ranking of this tree, of an earlier commit and of a bare index, on public collections of judged questions.

    python -m benchmarks.relevance [--commit 0779a41] [--each] DIR …

Each DIR holds `corpus.jsonl` ({"id", "title", "text"}), `queries.jsonl` ({"id", "text"}) and `qrels.tsv` (query,
document, grade; with a header line). The documents become abstracts of a throw-away database, the questions what a
visitor types. Prints nDCG@10 (gain = grade), recall@100 and milliseconds for each question, averaged over the questions
that have answers.

- bare: the engine with this tree's terms, nothing else: any term of the question, half as much in titles.
- the commit: checked out beside, asked by its own search, with the same Python. Needs the history of git.
- new: this tree.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
SCRATCH = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{SCRATCH.name}/db.sqlite3"
os.environ["SEARCH_INDEX_ROOT"] = f"{SCRATCH.name}/search"

import django

django.setup()

from tantivy import Document, Index

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Section
from abstracts.models.gate import Decision, deciding, passing
from abstracts.search.analysis import indexed, lexemes, terms
from abstracts.search.following import update_index
from abstracts.search.matching import any_of, boosted, term
from abstracts.search.schema import schema, with_tokenizers
from abstracts.words.text import escape

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "0779a41"
DEPTH = 100
# Asks the search of the tree in whose root it runs. These names are those of 0779a41, too.
RUN = """
import json, sys, time
from pathlib import Path
from benchmarks.relevance import lines, load
from django.core.management import call_command
from django.utils import timezone
from abstracts.search import SearchQuery, search
from abstracts.visibility import ANONYMOUS
folder, target = map(Path, sys.argv[1:])
call_command("migrate", verbosity=0)
ids = load(folder.name, lines(folder / "corpus.jsonl"))
at, answers = timezone.now(), {}
for question in lines(folder / "queries.jsonl"):
    start = time.perf_counter()
    pks = [abstract.pk for abstract in search(SearchQuery(text=question["text"]), ANONYMOUS, at)[:100]]
    answers[str(question["id"])] = [ids[pk] for pk in pks], (time.perf_counter() - start) * 1000
target.write_text(json.dumps(answers))
"""
# Of each question the ids of the documents, best first, and milliseconds.
Answers = dict[str, tuple[list[str], float]]


def lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def judgements(path: Path) -> dict[str, dict[str, float]]:
    """Of each question that has an answer the grades of the judged documents."""
    grades: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades[query][document] = float(grade)
    return {query: judged for query, judged in grades.items() if any(grade > 0 for grade in judged.values())}


def load(name: str, corpus: list[dict[str, Any]]) -> dict[int, str]:
    """Make the documents of a corpus abstracts of the empty database; their ids by primary key."""
    meeting = Meeting.objects.create(name=name, year=2020)
    tier = EmbargoTier.objects.create(meeting=meeting, name="all")
    EmbargoStep.objects.create(tier=tier, shows="everything", rule="fixed", date="2020-01-01", time="00:00")
    rows = [
        Abstract(meeting=meeting, tier=tier, number=None, slug=f"d{n}", title=escape(document["title"]) or "Untitled")
        for n, document in enumerate(corpus)
    ]
    with deciding(Decision(door="benchmark", reason="A benchmark", expected=len(rows))), passing():
        Abstract.unfiltered.bulk_create(rows)
        sections = [
            Section(abstract=row, html=f"<p>{escape(document['text'])}</p>")
            for row, document in zip(rows, corpus, strict=True)
        ]
        Section.unfiltered.bulk_create(sections)
    update_index()
    return {row.pk: document["id"] for row, document in zip(rows, corpus, strict=True)}


def ask(tree: Path, folder: Path) -> Answers:
    """The answers of the search of `tree`, in a process and a database of their own."""
    with tempfile.NamedTemporaryFile() as target:
        run = subprocess.run(
            [sys.executable, "-c", RUN, str(folder.resolve()), target.name],
            cwd=tree,
            env={key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "SEARCH_INDEX_ROOT")},
            stderr=subprocess.PIPE,
            text=True,
        )
        if run.returncode:
            raise SystemExit(f"{tree} did not answer:\n{run.stderr[-2000:]}")
        return json.loads(Path(target.name).read_text())


def ask_bare_index(folder: Path) -> Answers:
    corpus = lines(folder / "corpus.jsonl")
    index = with_tokenizers(Index(schema()))
    writer = index.writer(num_threads=1)
    for number, document in enumerate(corpus):
        title, text = lexemes(document["title"]), lexemes(document["text"])
        fields = {"title": indexed(title), "everything": indexed(title + text), "pk": number}
        writer.add_document(Document.from_dict(fields, schema()))
    writer.commit()
    index.reload()
    searcher, answers = index.searcher(), {}
    for question in lines(folder / "queries.jsonl"):
        start = time.perf_counter()
        words = terms(question["text"])
        queries = [term("everything", word) for word in words] + [boosted(term("title", word), 0.5) for word in words]
        addresses = [address for _, address in searcher.search(any_of(queries), DEPTH, count=False).hits]
        pks = searcher.fast_field_values("pk", addresses)
        milliseconds = (time.perf_counter() - start) * 1000
        answers[str(question["id"])] = [corpus[int(pk or 0)]["id"] for pk in pks], milliseconds
    return answers


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the files of `commit`."""
    with tempfile.TemporaryDirectory() as folder:
        tree, git = Path(folder, "tree"), ["git", "-C", str(ROOT), "worktree"]
        made = subprocess.run([*git, "add", "--detach", str(tree), commit], stderr=subprocess.PIPE, text=True)
        if made.returncode:
            raise SystemExit(f"{commit} cannot be checked out, is the history of git here? {made.stderr.strip()}")
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def ndcg(found: list[str], grades: dict[str, float], depth: int = 10) -> float:
    gained = sum(grades.get(key, 0) / math.log2(place + 2) for place, key in enumerate(found[:depth]))
    best = sum(g / math.log2(p + 2) for p, g in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    return gained / best if best else 0.0


def recall(found: list[str], grades: dict[str, float]) -> float:
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant & set(found[:DEPTH])) / len(relevant) if relevant else 0.0


def report(folder: Path, searches: dict[str, Callable[[Path], Answers]], each: bool) -> None:
    judged = judgements(folder / "qrels.tsv")
    answers = {name: search_in(folder) for name, search_in in searches.items()}
    for question in lines(folder / "queries.jsonl") if each else ():
        if grades := judged.get(key := str(question["id"])):
            scores = " ".join(f"{ndcg(of[key][0], grades):.3f}" for of in answers.values())
            print(f"  {key:>5} {scores}  {question['text'][:90]}")
    for name, of in answers.items():
        asked = [(of[key], grades) for key, grades in judged.items() if key in of]
        gain = statistics.mean(ndcg(found, grades) for (found, _), grades in asked)
        share = statistics.mean(recall(found, grades) for (found, _), grades in asked)
        milliseconds = statistics.mean(ms for (_, ms), _ in asked)
        print(f"{folder.name:24}{len(asked):>10}  {name:10}{gain:>10.4f}{share:>12.3f}{milliseconds:>8.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--commit", default=BEFORE, help=f"beside which the tree is shown, {BEFORE} if not given")
    parser.add_argument("--each", action="store_true", help="print nDCG@10 of each question, too")
    options = parser.parse_args()
    print(f"{'collection':24}{'questions':>10}  {'search':10}{'nDCG@10':>10}{'recall@100':>12}{'ms':>8}")
    with checked_out(options.commit) as before:
        searches = {
            "bare": ask_bare_index,
            options.commit[:10]: lambda folder: ask(before, folder),
            "new": lambda folder: ask(ROOT, folder),
        }
        for folder in options.folders:
            report(folder, searches, options.each)


if __name__ == "__main__":
    main()
