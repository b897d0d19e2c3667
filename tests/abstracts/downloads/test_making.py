"""Books: their content, and the process that makes them, which may be killed at any time."""

import datetime as dt
import json
import subprocess

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from structlog.testing import capture_logs

from abstracts.downloads import making, shelf
from abstracts.models import Abstract, Meeting, Section
from abstracts.printing.book import Book, Chapter, Cover, index_name
from abstracts.printing.compiling import NotTypeset
from abstracts.reading import Author
from tests import factories
from tests.abstracts.printing.pdfs import bookmarks_of, pages_of

pytestmark = pytest.mark.django_db


def page_with(pages: list[str], words: str) -> int:
    return next(number for number, page in enumerate(pages) if words in page)


def test_book_is_in_program_order_and_indexes_have_right_pages():
    meeting = factories.MeetingFactory(name="Invented Convergence")
    late = factories.SessionFactory(meeting=meeting, title="Late session", start_time=dt.time(15), end_time=None)
    early = factories.SessionFactory(meeting=meeting, title="Early session", start_time=dt.time(8))
    second, first = (factories.AbstractFactory(meeting=meeting, number=n, title=f"Title {n}") for n in ("0002", "0001"))
    loose = factories.AbstractFactory(meeting=meeting, number=None, title="Title of none")
    factories.PresentationFactory(abstract=first, session=early)
    factories.PresentationFactory(abstract=second, session=late)
    factories.PresentationFactory(abstract=first, session=late)
    for abstract in (first, second, loose):
        factories.SectionFactory(abstract=abstract, html="<p>text text</p>" * 120)
    person = factories.PersonFactory(given="Zoë", family="Çelik")
    factories.AuthorLineFactory(abstract=first, person=person)
    factories.AuthorLineFactory(abstract=loose, person=person)
    factories.AbstractKeywordFactory(abstract=second, keyword=factories.KeywordFactory(name="vasculitis"))

    path = making.make(meeting)
    pages = pages_of(path.read_bytes())
    front = page_with(pages, "Early session Poster Session") or 0
    assert "Invented Convergence" in pages[0]
    assert "3 abstracts" in pages[0]
    places = [page_with(pages[front:], f"{title} ") for title in ("Title 0001", "Title 0002", "Title of none")]
    assert places == sorted(places)
    assert "Printed under an earlier session: 0001" in " ".join(pages)
    contents = " ".join(pages[1:front])
    for title, place in zip(("0001 Title 0001", "0002 Title 0002", "Title of none"), places, strict=True):
        assert f"{title} {place + 1}" in contents.replace(". ", "").replace(".", " ").replace("  ", " "), title
    index = pages[page_with(pages, "Author Index")]
    assert f"C Çelik, Zoë {places[0] + 1}, {places[2] + 1}" in index
    assert f"V vasculitis {places[1] + 1}" in pages[page_with(pages, "Keyword Index")]
    assert bookmarks_of(path.read_bytes()) == [
        "Early session", ["0001 Title 0001"], "Late session", ["0002 Title 0002"], "Abstracts without a session",
        ["Title of none"], "Author Index", "Keyword Index",
    ]  # fmt: skip


def test_long_chapter_continues_in_the_next_part(tmp_path, monkeypatch):
    monkeypatch.setattr("abstracts.printing.book.PART", 2)
    meeting = factories.MeetingFactory()
    for number in range(5):
        factories.whole_abstract(meeting=meeting, number=f"{number:04}", title=f"Title {number:04}")
    pks = list(Abstract.unfiltered.order_by("number").values_list("pk", flat=True))
    calls = []
    cover = Cover("Book", "", "Site", "https://x.example", timezone.now(), [])
    book = Book(tmp_path, cover, lambda done, total: calls.append((done, total)))
    path, count = book.make([Chapter("One", "Lead", making._reader(pks, timezone.now()), 5)])
    pages = pages_of(path.read_bytes())
    assert count == len(pages)
    assert [sum(f"000{n} Title 000{n}" in page for page in pages) for n in range(5)] == [2] * 5  # contents and place
    assert calls == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_names_in_the_index():
    assert index_name(Author("Ada B. Rüdiger", "Rüdiger", "Ada B.", [], "")) == "Rüdiger, Ada B."
    assert index_name(Author("The LANTERN Group", "LANTERN Group", "The", [], "", is_group=True)) == "The LANTERN Group"
    assert index_name(Author("Plato", "", "", [], "")) == "Plato"


