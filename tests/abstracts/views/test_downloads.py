"""Download Abstracts: what is served never shows more than may be seen now, whatever was made when."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts.downloads import making, shelf
from abstracts.models import Abstract, ArchiveState, EmbargoTier
from abstracts.models.base import PastRevision
from abstracts.printing.book import Book
from abstracts.visibility import Status
from tests import factories
from tests.accounts.personas import press_reader

pytestmark = pytest.mark.django_db
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def _quick_books(monkeypatch):
    """A book is the titles in it."""

    def make(self, chapters):
        path = self.folder / "book.pdf"
        found = [document for chapter in chapters for batch in chapter.documents() for document in batch]
        path.write_text("\n".join(f"{d.abstract.number} {d.abstract.title_text}" for d in found))
        return path, 3

    monkeypatch.setattr(Book, "make", make)


@pytest.fixture
def meeting():
    return factories.MeetingFactory(name="Invented Convergence")


def page_of(meeting) -> str:
    return reverse("download", args=[meeting.slug])


def book_of(client, meeting):
    """The book as it is served: its words; None where the answer leads to the page."""
    response = client.get(reverse("download-book", args=[meeting.slug]))
    assert "public" not in response["Cache-Control"]
    if response.status_code == 302:
        assert response["Location"] == page_of(meeting)
        return None
    return b"".join(response.streaming_content).decode()


def test_all_published_meetings_are_listed(client, meeting):
    hidden = factories.MeetingFactory(name="Secret meeting", is_published=False)
    content = client.get(reverse("download-list")).content.decode()
    assert page_of(meeting) in content
    assert hidden.name not in content


@pytest.mark.parametrize("names", ["download", "download-book"])
def test_an_unpublished_meeting_is_404_for_everybody(client, names):
    hidden = factories.MeetingFactory(is_published=False)
    staff = Client()
    staff.force_login(factories.StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    for visitor in (client, staff):
        assert visitor.get(reverse(names, args=[hidden.slug])).status_code == 404


def test_a_meeting_with_nothing_public(client, meeting):
    factories.whole_abstract(meeting=meeting, embargoed=True)
    response = client.get(page_of(meeting))
    assert b"No abstracts of this meeting are public yet" in response.content
    assert b"<form method" not in response.content
    assert book_of(client, meeting) is None


def test_a_book_is_requested_made_and_served(client, meeting, monkeypatch):
    factories.whole_abstract(meeting=meeting, title="Open to all")
    page = client.get(page_of(meeting)).content.decode()
    assert "There is no book" in page
    assert 'http-equiv="refresh"' not in page
    assert reverse("meeting-export", args=[meeting.slug, "ris"]) in page
    assert reverse("meeting-export", args=[meeting.slug, "pdf"]) not in page

    assert client.post(page_of(meeting), headers=OWN).status_code == 302
    assert shelf.is_wanted(meeting)
    page = client.get(page_of(meeting)).content.decode()
    assert "The book is being made" in page
    assert 'http-equiv="refresh"' in page
    assert "hx-get" in page

    with shelf.worker_lock():
        shelf.write_json(shelf.folder_of(meeting) / "progress.json", {"done": 1, "total": 3000})
        page = client.get(page_of(meeting)).content.decode()
        assert '<progress max="3000" value="1"' in page
        assert "1 of 3,000 abstracts are set" in page

    making.make_wanted()
    page = client.get(page_of(meeting)).content.decode()
    assert "It holds everything that is public now" in page
    assert 'http-equiv="refresh"' not in page
    assert "Open to all" in book_of(client, meeting)


def test_the_file(client, meeting):
    factories.whole_abstract(meeting=meeting)
    making.make(meeting)
    address = reverse("download-book", args=[meeting.slug])
    response = client.get(address)
    [book] = shelf.books_of(meeting)
    assert book.digest not in response["ETag"], "keys and revisions could be found by trying"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="invented-convergence-abstracts.pdf"'
    assert b"".join(response.streaming_content)
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_a_book_is_not_served_after_the_database_was_restored_from_a_backup(client, meeting):
    abstract = factories.whole_abstract(meeting=meeting)
    making.make(meeting)
    ArchiveState.objects.update(token="another")
    PastRevision.objects.update(token="another")
    abstract.refresh_from_db()
    assert book_of(client, meeting) is None


def test_a_page_of_another_site_cannot_request_a_book(client, meeting):
    factories.whole_abstract(meeting=meeting)
    assert client.post(page_of(meeting), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(page_of(meeting)).status_code == 403
    assert not shelf.is_wanted(meeting)


def test_another_worker_starts_after_one_was_killed(client, meeting, settings, monkeypatch):
    started = []
    monkeypatch.setattr(making, "start_worker", lambda: started.append(1))
    settings.DOWNLOADS_ON_DEMAND = True
    factories.whole_abstract(meeting=meeting)
    client.get(page_of(meeting))
    assert not started
    client.post(page_of(meeting), headers=OWN)
    assert len(started) == 1
    client.get(page_of(meeting))
    assert len(started) == 2
    with shelf.worker_lock():
        client.get(page_of(meeting))
    assert len(started) == 2


def at(monkeypatch, instant):
    monkeypatch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: instant))
    monkeypatch.setattr("abstracts.downloads.making.clock", SimpleNamespace(now=lambda: instant))


@pytest.fixture
def two(meeting):
    """One abstract that is out, one that comes out in an hour."""
    soon = timezone.now() + dt.timedelta(hours=1)
    out = factories.whole_abstract(meeting=meeting, number="0001", title="zqoutqz")
    coming = factories.whole_abstract(meeting=meeting, number="0002", title="zqcomingqz")
    Abstract.unfiltered.get(pk=coming.pk)
    coming.override_released_from = soon
    coming.save()
    return out, coming


def test_after_a_release_the_former_book_is_served_until_a_newer_one_is_ready(client, meeting, two, monkeypatch):
    making.make(meeting)
    assert "zqcomingqz" not in book_of(client, meeting)
    later = timezone.now() + dt.timedelta(hours=2)
    at(monkeypatch, later)
    assert "zqoutqz" in book_of(client, meeting)
    page = client.get(page_of(meeting)).content.decode()
    assert "More has become public since" in page
    assert "Make a newer book" in page
    assert "As of" in page
    making.make(meeting)
    assert "zqcomingqz" in book_of(client, meeting)


def test_a_book_is_not_served_after_its_release_was_postponed(client, meeting, two, monkeypatch):
    later = timezone.now() + dt.timedelta(hours=2)
    at(monkeypatch, later)
    making.make(meeting)
    assert "zqcomingqz" in book_of(client, meeting)
    coming = Abstract.unfiltered.get(pk=two[1].pk)
    coming.override_released_from = later + dt.timedelta(days=1)
    coming.save()
    assert book_of(client, meeting) is None
    assert "zqcomingqz" not in client.get(page_of(meeting)).content.decode()


def test_a_book_is_not_served_by_an_earlier_clock(client, meeting, two, monkeypatch):
    now = timezone.now()
    at(monkeypatch, now + dt.timedelta(hours=2))
    making.make(meeting)
    at(monkeypatch, now)
    assert book_of(client, meeting) is None


def withdraw(abstract):
    abstract.status, abstract.status_note = Status.WITHDRAWN, "Why"
    abstract.save()


def shorten(abstract):
    abstract.title = "Other words"
    abstract.save()


def raise_tier(abstract):
    tier = EmbargoTier.objects.create(meeting=abstract.meeting, name="held")
    Abstract.unfiltered.filter(pk=abstract.pk).update(tier=tier)


def hide_meeting(abstract):
    abstract.meeting.is_published = False
    abstract.meeting.save()


def edit_text(abstract):
    factories.SectionFactory(abstract=abstract, html="<p>New</p>")


def rename_session(abstract):
    session = abstract.meeting.sessions.get()
    session.title = "Renamed"
    session.save()


@pytest.mark.parametrize(
    "change",
    [withdraw, shorten, raise_tier, edit_text, rename_session, lambda abstract: abstract.delete()],
    ids=lambda change: change.__name__,
)
def test_a_change_stops_the_book_at_the_next_request(client, meeting, change):
    abstract = factories.whole_abstract(meeting=meeting, title="zqformerqz")
    factories.AbstractFactory(meeting=meeting, title="Another one")
    making.make(meeting)
    assert "zqformerqz" in book_of(client, meeting)
    change(Abstract.unfiltered.get(pk=abstract.pk))
    assert book_of(client, meeting) is None


def test_a_meeting_that_was_unpublished_is_404(client, meeting):
    abstract = factories.whole_abstract(meeting=meeting)
    making.make(meeting)
    hide_meeting(abstract)
    assert client.get(reverse("download-book", args=[meeting.slug])).status_code == 404


@pytest.mark.parametrize("who", ["staff", "press"])
def test_staff_and_press_get_the_publics_book(meeting, two, who):
    user = factories.StaffFactory() if who == "staff" else press_reader()
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    making.make(meeting)
    assert "zqcomingqz" not in book_of(client, meeting)
    page = client.get(page_of(meeting)).content.decode()
    assert "what is here is what the public may see" in page
    assert "zqcomingqz" not in page


@pytest.mark.parametrize("damage", ["no file", "no record", "no json", "other json"])
def test_a_damaged_shelf_counts_as_empty(client, meeting, damage):
    factories.whole_abstract(meeting=meeting)
    path = making.make(meeting)
    record = path.with_suffix(".json")
    if damage == "no file":
        path.unlink()
    elif damage == "no record":
        record.unlink()
    else:
        record.write_text("{" if damage == "no json" else "{}")
    assert book_of(client, meeting) is None
    assert "There is no book" in client.get(page_of(meeting)).content.decode()


def test_the_page_costs_the_same_for_one_and_three(client, meeting, django_assert_num_queries):
    factories.whole_abstract(meeting=meeting)
    making.make(meeting)
    client.get(page_of(meeting))
    with django_assert_num_queries(9):
        client.get(page_of(meeting))
    for _ in range(2):
        factories.whole_abstract(meeting=meeting)
    making.make(meeting)
    with django_assert_num_queries(9):
        client.get(page_of(meeting))
