"""The index follows the database: whatever changes a document is in it when the next search begins."""

import fcntl
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from structlog.testing import capture_logs

from abstracts.models import (
    Abstract,
    AbstractKeyword,
    ArchiveState,
    AuthorLine,
    DocumentChange,
    Keyword,
    PastRevision,
    Presentation,
    Section,
    Session,
)
from abstracts.search import SearchQuery, search
from abstracts.search import replica as module
from abstracts.search.checking import differences
from abstracts.search.following import ensure_current_snapshot
from abstracts.search.replica import IndexBehind, get_replica
from abstracts.visibility import ANONYMOUS
from tests.factories import AbstractFactory, SectionFactory, SessionFactory, whole_abstract

pytestmark = pytest.mark.django_db


def pks_of(**query):
    results = search(SearchQuery(**query), ANONYMOUS, timezone.now())
    assert results.matches is not None
    return [abstract.pk for abstract in results[:]]


def save_title(abstract):
    abstract.title = "Newword title"
    abstract.save()


def update_section(abstract):
    Section.unfiltered.filter(abstract=abstract).update(html="<p>Newword</p>")


def save_section(abstract):
    section = Section.unfiltered.filter(abstract=abstract).first()
    section.html = "<p>Newword</p>"
    section.save()


def bulk_update_section(abstract):
    section = Section.unfiltered.filter(abstract=abstract).first()
    section.html = "<p>Newword</p>"
    Section.unfiltered.bulk_update([section], ["html"])


def bulk_create_section(abstract):
    Section.unfiltered.bulk_create([Section(abstract=abstract, html="<p>Newword</p>", position=9)])


def rename_author(abstract):
    AuthorLine.unfiltered.filter(abstract=abstract).update(name="Newword Example")


def rename_keyword(abstract):
    keyword = AbstractKeyword.unfiltered.filter(abstract=abstract).first().keyword
    keyword.name = "Newword"
    keyword.save()


def update_keyword(abstract):
    Keyword.unfiltered.filter(abstractkeyword__abstract=abstract).update(name="Newword")


@pytest.mark.parametrize(
    "change",
    [
        save_title,
        update_section,
        save_section,
        bulk_update_section,
        bulk_create_section,
        rename_author,
        rename_keyword,
        update_keyword,
    ],
)
def test_a_change_of_any_part_is_found_by_the_next_search(change):
    abstract = whole_abstract()
    assert pks_of(text="newword") == []
    change(abstract)
    assert pks_of(text="newword") == [abstract.pk]
    assert differences() == []


def test_deleted_abstract_is_not_found():
    abstract = whole_abstract(title="Goneword")
    assert pks_of(text="goneword") == [abstract.pk]
    abstract.delete()
    assert pks_of(text="goneword") == []
    assert differences() == []


def test_a_section_that_moves_changes_two_documents():
    one, other = AbstractFactory(), AbstractFactory()
    section = SectionFactory(abstract=one, html="<p>Movingword</p>")
    assert pks_of(text="movingword") == [one.pk]
    section.abstract = other
    section.save()
    assert pks_of(text="movingword") == [other.pk]
    Section.unfiltered.filter(pk=section.pk).update(abstract=one)
    assert pks_of(text="movingword") == [one.pk]
    assert differences() == []


def test_sessions_and_meetings_are_followed():
    abstract = whole_abstract()
    session = Session.objects.get()
    assert pks_of(session_type="Ignite") == []
    Session.objects.filter(pk=session.pk).update(type="Ignite")
    assert pks_of(session_type="Ignite") == [abstract.pk]
    abstract.meeting.year = 1999
    abstract.meeting.save()
    assert pks_of(year_to=1999) == [abstract.pk]
    Presentation.unfiltered.update(session=SessionFactory(meeting=abstract.meeting, type="Elsewhere"))
    assert pks_of(session_type="Ignite") == []
    assert differences() == []


def test_only_what_changed_is_written():
    abstracts = [AbstractFactory() for _ in range(3)]
    before = ensure_current_snapshot().revision
    Abstract.unfiltered.filter(pk=abstracts[1].pk).update(title_text="x")
    changed = DocumentChange.objects.filter(revision__gt=before).values_list("abstract_id", flat=True)
    assert list(changed) == [abstracts[1].pk]


def test_nothing_is_written_where_nothing_changed():
    AbstractFactory()
    snapshot = ensure_current_snapshot()
    assert ensure_current_snapshot() is snapshot


def test_search_does_not_wait_for_a_process_with_much_to_write():
    AbstractFactory()
    ensure_current_snapshot()
    AbstractFactory.create_batch(3)
    replica = get_replica()[0]
    with (replica.folder / "write.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(IndexBehind, match="too much"):
            replica.catch_up(wait=600, limit=2)
        with pytest.raises(IndexBehind, match="another process"):
            replica.catch_up(wait=0.1, limit=3)
    assert replica.catch_up(limit=3).revision == ArchiveState.current_revision()


def test_a_revision_without_documents_is_followed():
    AbstractFactory()
    ensure_current_snapshot()
    ArchiveState.move_on()
    assert ensure_current_snapshot().revision == ArchiveState.current_revision()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "current").unlink(),
        lambda folder: (folder / "current").write_text("index-nowhere"),
        lambda folder: next(folder.glob("index-*/meta.json")).write_text("{"),
        lambda folder: [path.unlink() for path in folder.glob("index-*/*.store")],
        lambda folder: [path.write_bytes(path.read_bytes()[:20]) for path in folder.glob("index-*/*.idx")],
    ],
)
def test_a_missing_or_damaged_index_rebuilds_itself(damage):
    abstract = AbstractFactory(title="Keptword")
    assert pks_of(text="keptword") == [abstract.pk]
    replica = get_replica()[0]
    damage(replica.folder)
    module._replicas.clear()  # as another process, which has not opened it yet
    has_index = (replica.folder / "current").exists()
    with capture_logs() as logs:
        assert pks_of(text="keptword") == [abstract.pk]
    assert [(log["event"], log["replaces"]) for log in logs] == [
        ("search index rebuild started", "a damaged index" if has_index else "no index"),
        ("search index rebuilt", "a damaged index" if has_index else "no index"),
    ]
    assert differences() == []


