"""What every test stands on."""

import os

import pytest
from django.core.cache import caches
from django.db import connection

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


@pytest.fixture(autouse=True)
def _own_figures_folder(settings, tmp_path):
    settings.FIGURES_ROOT = tmp_path / "figures"


@pytest.fixture(autouse=True)
def _own_search_index(settings, tmp_path):
    settings.SEARCH_INDEX_ROOT = tmp_path / "search"


@pytest.fixture(autouse=True)
def _own_downloads(settings, tmp_path):
    """No test starts a process that makes books: the database of the test is not what it would see."""
    settings.DOWNLOADS_ROOT = tmp_path / "downloads"
    settings.DOWNLOADS_ON_DEMAND = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Tests that empty the database (a browser's) come last: the rows of migrations are gone after them.

    pytest-django sorts so, but pytest then brings together what shares a session's parameters, as the browser's name.
    """
    items.sort(key=_empties_the_database)
    if connection.vendor == "sqlite":
        # A test database in memory has one connection. On PostgreSQL, the suite's second run, they all run.
        items[:] = [item for item in items if not item.get_closest_marker("several_connections")]


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