def test_book_has_only_what_the_public_may_see():
    meeting = factories.MeetingFactory()
    shapes = {"open": {}, "hidden": {"embargoed": True}, "draft": {"draft": True}, "listing": {"listing": True}}
    for state, shape in shapes.items():
        abstract = factories.whole_abstract(meeting=meeting, title=f"zqtitle{state}qz", **shape)
        Section.unfiltered.filter(abstract=abstract).update(html=f"<p>zqtext{state}qz</p>")
    text = " ".join(pages_of(making.make(meeting).read_bytes())).lower()
    assert {word for state in shapes for word in (f"zqtitle{state}qz", f"zqtext{state}qz") if word in text} == {
        "zqtitleopenqz", "zqtextopenqz", "zqtitlelistingqz",
    }  # fmt: skip


def test_book_is_made_again_if_the_meeting_changes_meanwhile(monkeypatch):
    meeting = factories.MeetingFactory()
    abstract = factories.whole_abstract(meeting=meeting, title="Before")
    real, rounds = Book.make, []

    def make(self, chapters):
        result = real(self, chapters)
        rounds.append(1)
        if len(rounds) == 1:
            abstract.title = "After"
            abstract.save()
        return result

    monkeypatch.setattr(Book, "make", make)
    path = making.make(meeting)
    assert len(rounds) == 2
    assert "After" in " ".join(pages_of(path.read_bytes()))


def test_making_gives_up_if_the_meeting_changes_each_time(monkeypatch):
    meeting = factories.MeetingFactory()
    abstract = factories.whole_abstract(meeting=meeting)

    def make(self, chapters):
        abstract.save()
        return self.folder / "none", 1

    monkeypatch.setattr(Book, "make", make)
    with pytest.raises(making.MeetingChanged):
        making.make(meeting)
    assert shelf.books_of(meeting) == []


def fake_make(monkeypatch):
    """Make books without typesetting them."""

    def make(self, chapters):
        path = self.folder / "book.pdf"
        path.write_bytes(b"%PDF")
        return path, 7

    monkeypatch.setattr(Book, "make", make)


def test_leftovers_of_a_killed_process_are_removed_and_its_book_is_made(monkeypatch):
    fake_make(monkeypatch)
    meeting = factories.whole_abstract().meeting
    shelf.mark_wanted(meeting)
    leftover = shelf.folder_of(meeting) / "making-abc"
    leftover.mkdir()
    unfinished = shelf.folder_of(meeting) / "progress.123.new"
    unfinished.touch()
    orphan = shelf.folder() / "987654"
    orphan.mkdir()
    assert making.make_wanted() == 1
    assert not leftover.exists()
    assert not unfinished.exists()
    assert not orphan.exists()
    assert not shelf.is_wanted(meeting)
    assert [book.pages for book in shelf.books_of(meeting)] == [7]


def test_former_books_are_removed(monkeypatch):
    fake_make(monkeypatch)
    abstract = factories.whole_abstract()
    first = making.make(abstract.meeting)
    abstract.title = "Another"
    abstract.save()
    second = making.make(abstract.meeting)
    assert first != second
    assert sorted(p.name for p in shelf.folder_of(abstract.meeting).glob("book-*.pdf")) == [second.name]


def test_only_one_process_makes_books(monkeypatch):
    meeting = factories.whole_abstract().meeting
    with shelf.worker_lock():
        assert shelf.is_worker_running()
        with pytest.raises(shelf.WorkerRunning):
            making.make_wanted()
        call_command("make_downloads", meeting.slug)
        assert shelf.is_wanted(meeting)
    assert not shelf.is_worker_running()


def test_command(monkeypatch, capsys):
    fake_make(monkeypatch)
    meeting = factories.whole_abstract().meeting
    with pytest.raises(CommandError, match="Name meetings"):
        call_command("make_downloads")
    with pytest.raises(CommandError, match="no published meeting"):
        call_command("make_downloads", "nothing")
    call_command("make_downloads", "--all")
    call_command("make_downloads", "--all")
    assert capsys.readouterr().out == "1 made.\n0 made.\n"
    assert json.loads(next(shelf.folder_of(meeting).glob("*.json")).read_text())["pages"] == 7