def test_indexing_is_logged():
    AbstractFactory.create_batch(2)
    with capture_logs() as logs:
        ensure_current_snapshot()
    started, rebuilt = logs
    assert (started["event"], started["log_level"]) == ("search index rebuild started", "info")
    assert (rebuilt["event"], rebuilt["documents"]) == ("search index rebuilt", 2)
    assert rebuilt["seconds"] >= 0
    AbstractFactory(listing=True)
    with capture_logs() as logs:
        ensure_current_snapshot()
        ensure_current_snapshot()
    (caught_up,) = logs
    assert caught_up["event"] == "search index caught up"
    # One document for the listing, one for the whole text after release.
    assert (caught_up["documents"], caught_up["revision"]) == (2, ArchiveState.current_revision())
    assert caught_up["seconds"] >= 0


def test_an_index_of_another_history_is_not_trusted():
    """A backup of the database was restored: its revision is lower than the index's."""
    AbstractFactory(title="Beforeword")
    ensure_current_snapshot()
    PastRevision.objects.all().delete()
    Abstract.unfiltered.all().delete()
    ArchiveState.objects.update(revision=2)
    assert pks_of(text="beforeword") == []
    assert differences() == []


def backup() -> dict:
    """What a copy of the database says of its history."""
    return {"state": ArchiveState.objects.values().get(), "past": list(PastRevision.objects.values_list("revision"))}


def restore(copy: dict) -> None:
    Abstract.unfiltered.all().delete()
    PastRevision.objects.exclude(revision__in=[revision for (revision,) in copy["past"]]).delete()
    DocumentChange.objects.filter(revision__gt=copy["state"]["revision"]).delete()
    ArchiveState.objects.update(**copy["state"])


@pytest.mark.parametrize("lead", [-1, 0, 5])
def test_a_restored_database_rebuilds_whatever_its_revision_became(lead):
    """A backup was restored, and its revision overtook the index's: the numbers are those of another history."""
    AbstractFactory(title="Keptword")
    copy = backup()
    AbstractFactory(title="Beforeword")
    assert len(pks_of(text="beforeword")) == 1
    lost = ArchiveState.current_revision()
    restore(copy)
    AbstractFactory(title="Afterword")
    while ArchiveState.current_revision() < lost + lead:
        ArchiveState.move_on()
    assert pks_of(text="beforeword") == []
    assert len(pks_of(text="afterword")) == 1
    assert differences() == []


def test_index_that_is_behind_catches_up_without_a_rebuild(monkeypatch):
    AbstractFactory()
    ensure_current_snapshot()
    replica = get_replica()[0]
    AbstractFactory.create_batch(2)
    ArchiveState.move_on()
    monkeypatch.setattr(replica, "rebuild", None)
    assert ensure_current_snapshot().mark == ArchiveState.current_mark()


def test_rolled_back_revision_differs_from_the_one_that_replaces_it():
    AbstractFactory(title="Firstword")
    ensure_current_snapshot()
    with transaction.atomic():
        AbstractFactory(title="Undoneword")
        assert len(pks_of(text="undoneword")) == 1
        transaction.set_rollback(True)
    AbstractFactory(title="Insteadword")
    assert pks_of(text="undoneword") == []
    assert len(pks_of(text="insteadword")) == 1
    assert differences() == []


def test_another_archive_has_another_folder():
    AbstractFactory()
    folder = get_replica()[0].folder
    ArchiveState.objects.update(identity="00000000-0000-0000-0000-000000000001")
    assert get_replica()[0].folder != folder


def test_empty_archive_has_no_index(settings, client):
    ArchiveState.objects.all().delete()
    assert get_replica() is None
    assert ensure_current_snapshot() is None
    assert client.get("/search/?q=anything").status_code == 200
    call_command("search_index")


def test_command_shows_status_and_checks(capsys):
    AbstractFactory()
    call_command("search_index", status=True)
    assert "index      none" in capsys.readouterr().out
    call_command("search_index", rebuild=True, check=False)
    call_command("search_index", check=True)
    output = capsys.readouterr().out
    assert "documents  1 in 1 segments" in output
    assert "every document is as the database says" in output
    call_command("search_index", update=True)


def test_check_fails_on_a_difference(capsys):
    abstract = AbstractFactory()
    ensure_current_snapshot()
    # Without moving the revision.
    DocumentChange.objects.all().delete()
    from django.db.models.query import QuerySet

    QuerySet(Abstract).filter(pk=abstract.pk).update(title_text="Otherwise")
    with pytest.raises(CommandError, match="2 differences"):
        call_command("search_index", check=True)
    assert f"abstract {abstract.pk}: a document is missing or old" in capsys.readouterr().err
