"""Prints the test files that the changes of this working tree can affect: .ci/affected.py [COMMIT]

Changed is what differs from where this branch left COMMIT (main), committed or not. A test file is affected where

- it changed, or imports a module that changed, directly or through others;
- it mirrors a module that does: tests/abstracts/views/test_search.py that of abstracts/views/search.py, the whole
  folder where there is no such file;
- a module names a template that changed, or one that includes it, and the test is affected by that module.

The tests of architecture and classification always run; all do where something changed of which this cannot be known
(settings, requirements, migrations, what all tests stand on). SLOW ones only run where they themselves changed: `make
test` has them.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

ROOT = Path(__file__).resolve().parents[1]
APPS = ("abstracts", "accounts", "acrsite")
ALWAYS = ("tests/test_architecture.py", "tests/test_classification.py")
SLOW = (
    "tests/browser/", "tests/test_canary.py", "tests/acrsite/test_spanish_pages.py",
    "tests/abstracts/search/test_processes.py", "tests/abstracts/importing/test_real_sheet.py",
)  # fmt: skip
# No module of the application has to do with these.
NO_TESTS = ("docs/", "benchmarks/", "findings/", "README.md", ".gitignore")
EVERYTHING = re.compile(
    r"(tests/(conftest|settings|factories)|acrsite/(settings|urls))\.py|.*/migrations/.*|requirements.*|pyproject\.toml|"
    r"Makefile|\.ci/.*|manage\.py"
)
# Tests of files that no module names.
OTHERS = {
    "static/": ("tests/acrsite/test_static_files.py", "tests/test_budgets.py", "tests/acrsite/test_styleguide.py"),
    "acrsite/locale/": ("tests/acrsite/test_messages.py", "tests/acrsite/test_languages.py"),
    "deploy/": ("tests/deploy/test_files.py",),
}


def changed_files(commit: str) -> list[str]:
    base = _git("merge-base", commit, "HEAD").strip()
    return [
        *_git("diff", "--name-only", "--no-renames", base).splitlines(),
        *_git("ls-files", "--others", "--exclude-standard").splitlines(),
    ]


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603, S607


def module_of(path: str) -> str:
    """abstracts.views for abstracts/views/__init__.py, abstracts.views.search for abstracts/views/search.py."""
    return ".".join(PurePath(path).with_suffix("").parts).removesuffix(".__init__")


class Imports:
    """What imports what, by file, and which modules name which templates."""

    def __init__(self):
        self.files = [str(p.relative_to(ROOT)) for app in (*APPS, "tests") for p in sorted((ROOT / app).rglob("*.py"))]
        self.by_module = {module_of(path): path for path in self.files}
        self.sources = {path: (ROOT / path).read_text() for path in self.files}
        self.importers: dict[str, set[str]] = {}
        for path in self.files:
            for imported in self.imported_by(path):
                self.importers.setdefault(imported, set()).add(path)
        self.templates = {
            name_of_template(str(p.relative_to(ROOT))): p.read_text()
            for folder in ("templates", *APPS)
            for p in (ROOT / folder).rglob("*.html")
        }

    def imported_by(self, path: str) -> Iterator[str]:
        package = module_of(path) if path.endswith("__init__.py") else module_of(path).rpartition(".")[0]
        for node in ast.walk(ast.parse(self.sources[path])):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                base = ".".join([*above, *filter(None, [node.module])])
                names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                # As in monkeypatch.setattr("abstracts.downloads.making.timezone", ...).
                names = [node.value, node.value.rpartition(".")[0]]
            else:
                continue
            yield from (self.by_module[name] for name in names if name in self.by_module)

    def depending_on(self, paths: Iterable[str]) -> set[str]:
        """`paths` and all that import them, however indirectly. Behind a list of addresses there is every view."""
        reached, waiting = set(), list(paths)
        while waiting:
            path = waiting.pop()
            if path not in reached:
                reached.add(path)
                waiting += [] if path.endswith("/urls.py") else self.importers.get(path, ())
        return reached

    def naming(self, template: str) -> list[str]:
        """The files whose source names `template`, or a template that extends or includes it."""
        names, waiting = set(), [template]
        while waiting:
            name = waiting.pop()
            if name not in names:
                names.add(name)
                waiting += [other for other, text in self.templates.items() if f'"{name}"' in text]
        return [path for path, source in self.sources.items() if any(f'"{name}"' in source for name in names)]


def name_of_template(path: str) -> str:
    return path.partition("templates/")[2]


def mirroring(path: str) -> list[str]:
    """The test files of a module of the application."""
    folder = ROOT / "tests" / PurePath(path).parent
    own = folder / f"test_{PurePath(path).stem}.py"
    files = [own] if own.exists() else folder.glob("test_*.py")
    return [str(file.relative_to(ROOT)) for file in files]


def affected(changed: list[str]) -> list[str]:
    imports = Imports()
    changed = [path for path in changed if not path.startswith(NO_TESTS)]
    tests = [path for path in imports.files if PurePath(path).name.startswith("test_")]
    direct: set[str] = set()
    chosen = set(ALWAYS)
    for path in changed:
        if EVERYTHING.fullmatch(path):
            chosen.update(tests)
        elif path in imports.importers or path in imports.files:
            direct.add(path)
        elif path.endswith(".html") and "templates/" in path:
            direct.update(imports.naming(name_of_template(path)))
        else:
            # A data file belongs to the modules beside it. Of a module that is no more, its importers changed.
            others = [files for start, files in OTHERS.items() if path.startswith(start)]
            chosen.update(*others)
            beside = [file for file in imports.files if PurePath(file).parent == PurePath(path).parent]
            direct.update([] if others or path.endswith(".py") else beside)
    reached = imports.depending_on(direct)
    chosen.update(path for path in tests if path in reached)
    chosen.update(
        *(mirroring(path) for path in reached if path.split("/")[0] in APPS and not path.endswith("/urls.py"))
    )
    return sorted(path for path in chosen if path in changed or not path.startswith(SLOW))


if __name__ == "__main__":
    print("\n".join(affected(changed_files(*sys.argv[1:] or ["main"]))))
