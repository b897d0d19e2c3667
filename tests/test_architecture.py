"""The house rules that a program can hold: what may import what, and what may be written where."""

import ast
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import DateTimeField

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("abstracts", "accounts", "acrsite")
SOURCES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts
]
TEMPLATES = [path for folder in ("templates", *PACKAGES) for path in sorted((ROOT / folder).rglob("*.html"))]

# Inside an application, lowest first: a package imports itself and those before it.
ORDER = {
    "abstracts": [
        "clock", "private_files", "visibility", "words", "models", "reading", "search", "importing", "citing",
        "printing", "exporting", "describing", "downloads", "templatetags", "views", "admin", "sample", "management",
        "urls", "apps",
    ],
    "accounts": [
        "mail_server", "encryption", "secret_addresses", "models", "people", "favorites", "searches", "press",
        "templatetags", "views", "admin_site", "admin", "management", "urls", "apps",
    ],
}  # fmt: skip
MAY_IMPORT = {
    "abstracts": {"abstracts"},
    "accounts": {"accounts", "abstracts"},
    "acrsite": {"acrsite", "accounts", "abstracts"},
}
# What works behind the law: it shows nothing to anyone but staff.
BEHIND_THE_LAW = {"models", "visibility", "importing", "admin", "management", "sample"}
# Past the law by name, each with its reason.
UNFILTERED_ELSEWHERE = {
    ("accounts/favorites/items.py", "Abstract.unfiltered"): "which of the primary keys of a list still exist",
    ("accounts/admin_site.py", "HeldChange.unfiltered"): "how many proposals wait, for embargo officers",
    (
        "abstracts/reading/withdrawn.py",
        "Abstract.unfiltered",
    ): "whose hidden title gave an address",
    ("abstracts/reading/withdrawn.py", "SlugRedirect.unfiltered"): "the same",
    ("abstracts/reading/withdrawn.py", "Abstract.history.unfiltered"): "since when an abstract had an address",
    ("abstracts/search/searching.py", "snapshot.unfiltered"): "joins every question with the clause of the law",
    ("abstracts/search/searching.py", "self.unfiltered"): "the same",
    ("abstracts/search/snapshots.py", "self.unfiltered"): "the index of all documents, for those who ask by the law",
    ("abstracts/search/building.py", "self.searcher.unfiltered"): "whether words occur at all; then asked by the law",
    ("abstracts/search/interpreting.py", "self.searcher.unfiltered"): "the same",
    ("abstracts/search/spelling.py", "self.searcher.unfiltered"): "similar words; then each is counted by the law",
    ("abstracts/search/feedback.py", "searcher.unfiltered"): "how rare words are: orders what the law let through",
    ("abstracts/search/snippets.py", "searcher.unfiltered"): "the same: chooses a sentence of what may be read",
    ("abstracts/search/checking.py", "snapshot.unfiltered"): "compares the index with the database, for a command",
    ("abstracts/search/narrowing.py", "model.unfiltered"): "keys of the entries that an address names",
    ("abstracts/search/names.py", "Keyword.unfiltered"): "names of entries of which the index, by the law, gave keys",
    ("abstracts/search/names.py", "Person.unfiltered"): "the same",
}
# Who asks nothing of the gate, each with its reason. (Tests and benchmarks do, too; migrations use no model of ours.)
BYPASSING = {"abstracts/management/commands/load_sample.py": "invented meetings, which are added or removed as a whole"}
# Writes that neither pass the gate nor resolve an embargo, each with its reason.
PAST_THE_GATE = {
    "abstracts/models/embargo.py": "writes what it has just resolved, and notes it for the gate",
    "abstracts/models/base.py": "reads primary keys; writes the archive's revision",
    "abstracts/models/history.py": "copies rows into the tables of history",
    "abstracts/admin/concurrency.py": "locks rows that a form is about to change",
    "abstracts/importing/bulk.py": "writes the rows of an import, which `write` notes for the gate",
    "abstracts/admin/positions.py": "moves positions of rows out of the way, which no embargo depends on",
    "abstracts/sample/loading.py": "deletes the sample's rows, whose abstracts are deleted next",
}
# Query strings read otherwise than by a form, each with its reason.
QUERY_STRING_ELSEWHERE = {
    "abstracts/admin/base.py": "removes control characters before Django's own change list reads the filters",
}
# The machine's clock, each use with its reason. What decides, or is recorded, asks `abstracts.clock.now`.
MACHINE_CLOCK = {
    ("abstracts/clock.py", "timezone.now"): "SQLite's clock, and what the database's is compared with",
    ("abstracts/clock.py", "clock_timestamp"): "the law's",
    ("abstracts/models/record.py", "timezone.now"): "the default of a column that nothing reads",
    ("abstracts/admin/uploads.py", "time.time"): "compared with the times of files",
    ("abstracts/search/folders.py", "time.time"): "compared with the times of files",
    ("acrsite/doctor/work.py", "time.time"): "compared with the times of files",
    ("acrsite/limits.py", "time.time"): "windows of limits",
    ("acrsite/caches.py", "time.time"): "how long a file of the cache is kept",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path, source: str) -> Iterator[str]:
    """Full dotted names of all that `source`, standing at `path`, imports, inside functions too."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *((node.module,) if node.module else ())))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def place(module: str) -> int:
    """Place of `module` ("abstracts.views.home") in the order of its application; 0 for the application itself."""
    package, *inner = module.split(".")
    return ORDER[package].index(inner[0]) + 1 if inner else 0


def wrong_imports(path: Path, source: str) -> list[str]:
    package, *inner = path.relative_to(ROOT).with_suffix("").parts
    names = [name for name in imports(path, source) if name.split(".")[0] in PACKAGES]
    wrong = [name for name in names if name.split(".")[0] not in MAY_IMPORT[package]]
    if package in ORDER and inner != ["__init__"]:
        own = place(f"{package}.{inner[0]}")
        wrong += [name for name in names if name.startswith(f"{package}.") and place(name) > own]
    return wrong


def test_every_package_has_its_place():
    listed = {f"{package}/{name}" for package, names in ORDER.items() for name in names}
    there = {"/".join(path.relative_to(ROOT).with_suffix("").parts[:2]) for path in SOURCES}
    assert {name for name in there if not name.startswith("acrsite/") and not name.endswith("__init__")} == listed


def test_dependencies_run_one_way():
    wrong = {name_of(path): wrong_imports(path, path.read_text()) for path in SOURCES}
    assert {name: names for name, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("abstracts/models/session.py", "from accounts.models import User", "accounts.models.User"),
        ("abstracts/models/session.py", "from ..views import home", "abstracts.views.home"),
        ("abstracts/models/session.py", "def f():\n    import abstracts.admin", "abstracts.admin"),
        ("abstracts/words/text.py", "from .. import models", "abstracts.models"),
        ("abstracts/importing/run.py", "from ..views.home import home", "abstracts.views.home.home"),
        ("abstracts/search/engine.py", "from ..exporting import FORMATS", "abstracts.exporting.FORMATS"),
        ("accounts/favorites/items.py", "from ..searches import saved", "accounts.searches.saved"),
        ("accounts/people/receivers.py", "from acrsite import access", "acrsite.access"),
    ],
)
def test_the_rule_sees_what_breaks_it(path, source, wrong):
    assert wrong_imports(ROOT / path, source) == [wrong]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def import_graph(sources: dict[Path, str]) -> dict[str, set[str]]:
    """Module name -> the modules of `sources` that it imports. A package that its own modules import is left out."""
    graph = {module_name(path): set[str]() for path in sources}
    for path, source in sources.items():
        name = module_name(path)
        for imported in imports(path, source):
            # `from .models import Abstract` names something inside a module, `from . import models` a module.
            target = imported if imported in graph else imported.rpartition(".")[0]
            if target in graph and not name.startswith(f"{target}."):
                graph[name].add(target)
    return graph


def import_cycles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Groups of modules of which each imports, directly or not, every other."""

    def reachable(start: str) -> set[str]:
        seen, waiting = set[str](), [start]
        while waiting:
            new = graph[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen

    reach = {name: reachable(name) for name in graph}
    return {frozenset(other for other in reach[name] if name in reach[other]) for name in graph if name in reach[name]}


def test_no_import_cycles():
    assert import_cycles(import_graph({path: path.read_text() for path in SOURCES})) == set()


def test_the_rule_of_cycles_sees_what_breaks_it():
    one, other, third = (ROOT / f"abstracts/models/{name}.py" for name in ("one", "other", "third"))
    sources = {one: "from .other import x", other: "def f():\n    from . import one", third: "from .one import y"}
    names = {"abstracts.models.one", "abstracts.models.other"}
    assert import_cycles(import_graph(sources)) == {frozenset(names)}
    assert import_cycles(import_graph({**sources, other: "import re"})) == set()


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_benchmarks_import_names_that_exist(script):
    """No linter and no test runs them."""
    for name in imports(script, script.read_text("utf-8")):
        if name.startswith(PACKAGES):
            pkgutil.resolve_name(name.removesuffix(".*"))


def test_planted_leaks_still_match_the_source():
    """benchmarks/planted_leaks.py, run by hand, edits these places."""
    from benchmarks.planted_leaks import LEAKS

    assert [leak.name for leak in LEAKS if leak.before not in (ROOT / leak.file).read_text()] == []


def test_large_libraries_are_not_imported_at_start():
    """Each process would have them in memory, and only imports of workbooks and pages of citations need them."""
    code = (
        "import sys, django; django.setup()\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "assert 'abstracts.importing.xlsx_files' in sys.modules and 'abstracts.citing' in sys.modules\n"
        "print([name for name in ('openpyxl', 'citeproc') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout == "[]\n"


def test_no_module_grows_long():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def broad_excepts(source: str) -> list[int]:
    """Lines of broad excepts (none, Exception, BaseException) that do not end in a `raise`, and of suppress()."""
    handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
    broad = [node for node in handlers if not node.type or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type))]
    swallowing = [node.lineno for node in broad if not isinstance(node.body[-1], ast.Raise)]
    lines = enumerate(source.splitlines(), 1)
    return swallowing + [number for number, line in lines if re.search(r"suppress\((Base)?Exception\)", line)]