def test_loop_makes_an_outdated_book_again(monkeypatch):
    fake_make(monkeypatch)
    abstract = factories.whole_abstract()
    seen = []

    def pause(seconds):
        seen.append([book.path.name for book in shelf.books_of(abstract.meeting)])
        if len(seen) == 4:
            raise KeyboardInterrupt
        if len(seen) == 2:
            abstract.title = "Changed"
            abstract.save()

    monkeypatch.setattr(making, "pause", pause)
    # The connection belongs to the test.
    monkeypatch.setattr("abstracts.management.commands.make_downloads.close_old_connections", lambda: None)
    with pytest.raises(KeyboardInterrupt):
        call_command("make_downloads", "--loop")
    assert seen[0] == seen[1] != seen[2] == seen[3]


def test_loop_continues_when_the_database_is_back(monkeypatch, capsys):
    fake_make(monkeypatch)
    meeting = factories.whole_abstract().meeting
    seen = []

    def pause(seconds):
        seen.append(len(shelf.books_of(meeting)))
        if len(seen) == 3:
            raise KeyboardInterrupt
        monkeypatch.setattr(making, "make", fail if len(seen) == 1 else made)

    def fail(meeting):
        raise OperationalError("the connection is closed")

    made = making.make
    monkeypatch.setattr(making, "make", fail)
    monkeypatch.setattr(making, "pause", pause)
    monkeypatch.setattr("abstracts.management.commands.make_downloads.close_old_connections", lambda: None)
    with pytest.raises(KeyboardInterrupt):
        call_command("make_downloads", "--loop")
    assert seen == [0, 0, 1]
    assert capsys.readouterr().err.count("The database does not answer") == 2


def test_books_are_logged(monkeypatch):
    fake_make(monkeypatch)
    abstract = factories.whole_abstract(meeting__slug="forum")
    with capture_logs() as lines:
        path = making.make(abstract.meeting)
    start, end = lines
    assert start == {"event": "book_started", "log_level": "info", "meeting": "forum"}
    assert end.pop("seconds") >= 0
    assert end == {
        "event": "book_finished", "log_level": "info", "meeting": "forum", "file": path.name,
        "abstracts": 1, "pages": 7,
    }  # fmt: skip


def test_failed_book_is_logged(monkeypatch):
    def fail(self, chapters):
        raise NotTypeset("no fonts")

    monkeypatch.setattr(Book, "make", fail)
    meeting = factories.whole_abstract(meeting__slug="forum").meeting
    with capture_logs() as lines, pytest.raises(NotTypeset):
        making.make(meeting)
    failure = lines[-1]
    assert failure.pop("seconds") >= 0
    assert failure == {
        "event": "book_failed", "log_level": "warning", "meeting": "forum", "reason": "NotTypeset: no fonts",
    }  # fmt: skip


def test_request_starts_only_one_process(monkeypatch):
    started = []

    class Process:
        def __init__(self, command, **kwargs):
            started.append(command[-2:])

        def poll(self):
            return None

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setattr(making, "_started", [])
    making.start_worker()
    making.start_worker()
    assert started == [["make_downloads", "--wanted"]]


def test_meeting_without_public_abstracts_has_no_book():
    hidden = factories.whole_abstract(embargoed=True)
    assert making.make(hidden.meeting) is None
    unpublished = factories.whole_abstract(meeting=factories.MeetingFactory(is_published=False))
    assert making.make(Meeting.objects.get(pk=unpublished.meeting_id)) is None


def test_a_book_names_the_last_news_embargo_of_what_is_in_it():
    ends = {"rule": "fixed", "date": dt.date(2098, 5, 1), "time": dt.time(9)}
    released = {"shows": "everything", "rule": "fixed", "date": dt.date(2020, 1, 1), "time": dt.time(9)}
    meeting = factories.MeetingFactory(timezone="UTC", news_embargo_at=dt.datetime(2097, 5, 1, tzinfo=dt.UTC))
    held = factories.TierFactory(meeting=meeting, steps=[{"shows": "news", **ends, "date": dt.date(2099, 5, 1)}])
    factories.AbstractFactory(meeting=meeting, tier=held)
    factories.AbstractFactory(meeting=meeting)
    assert "under embargo until May 1, 2097" in pages_of(making.make(meeting).read_bytes())[0]
    late = factories.TierFactory(meeting=meeting, steps=[released, {"shows": "news", **ends}])
    factories.AbstractFactory(meeting=meeting, tier=late)
    assert "under embargo until May 1, 2098" in pages_of(making.make(meeting).read_bytes())[0]
