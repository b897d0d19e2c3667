"""Ranking, through the product's own search, on public collections of questions and judged answers.

    python -m benchmarks.relevance [--each] DIR …

Each DIR holds `corpus.jsonl` ({"id", "title", "text"}), `queries.jsonl` ({"id", "text"}) and `qrels.tsv` (query,
document, grade; with a header line). The documents become abstracts of a throw-away database, the questions what a
visitor types. Prints nDCG@10 (gain = grade) and recall@100, averaged over the questions that have answers.
"""

import argparse
import json
import math
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
SCRATCH = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite:///{SCRATCH.name}/db.sqlite3"
os.environ["SEARCH_INDEX_ROOT"] = f"{SCRATCH.name}/search"

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting, Section
from abstracts.models.gate import Decision, deciding, passing
from abstracts.search import SearchQuery, search
from abstracts.search.following import update_index
from abstracts.visibility import ANONYMOUS
from abstracts.words.text import escape

BARE = {"cystic-fibrosis": 0.485, "med": 0.706, "cranfield": 0.448, "cisi": 0.332}


def lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def judgements(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        found[query][document] = float(grade)
    return found


def load(name: str, corpus: list[dict[str, Any]]) -> dict[int, str]:
    """Make the documents of a corpus the abstracts of the database; their ids by primary key."""
    call_command("flush", verbosity=0, interactive=False)
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


def ndcg(found: list[str], grades: dict[str, float], depth: int = 10) -> float:
    gained = sum(grades.get(key, 0) / math.log2(place + 2) for place, key in enumerate(found[:depth]))
    best = sum(g / math.log2(p + 2) for p, g in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    return gained / best if best else 0.0


def recall(found: list[str], grades: dict[str, float], depth: int = 100) -> float:
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant & set(found[:depth])) / len(relevant) if relevant else 0.0


def measure(folder: Path, each: bool) -> tuple[int, float, float]:
    """Questions, mean nDCG@10 and mean recall@100 of one collection."""
    ids = load(folder.name, lines(folder / "corpus.jsonl"))
    answers = judgements(folder / "qrels.tsv")
    at, scores = timezone.now(), []
    for question in lines(folder / "queries.jsonl"):
        grades = answers.get(str(question["id"]))
        if not grades or not any(grade > 0 for grade in grades.values()):
            continue
        results = search(SearchQuery(text=question["text"]), ANONYMOUS, at)
        found = [ids[abstract.pk] for abstract in results[:100]]
        scores.append((ndcg(found, grades), recall(found, grades)))
        if each:
            print(f"  {question['id']:>5} {scores[-1][0]:.3f} {scores[-1][1]:.3f}  {question['text'][:90]}")
    return len(scores), *(sum(column) / len(scores) for column in zip(*scores, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--each", action="store_true", help="print each question's score, too")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    print(f"{'collection':24}{'questions':>10}{'nDCG@10':>10}{'bare':>8}{'recall@100':>12}")
    for folder in options.folders:
        count, gain, coverage = measure(folder, options.each)
        bare = BARE.get(folder.name)
        print(f"{folder.name:24}{count:>10}{gain:>10.4f}{bare or '':>8}{coverage:>12.3f}", flush=True)


if __name__ == "__main__":
    main()