def test_broad_excepts_swallow_nothing():
    found = {name_of(path): broad_excepts(path.read_text()) for path in SOURCES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_rule_of_excepts_sees_what_breaks_it():
    assert broad_excepts("try:\n    f()\nexcept Exception:\n    pass") == [3]
    assert broad_excepts("try:\n    f()\nexcept (ValueError, BaseException):\n    return 1") == [3]
    assert broad_excepts("with suppress(Exception):\n    f()") == [1]
    assert broad_excepts("try:\n    f()\nexcept:\n    tidy()\n    raise") == []


def past_the_law(path: Path, source: str) -> list[str]:
    """Spellings in `source`, standing at `path`, that go past the law though what is there may show something."""
    package, inner = path.relative_to(ROOT).with_suffix("").parts[:2]
    if package == "abstracts" and inner in BEHIND_THE_LAW:
        return []
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)]
    spelled = [ast.unparse(node) for node in nodes if node.attr in ("unfiltered", "_base_manager", "_default_manager")]
    own = {"Favorite.unfiltered"} if package == "accounts" else set()
    return [name for name in spelled if name not in own and (name_of(path), name) not in UNFILTERED_ELSEWHERE]


def test_past_the_law_only_where_nothing_is_shown():
    found = {name_of(path): past_the_law(path, path.read_text()) for path in SOURCES}
    assert {name: spelled for name, spelled in found.items() if spelled} == {}


