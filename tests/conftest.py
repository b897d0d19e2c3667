"""What every test stands on."""

import gc
import itertools
import os
import pathlib
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.client import ClientHandler

from abstracts.models import embargo, gate
from abstracts.search import replica
from tests import marks, zones_in_sql
from tests.clocks import Clocks
from tests.shared_data import SHARED_DATA

# Playwright's synchronous API runs an event loop in the test's thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

NOTHING_SKIPPED = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database that somebody is connected to: sessions that threads left behind end here."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all(initialized_only=True):
        cache.clear()


marks.install()
zones_in_sql.install()


@pytest.fixture(autouse=True)
def _pages_read_through_the_law():
    """No page of this test read guarded tables, or asked the index, past the law. See `tests.marks`."""
    yield
    assert marks.take_violations() == []


@pytest.fixture(autouse=True)
def known_state(monkeypatch):
    """How many queries a page makes does not depend on what was asked before. Those who want to know take this."""
    state = embargo.KnownState()
    monkeypatch.setattr(
        embargo, "_known_state", SimpleNamespace(state_at=lambda at: None, remember=lambda *known: None)
    )
    return lambda: monkeypatch.setattr(embargo, "_known_state", state)


@pytest.fixture(autouse=True)
def _own_folders(settings, files_folder):
    """Folders of this test alone, made when something is written. And no test starts a process that makes books: the
    database of the test is not what it would see."""
    settings.FIGURES_ROOT = files_folder / "figures"
    settings.SEARCH_INDEX_ROOT = files_folder / "search"
    settings.DOWNLOADS_ROOT = files_folder / "downloads"
    settings.CACHE_ROOT = files_folder / "cache"
    settings.DOWNLOADS_ON_DEMAND = False
    yield
    replica._replicas.clear()  # they hold their folders


@pytest.fixture
def clocks(monkeypatch, settings) -> Clocks:
    """The law goes by the clock of a database whose time the test sets."""
    return Clocks(monkeypatch, settings)


@pytest.fixture(scope="session", autouse=True)
def _made_up_worlds():
    """What tests write themselves asks nobody; what requests of their clients write passes the gate."""
    handle = ClientHandler.__call__

    def through_the_gate(self, environ):
        with gate.deciding(None):
            return handle(self, environ)

    with pytest.MonkeyPatch.context() as patch, gate.bypassing("a test", records=False):
        patch.setattr(ClientHandler, "__call__", through_the_gate)
        yield


_tests = itertools.count()


@pytest.fixture
def files_folder(tmp_path_factory) -> pathlib.Path:
    """A folder that does not exist yet. (`tmp_path` makes one, and looks through those of all tests before it.)"""
    return tmp_path_factory.getbasetemp() / f"files-{next(_tests)}"


def pytest_itemcollected(item):
    """The tests of a module run in one process, so that what its fixtures make is made once.

    But for those that empty the database: they come last.
    """
    last = " at the end" if _empties_the_database(item) else ""
    item.add_marker(pytest.mark.xdist_group(f"{item.path.relative_to(item.config.rootpath)}{last}"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Tests that empty the database (a browser's) come last: the rows of migrations are gone after them.

    pytest-django sorts so, but pytest then brings together what shares a session's parameters, as the browser's name.
    The canary and the test of hints come first: they take longest; meanwhile other processes do the rest.
    """
    items.sort(key=lambda item: (_empties_the_database(item), item.path.name not in LONGEST))
    left_out = {}
    if connection.vendor == "sqlite":
        left_out["several_connections"] = "a test database in memory has one connection; they run on PostgreSQL"
    if not SHARED_DATA.exists():
        left_out["shared_data"] = "there is no ../shared/data"
    for mark, reason in left_out.items():
        ids = [item.nodeid.partition("@")[0] for item in items if item.get_closest_marker(mark)]
        config.stash[LEFT_OUT].extend(f"{nodeid} ({reason})" for nodeid in ids)
        items[:] = [item for item in items if not item.get_closest_marker(mark)]


def pytest_collection_finish():
    """What was imported stays. To look through it for garbage, again and again, took a quarter of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


LONGEST = ("test_canary.py", "test_no_hints.py")
LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = []


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Every process of xdist collects the same."""
    node.config.stash[LEFT_OUT] = node.workeroutput["left out"]


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left out"] = session.config.stash[LEFT_OUT]


def pytest_terminal_summary(terminalreporter, config):
    """Says which tests were not even collected, and why."""
    if config.stash[LEFT_OUT]:
        terminalreporter.section("left out")
        for line in config.stash[LEFT_OUT]:
            terminalreporter.line(line)


def _empties_the_database(item) -> bool:
    mark = item.get_closest_marker("django_db")
    by_mark = mark is not None and bool(mark.kwargs.get("transaction"))
    return by_mark or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a test that is skipped has failed: what was not run was not checked. (An expected failure is no skip.)"""
    report = yield
    if NOTHING_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """The same for whole modules (`pytest.importorskip`, `pytest.skip(allow_module_level=True)`)."""
    report = yield
    if NOTHING_SKIPPED and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and in CI nothing may be: {report.longrepr}"
    return report
