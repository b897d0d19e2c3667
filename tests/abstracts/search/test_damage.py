"""A damaged index, or a disk that takes nothing: pages answer from the database, and the index repairs itself."""

import errno
import os
import shutil

import pytest
from django.core.management import call_command
from structlog.testing import capture_logs

from abstracts import clock
from abstracts.search import replica as module
from abstracts.search import writing
from abstracts.search.checking import differences
from abstracts.search.damage import without_index
from abstracts.search.following import ensure_current_snapshot, update_index
from abstracts.search.replica import IndexBehind, get_replica
from tests.factories import whole_abstract

pytestmark = pytest.mark.django_db
PAGES = (
    "/search/?q=invented",
    "/search/suggestions/?q=inv",
    "/feeds/search/?q=invented",
    "/search/export/ris/?q=invented",
)


@pytest.fixture
def abstract():
    return whole_abstract(title="Invented arthritis of the wrist")


@pytest.fixture
def replica(abstract):
    ensure_current_snapshot()
    return get_replica()[0]


@pytest.fixture
def fresh():
    """Forgets what this process has open, as a new one."""

    def forget():
        module._replicas.clear()

    return forget


def names_of(replica) -> set[str]:
    """Folders of the indexes in use: of all documents, and of the public's."""
    return replica.open_snapshot().state.names


def folders(replica) -> set[str]:
    """All folders of indexes."""
    return {path.name for path in replica.folder.glob("index-*")}


def index_of(replica, kind: str):
    state = replica.open_snapshot().state
    return replica.folder / (state.all if kind == "all" else state.public[0].name)


def ask_all(client, abstract) -> list[int]:
    return [client.get(path).status_code for path in (*PAGES, abstract.get_absolute_url())]


def overwrite(path, content) -> None:
    """In a new file: the old one may be mapped into this process, which cutting it short would kill."""
    path.unlink()
    path.write_bytes(content)


def link_to_itself(path) -> None:
    path.unlink()
    path.symlink_to(path)


def make_folder(path) -> None:
    path.unlink()
    path.mkdir()


def another_file(path):
    return next(other for other in path.parent.iterdir() if other != path and other.is_file())