def test_the_rule_of_the_law_sees_what_breaks_it():
    view = ROOT / "abstracts/views/home.py"
    assert past_the_law(view, "rows = models.Abstract.unfiltered.all()") == ["models.Abstract.unfiltered"]
    assert past_the_law(ROOT / "accounts/favorites.py", "Section.unfiltered") == ["Section.unfiltered"]
    assert past_the_law(view, "Abstract.objects.visible_to(viewer, at)") == []


def test_only_the_sample_bypasses_the_gate():
    found = {name_of(path) for path in SOURCES if re.search(r"\bbypassing\(|\bBypass\(", path.read_text())}
    assert found == BYPASSING.keys() | {"abstracts/models/gate.py"}


def test_only_the_gate_asks_for_the_permission_to_lift():
    found = {name_of(path) for path in SOURCES if "abstracts.lift_embargo" in path.read_text()}
    assert found == {"abstracts/models/gate.py"}


def past_the_gate(source: str) -> list[str]:
    """Spellings in `source` that write rows without the archive's own querysets: plain querysets, raw deletes, SQL."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("QuerySet", "_raw_delete"):
            found.append(ast.unparse(node.func))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += re.findall(r"^ *(?:INSERT INTO|UPDATE \S+ SET|DELETE FROM)", node.value)
    return found


def test_writes_pass_the_gate():
    found = {name_of(path) for path in SOURCES if past_the_gate(path.read_text())}
    assert found == PAST_THE_GATE.keys()


def test_the_rule_of_the_gate_sees_what_breaks_it():
    assert past_the_gate("QuerySet(Abstract).update(status='published')") == ["QuerySet"]
    assert past_the_gate("models.QuerySet(Abstract).update(tier=1)") == ["models.QuerySet"]
    assert past_the_gate("cursor.execute('UPDATE abstracts_abstract SET status = 1')") == [
        "UPDATE abstracts_abstract SET"
    ]
    assert past_the_gate("Abstract.unfiltered.update(status='published')") == []


def machine_clocks(source: str) -> set[str]:
    """Spellings in `source` that read the machine's clock, or a clock of the database that is not the law's."""
    wrong = r"timezone\.(now|localdate)|(datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|gmtime)"
    spelled = {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute | ast.Name)}
    ends = {match[0] for name in spelled if (match := re.search(rf"\b(?:{wrong})$|\bNow$", name))}
    elsewhere = r"^ *from (?:time|django\.utils\.timezone) import .*$|CURRENT_TIMESTAMP|clock_timestamp"
    return ends | set(re.findall(elsewhere, source, re.MULTILINE))


def test_what_decides_asks_the_laws_clock():
    found = {(name_of(path), spelled) for path in SOURCES for spelled in machine_clocks(path.read_text())}
    assert found == MACHINE_CLOCK.keys()


def test_the_rule_of_clocks_sees_what_breaks_it():
    assert machine_clocks("rows.visible_to(viewer, timezone.now())") == {"timezone.now"}
    assert machine_clocks("at = field(default=timezone.now)") == {"timezone.now"}
    assert machine_clocks("at = django.utils.timezone.now()") == {"timezone.now"}
    assert machine_clocks("at = dt.datetime.now(dt.UTC)") == {"datetime.now"}
    assert machine_clocks("today = datetime.date.today()") == {"date.today"}
    assert machine_clocks("rows.filter(released_from__lte=Now())") == {"Now"}
    assert machine_clocks("sql = 'released_from <= CURRENT_TIMESTAMP'") == {"CURRENT_TIMESTAMP"}
    assert machine_clocks("from django.utils.timezone import now") == {"from django.utils.timezone import now"}
    assert machine_clocks("from time import time") == {"from time import time"}
    assert machine_clocks("at = clock.now()\nstarted = time.monotonic()") == set()


def stray_query_strings(source: str) -> list[int]:
    """Lines that read `request.GET` otherwise than by handing it to a form or filter, or asking what it names."""
    tree = ast.parse(source)
    lawful: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.search(r"(Form|Filters?|FilterSet)$", ast.unparse(node.func)):
            lawful.update(part for argument in node.args for part in ast.walk(argument))
        if isinstance(node, ast.Compare) and all(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            lawful.update(node.comparators)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("request.GET") and node not in lawful
    ]


def test_query_strings_are_read_by_forms():
    found = {name_of(path): stray_query_strings(path.read_text()) for path in SOURCES}
    assert {name: lines for name, lines in found.items() if lines and name not in QUERY_STRING_ELSEWHERE} == {}


def test_the_rule_of_query_strings_sees_what_breaks_it():
    assert stray_query_strings("rows.order_by(request.GET['sort'])") == [1]
    assert stray_query_strings("form = SearchForm(request.GET)\nif 'p' in request.GET: pass") == []


WRONG_IN_TEMPLATES = {
    "unescaped text (sanitize in Python)": r"\|\s*safe\b|{%\s*autoescape\s+off",
    "inline style": r"\sstyle\s*=|<style\b",
    # A data block (JSON-LD) and rules of what to fetch ahead are not executed; the policy lets both pass.
    "inline script": r'<script(?![^>]*\ssrc=)(?! type="(?:application/ld\+json|speculationrules)">)[^>]*>|javascript:',
    "inline event handler": r"<[^>]*\son[a-z]+\s*=",
    "a relation walked (hand a list to the template)": r"{[{%][^}]*\w_set\b|{[{%][^}]*\.objects\b|{[{%][^}]*\.all\b",
}


def test_templates_hold_nothing_that_the_policy_or_the_law_forbids():
    wrong = [
        f"{name_of(path)}: {what}: {found[0]}"
        for path in TEMPLATES
        for what, pattern in WRONG_IN_TEMPLATES.items()
        if (found := re.search(pattern, path.read_text()))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "{{ a.title|safe }}",
        "{% autoescape off %}",
        '<p style="color:red">',
        "<style>",
        "<script>x()</script>",
        '<script type="application/ld+json" id="x">',
        '<script type="module">',
        '<a href="javascript:x()">',
        '<button type="button" onclick="x()">',
        "{% for s in a.section_set.all %}",
        "{% for s in a.sections.all %}",
    ],
)
def test_the_rules_for_templates_see_what_breaks_them(source):
    assert any(re.search(pattern, source) for pattern in WRONG_IN_TEMPLATES.values())


def test_exceptions_to_the_rules_are_still_needed():
    for name, spelled in UNFILTERED_ELSEWHERE:
        assert spelled in (ROOT / name).read_text(), name
    for name in QUERY_STRING_ELSEWHERE:
        assert stray_query_strings((ROOT / name).read_text()), name


def datetime_lookups(source: str) -> list[str]:
    """Spellings in `source` that let the database convert time zones, with data of its own."""
    fields = {field.name for model in apps.get_models() for field in model._meta.fields if type(field) is DateTimeField}
    names = "|".join(sorted(fields))
    parts = r"date|time|year|iso_year|quarter|month|week|week_day|iso_week_day|day|hour|minute|second"
    found = re.findall(rf"\b\w*(?:{names})__(?:{parts})(?![a-z])", source)
    for node in ast.walk(ast.parse(source)):
        names_in_sql = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        names_in_sql += [node.attr] if isinstance(node, ast.Attribute) else []
        found += [name for name in names_in_sql if re.fullmatch(r"(Trunc|Extract)([A-Z]\w*)?", name)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "datetimes":
            found.append(ast.unparse(node.func))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += re.findall(r"AT TIME ZONE|date_trunc\(", node.value, re.IGNORECASE)
    return found


def test_the_database_converts_no_time_zones():
    found = {name_of(path): datetime_lookups(path.read_text()) for path in SOURCES}
    assert {name: spelled for name, spelled in found.items() if spelled} == {}


def test_the_rule_of_time_zones_sees_what_breaks_it():
    assert datetime_lookups("rows.filter(released_from__date=day)") == ["released_from__date"]
    assert datetime_lookups("rows.filter(abstract__released_from__year__gte=1)") == ["abstract__released_from__year"]
    assert datetime_lookups("from django.db.models.functions import Lower, TruncDate") == ["TruncDate"]
    assert datetime_lookups("rows.annotate(day=functions.TruncDay('at'))") == ["TruncDay"]
    assert datetime_lookups("rows.datetimes('at', 'day')") == ["rows.datetimes"]
    assert datetime_lookups("cursor.execute('SELECT at AT TIME ZONE zone')") == ["AT TIME ZONE"]
    assert datetime_lookups("rows.filter(released_from__gt=at, session__date=day, date__year=2026)") == []
