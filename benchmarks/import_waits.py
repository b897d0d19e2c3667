"""How long an emergency withdrawal waits while an import is checked and carried out, before issue 9 and now.

    .venv/bin/python -m benchmarks.import_waits
    .ci/with_postgres .venv/bin/python -m benchmarks.import_waits

2,725 invented abstracts with ten authors each come in; then all of them change. Meanwhile another process withdraws
abstracts, those of the file where they exist, and says how long each save took. The commit before is checked out into
a temporary folder. Takes about five minutes.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEFORE = "0779a41"
ROWS = 2725
AUTHORS = 10
PAUSE = 0.02


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", nargs="?", default="compare", choices=["compare", "import", "withdraw"])
    parser.add_argument("folder", nargs="?", type=Path)
    options = parser.parse_args()
    if options.role == "compare":
        compare()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acrsite.settings")
    import django

    django.setup()
    (measure if options.role == "import" else withdraw)(options.folder)


# Two commits, each in processes of its own


def compare() -> None:
    # Not above: the commit before runs this file, too, and has another such module.
    from benchmarks.serving import create_database

    create_database(os.environ.get("DATABASE_URL", ""))
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        git = ["git", "-C", str(ROOT)]
        subprocess.run([*git, "worktree", "add", "--quiet", "--detach", str(before), BEFORE], check=True)
        try:
            results = {name: in_checkout(root, Path(folder) / name) for name, root in ((BEFORE, before), ("now", ROOT))}
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", str(before)], check=True)
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    print(f"{database}: longest wait of a withdrawal, seconds (and how long it all took)")
    print(f"{'':16}{BEFORE:>16}{'now':>16}{'shorter':>10}")
    for name in results["now"]:
        old, new = results[BEFORE][name], results["now"][name]
        cells = (f"{wait:.3f} ({total:.1f})" for wait, total in (old, new))
        print(f"{name:16}" + "".join(f"{cell:>16}" for cell in cells) + f"{old[0] / new[0]:>9.0f}x")


def in_checkout(root: Path, folder: Path) -> dict[str, tuple[float, float]]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).resolve()), "import", str(folder)]
    done = subprocess.run(command, cwd=root, env=environment(root, folder), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def environment(root: Path, folder: Path) -> dict[str, str]:
    values = {"DEBUG": "false", "SECRET_KEY": "only-for-benchmarks", "ALLOWED_HOSTS": "testserver"}
    values |= {"SITE_URL": "http://testserver", "LOG_LEVEL": "ERROR", "EMAIL_URL": "consolemail://"}
    return {**os.environ, **values, "DATA_ROOT": str(folder / "var"), "PYTHONPATH": str(root)}


# In a checkout


def measure(folder: Path) -> None:
    """Print, for each step, the longest wait and the time of the step."""
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    with without_gate():
        store_bystanders()
    first, second = write_files(folder)
    steps = {
        "check, new": (first, True),
        "import, new": (first, False),
        "check, changed": (second, True),
        "import, changed": (second, False),
    }
    results = {name: watched(folder, path, is_check) for name, (path, is_check) in steps.items()}
    print(json.dumps(results))


def store_bystanders() -> None:
    import datetime as dt

    from abstracts.models import Abstract, EmbargoStep, EmbargoTier, Meeting

    for slug in ("forum", "other"):
        meeting = Meeting.objects.create(name=slug, slug=slug, year=2031)
        tier = EmbargoTier.objects.create(meeting=meeting, name="Regular")
        EmbargoStep.objects.create(
            tier=tier, shows="everything", rule="fixed", date=dt.date(2020, 1, 1), time=dt.time(9)
        )
    for number in range(100):
        Abstract.unfiltered.create(meeting=meeting, tier=tier, number=str(number), title=f"Bystander {number}")


def watched(folder: Path, path: Path, is_check: bool) -> tuple[float, float]:
    """The longest wait while `path` is imported, and how long that took."""
    from abstracts.importing import BadInput, ImportOptions, run_import

    (folder / "ready").unlink(missing_ok=True)
    (folder / "stop").unlink(missing_ok=True)
    command = [sys.executable, str(Path(__file__).resolve()), "withdraw", str(folder)]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while not (folder / "ready").exists():
        time.sleep(0.05)
    start = time.monotonic()
    try:
        with without_gate():
            report = run_import(path, ImportOptions(meeting="forum", tier="Regular", dry_run=is_check))
        if not report.is_valid or report.applied == is_check:
            raise SystemExit(report.as_text(max_rows=3))
    except BadInput as error:
        # The commit before deadlocks with withdrawals on PostgreSQL.
        print(f"{path.stem}, {'check' if is_check else 'import'}: {error}", file=sys.stderr)
    total = time.monotonic() - start
    (folder / "stop").touch()
    return float(other.communicate()[0].split()[-1]), total


def withdraw(folder: Path) -> None:
    """Withdraw one abstract after the other until the import has ended; print the longest wait.

    SQLite gives up after twenty seconds (“database is locked”): whoever must withdraw tries again.
    """
    from django.db import OperationalError

    from abstracts.models import Abstract

    known = Abstract.unfiltered.filter(meeting__slug="forum") or Abstract.unfiltered.all()
    pks = list(known.order_by("?").values_list("pk", flat=True))
    longest = 0.0
    with without_gate():
        while not (folder / "stop").exists():
            abstract = Abstract.unfiltered.get(pk=pks[0])
            pks.append(pks.pop(0))
            start = time.monotonic()
            abstract.status, abstract.status_note = "withdrawn", f"Withdrawn {start}."
            while True:
                with contextlib.suppress(OperationalError):
                    abstract.save()
                    break
            longest = max(longest, time.monotonic() - start)
            (folder / "ready").touch()
            time.sleep(PAUSE)
    print(longest)


@contextlib.contextmanager
def without_gate():
    """Past the gate, where there is one: nothing is confirmed here."""
    try:
        from abstracts.models import gate
    except ImportError:
        yield
        return
    with gate.bypassing("a benchmark"):
        yield


def write_files(folder: Path) -> list[Path]:
    """Two files with the same abstracts; every field of each of them differs but for number and session."""
    paths = []
    for edition in ("first", "second"):
        path = folder / f"{edition}.jsonl"
        path.write_text("".join(json.dumps(row(number, edition)) + "\n" for number in range(ROWS)))
        paths.append(path)
    return paths


def row(number: int, edition: str) -> dict:
    words = random.Random(f"{number} {edition}")

    def sentence(length: int) -> str:
        return " ".join(words.choice(WORDS) for _ in range(length)).capitalize()

    authors = [
        {
            "name": f"{words.choice(INITIALS)}. {words.choice(WORDS).capitalize()}{number % 97}",
            "affiliations": [1 + n % 4],
        }
        for n in range(AUTHORS)
    ]
    affiliations = [f"{sentence(3)}, {edition.capitalize()} Town, Norway" for _ in range(4)]
    labels = ("Background/Purpose", "Methods", "Results", "Conclusion")
    return {
        "number": f"{number:04}",
        "title": f"{sentence(12)} {edition}",
        "authors": authors,
        "affiliations": affiliations,
        "keywords": [f"{words.choice(WORDS)} {words.choice(WORDS)}" for _ in range(3)],
        "sections": [{"label": label, "text": f"{sentence(90)}."} for label in labels],
        "disclosures": f"{sentence(20)}: None.",
        "sessions": [{"code": f"S{number % 120}", "title": f"Posters {number % 120}", "position": number}],
    }


INITIALS = "ABCDEFGH"
WORDS = [first + middle + last for first in ("ba", "cor", "lum", "ter", "vi") for middle in ("do", "ra", "ni")
         for last in ("sis", "tin", "ma", "lor", "gen")]  # fmt: skip


if __name__ == "__main__":
    if shutil.which("git") is None:
        raise SystemExit("git is needed for the commit before.")
    main()
