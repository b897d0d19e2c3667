"""Plants leaks, one at a time, in a copy of the working tree, and says which test notices each.

    .venv/bin/python benchmarks/planted_leaks.py [PART OF A NAME ...]

A leak is one small edit of the product: of the law in SQL, of a template, a header, an export, a mail. The canary runs
until its first failure; where it stays green, the further tests of that leak run. The status is 1 if a leak goes
unnoticed or can no longer be planted.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CANARY = "tests/test_canary.py"
CACHING = "tests/acrsite/test_caching.py"
WRONG_CLOCKS = "tests/acrsite/test_wrong_clocks.py"
AS_STAFF = (
    "__import__('abstracts.visibility').visibility.Viewer(__import__('abstracts.visibility').visibility.Role.STAFF)"
)


@dataclass(frozen=True)
class Leak:
    """`before` in `file` becomes `after`. The canary may be blind to it: `others` are the tests that must see it."""

    name: str
    file: str
    before: str
    after: str
    others: tuple[str, ...] = ()


LAW = "abstracts/visibility/law.py"
LEAKS = [
    Leak(
        "law: drafts are released",
        LAW,
        "= '{Status.DRAFT}' THEN {Level.HIDDEN}",
        "= '{Status.DRAFT}' THEN {Level.FULL}",
    ),
    Leak(
        "law: a microsecond early",
        LAW,
        "return PublicLevel(at, prefix)",
        "return PublicLevel(at + dt.timedelta(microseconds=1) if isinstance(at, dt.datetime) else at, prefix)",
    ),
    Leak(
        "law: withdrawn text stays",
        LAW,
        " AND {{status}} <> '{Status.WITHDRAWN}' THEN {Level.FULL}",
        " THEN {Level.FULL}",
    ),
    Leak(
        "law: a hidden title stays",
        LAW,
        "WHEN {{numbered_from}} <= {{at}} AND {{hides_title}}",
        "WHEN {{numbered_from}} > {{at}} AND {{hides_title}}",
    ),
    Leak(
        "law: shells show titles",
        LAW,
        "WHEN {{titled_from}} <= {{at}} THEN",
        "WHEN {{numbered_from}} <= {{at}} THEN",
    ),
    Leak(
        "law: titles show authors",
        LAW,
        "WHEN {{listed_from}} <= {{at}} THEN",
        "WHEN {{titled_from}} <= {{at}} THEN",
    ),
    Leak("law: press reads before it may", LAW, " AND {opens} <= {at}", " AND ({opens} <= {at} OR TRUE)"),
    Leak("law: press reads all meetings", LAW, "{meeting} IN ({places}) AND", "0 NOT IN ({places}) AND"),
    Leak(
        "law: press reads unpublished meetings",
        "abstracts/models/embargo.py",
        "        return Resolved()\n",
        "        return Resolved(press_from=OPEN_TO_PRESS)\n",
    ),
    Leak(
        "clock: the machine's decides",
        "abstracts/clock.py",
        "return self.instant + _since(self.monotonic)",
        "return timezone.now()",
        (WRONG_CLOCKS,),
    ),
    Leak("cache: kept while clocks differ", "acrsite/caching.py", "if clock.problem():", "if False:", (WRONG_CLOCKS,)),
    Leak(
        "model: sections with the listing",
        "abstracts/models/abstract.py",
        'LawfulManager("abstract__", Level.FULL)',
        'LawfulManager("abstract__", Level.SHELL)',
    ),
    Leak(
        "model: authors with the shell",
        "abstracts/models/byline.py",
        'LawfulManager("abstract__", Level.LISTED)',
        'LawfulManager("abstract__", Level.SHELL)',
    ),
    Leak(
        "template: name of the embargo tier",
        "templates/abstracts/abstract.html",
        '<article class="abstract">',
        '<article class="abstract" data-tier="{{ abstract.tier.name }}">',
    ),
    Leak(
        "view: full size of any figure",
        "abstracts/views/figures.py",
        "Figure.objects.visible_to(request.viewer, request.at).filter(key=figure)",
        "Figure.unfiltered.filter(key=figure)",
    ),
    Leak(
        "view: 403 for a hidden number",
        "abstracts/views/abstract.py",
        "    if not row:\n        raise Http404\n",
        "    if not row and Abstract.unfiltered.filter(number=number).exists():\n"
        "        raise __import__('django.core.exceptions').core.exceptions.PermissionDenied\n"
        "    if not row:\n        raise Http404\n",
    ),
    Leak(
        "header: count of all abstracts",
        "acrsite/caching.py",
        '    patch_vary_headers(response, ["Cookie", "HX-Request"])\n',
        '    patch_vary_headers(response, ["Cookie", "HX-Request"])\n'
        "    from abstracts.models import Abstract\n"
        '    response["X-Total"] = str(Abstract.unfiltered.count())\n',
    ),
    Leak(
        "cache: public pages outlive the next embargo instant",
        "acrsite/caching.py",
        "parts = (*state, ",
        "parts = (state.token, ",
        (CACHING,),
    ),
    Leak(
        "cache: pages of sessions are shared",
        "acrsite/caching.py",
        "        and settings.SESSION_COOKIE_NAME not in request.COOKIES\n",
        "",
        (CACHING,),
    ),
    Leak(
        "cache: pages ahead of release are stored",
        "acrsite/caching.py",
        '"private, no-store" if is_secret else "private, no-cache"',
        '"private, no-cache"',
        (CACHING,),
    ),
    Leak(
        "cache: the store forgets the day",
        "acrsite/caching.py",
        "request.at.date(), ",
        "",
        (CACHING,),
    ),
    Leak(
        "header: ages count down to the next instant",
        "acrsite/caching.py",
        "max-age={max_age(request.at)}",
        "max-age={(request.archive_state.next_instant or request.at).second % 10 + 1}",
        (CACHING,),
    ),
    Leak(
        "export: documents as staff see them",
        "abstracts/exporting/streaming.py",
        "stream_documents(pks, request.viewer.of_files, request.at, request.path, ",
        f"stream_documents(pks, {AS_STAFF}, request.at, request.path, ",
    ),
    Leak(
        "cache: citations of all levels are one",
        "abstracts/citing/__init__.py",
        ":{document.abstract.level}:",
        ":",
        ("tests/abstracts/citing/test_cached.py",),
    ),
    Leak(
        "book: abstracts as staff see them",
        "abstracts/downloads/making.py",
        "reading.in_order_of(batch, ANONYMOUS, at)",
        f"reading.in_order_of(batch, {AS_STAFF}, at)",
    ),
    Leak(
        "search: counts and facets of everything",
        "abstracts/search/searching.py",
        "self.unfiltered = public or snapshot.unfiltered",
        "self.unfiltered = snapshot.unfiltered",
    ),
    Leak(
        "search: suggestions of everything",
        "abstracts/search/suggesting.py",
        'searcher.terms_with_prefix(f"{kind}_entry", key, limit * 3, at_least(Level.LISTED))',
        'searcher.unfiltered.terms_with_prefix(f"{kind}_entry", key, at_least(Level.LISTED), limit * 3)',
    ),
    Leak(
        "search: corrections from hidden words",
        "abstracts/search/spelling.py",
        'searcher.count(term("words", word))',
        'searcher.unfiltered.doc_freq("words", word)',
        ("tests/abstracts/search/test_law.py", "tests/abstracts/search/test_spelling.py"),
    ),
    Leak(
        "feed: a day early",
        "abstracts/views/feeds.py",
        "feeds.released(request.at))",
        "feeds.released(request.at + dt.timedelta(days=1)))",
    ),
    Leak(
        "sitemap: every abstract",
        "abstracts/views/sitemaps.py",
        'return _released(at).order_by("pk").values_list("slug"',
        'return Abstract.unfiltered.order_by("pk").values_list("slug"',
    ),
    Leak(
        "mail: a week early",
        "accounts/searches/alerts/running.py",
        "    report = Report()\n    notice(at)\n",
        "    report = Report()\n    at += dt.timedelta(days=7)\n    notice(at)\n",
    ),
    Leak(
        "mail: searches as staff make them",
        "accounts/searches/saved.py",
        "results = search(query, ANONYMOUS, at)",
        f"results = search(query, {AS_STAFF}, at)",
        ("tests/accounts/searches", "tests/accounts/management"),
    ),
]
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?::.+?)(?: - .*)?$", re.M)


def copy_of_the_tree(folder: Path) -> Path:
    """The files that git knows, as they are now, with the virtual environment of this tree."""
    tree = folder / "project"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    (tree / ".venv").symlink_to((ROOT / ".venv").resolve())
    return tree


def catching_test(tree: Path, tests: tuple[str, ...]) -> str:
    """The first of `tests` that fails; "" for none."""
    command = [".venv/bin/pytest", "-q", "-n", "0", "-x", "-p", "no:cacheprovider", *tests]
    run = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=3600)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stdout + run.stderr)
    failed = FAILED.search(run.stdout)
    return failed[1] if failed else ""


def plant(leak: Leak, tree: Path) -> str:
    """Which test notices `leak`; "" for none. The tree is as before afterwards."""
    path = tree / leak.file
    sound = path.read_text()
    if leak.before not in sound:
        raise SystemExit(f"{leak.name}: cannot be planted, {leak.file} has changed.")
    path.write_text(sound.replace(leak.before, leak.after))
    try:
        return catching_test(tree, (CANARY,)) or (leak.others and catching_test(tree, leak.others)) or ""
    finally:
        path.write_text(sound)


def main(*parts: str) -> int:
    os.environ.pop("DATABASE_URL", None)
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="leaks-") as name:
        tree = copy_of_the_tree(Path(name))
        for leak in [leak for leak in LEAKS if not parts or any(part in leak.name for part in parts)]:
            started = time.monotonic()
            test = plant(leak, tree)
            unnoticed += not test
            print(f"| {leak.name} | {test or 'UNNOTICED'} | {time.monotonic() - started:.0f} s |", flush=True)
    return unnoticed > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