DAMAGES = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: overwrite(path, b""),
    "cut": lambda path: overwrite(path, path.read_bytes()[: path.stat().st_size // 2]),
    "zeros": lambda path: overwrite(path, bytes(path.stat().st_size)),
    "garbage": lambda path: overwrite(path, b"\xa7" * path.stat().st_size),
    "swapped": lambda path: overwrite(
        path, next(p for p in path.parent.iterdir() if p != path and p.is_file()).read_bytes()
    ),
    "unreadable": link_to_itself,
    "a folder": make_folder,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("name", ["all/.term", "public/.term", "all/meta.json", "public/meta.json", "current"])
def test_no_damage_to_a_file_fails_a_page_and_the_index_repairs_itself(client, abstract, replica, fresh, name, damage):
    """As a process finds it that starts. benchmarks/index_damage.py tries every file, open and closed."""
    folder = replica.folder
    kind, _, end = name.rpartition("/")
    path = next(p for p in index_of(replica, kind).iterdir() if p.name.endswith(end)) if kind else folder / name
    fresh()
    damage(path)
    assert client.get(abstract.get_absolute_url()).status_code == 200
    assert client.get("/search/?q=invented").status_code == 200
    fresh()
    assert differences() == []
    assert folders(replica) == names_of(replica)


class Failing:
    """Fails as Tantivy does where it reads a damaged file."""

    def __init__(self, error: BaseException):
        self.error = error

    def __getattr__(self, name):
        def fail(*args, **kwargs):
            raise self.error

        return fail


class PanicException(BaseException):
    """By its name, like the one of Tantivy's, which cannot be imported."""


def break_open_index(replica, error: BaseException) -> None:
    snapshot = replica.open_snapshot()
    for searcher in (snapshot.unfiltered, snapshot.public_at(clock.now())):
        searcher._searcher = Failing(error)


@pytest.fixture(params=[ValueError("corrupt"), OSError("input/output error"), PanicException("index out of bounds")])
def unreadable(request, replica):
    """An index that is open and fails when it is read."""
    break_open_index(replica, request.param)
    return replica


def test_an_index_that_fails_while_it_is_read_fails_no_page(client, abstract, unreadable):
    with capture_logs() as logs:
        assert ask_all(client, abstract) == [200] * 5
    events = [line["event"] for line in logs if line["event"].startswith("search index")]
    assert events[0] == "search index damaged"
    assert events.count("search index damaged") == 1
    assert "search index rebuilt" in events
    assert differences() == []


def test_an_answer_without_the_index_is_kept_by_nobody(client, abstract, unreadable):
    response = client.get("/search/?q=invented")
    assert abstract.title.encode() in response.content
    assert "no-cache" in response["Cache-Control"]


def test_where_a_new_index_does_not_help_none_is_built_for_each_request(client, abstract, replica, monkeypatch):
    class Bad(module.CheckedSearcher):
        def __init__(self, searcher, report):
            super().__init__(Failing(ValueError("a bug")), report)

    monkeypatch.setattr(module, "CheckedSearcher", Bad)
    break_open_index(replica, ValueError("a bug"))
    with capture_logs() as logs:
        for _ in range(3):
            assert ask_all(client, abstract) == [200] * 5
    assert [line["event"] for line in logs].count("search index rebuilt") == 1


def test_alerts_find_without_an_index(abstract, unreadable):
    from django.http import QueryDict
    from django.utils import timezone

    from abstracts.search.form import SearchFilters
    from abstracts.visibility import ANONYMOUS
    from accounts.searches.saved import public_results

    query = SearchFilters(QueryDict("q=invented"), ANONYMOUS, timezone.now()).query()
    assert [row.pk for row in public_results(query, timezone.now())] == [abstract.pk]


def fail(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(writing, "_commit", fail)
        yield patch


@pytest.fixture
def read_only_disk(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("abstracts.search.replica.make_private", fail)
        yield patch


@pytest.mark.parametrize("disk", ["full_disk", "read_only_disk"])
def test_a_disk_that_takes_nothing_fails_no_page(client, abstract, replica, request, disk, monkeypatch):
    patch = request.getfixturevalue(disk)
    abstract.title = "Invented arthritis of the elbow"
    abstract.save()
    with capture_logs() as logs:
        for _ in range(3):
            assert ask_all(client, abstract) == [200] * 5
            assert b"elbow" in client.get("/search/?q=invented").content
    assert [line["event"] for line in logs].count("search index cannot be written") == 1
    with pytest.raises(IndexBehind):
        update_index()
    patch.undo()
    monkeypatch.setattr(replica, "_rests_until", 0.001)
    assert ask_all(client, abstract) == [200] * 5
    assert replica.open_snapshot().mark == get_replica()[1]
    assert differences() == []
    assert folders(replica) == names_of(replica)


def test_alerts_are_sent_where_the_index_cannot_be_written(abstract, replica, full_disk):
    abstract.title = "Another"
    abstract.save()
    call_command("send_alerts")


def test_indexes_that_were_never_finished_are_removed(abstract, replica, fresh):
    for name in ("index-dead", "index-beef"):
        shutil.copytree(index_of(replica, "all"), replica.folder / name)
    fresh()
    ensure_current_snapshot()
    assert folders(replica) == names_of(replica)


def test_without_index_says_nothing_of_it(abstract, replica):
    with without_index():
        assert ensure_current_snapshot() is None
    assert ensure_current_snapshot() is not None


def test_only_the_index_is_answered_for(unreadable):
    """An error of ours is none of the index."""
    break_open_index(unreadable, KeyError("ours"))
    with pytest.raises(KeyError):
        unreadable.open_snapshot().unfiltered.search(None)
