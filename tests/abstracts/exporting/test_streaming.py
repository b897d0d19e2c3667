"""Files of many abstracts: one instant, the law again for each batch, and a limit for large files."""

import datetime as dt

import pytest
from django.utils import timezone

from abstracts.exporting import large_files, streaming
from abstracts.models import Abstract
from abstracts.visibility import ANONYMOUS, Level
from tests.factories import AbstractFactory, MeetingFactory, TierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(streaming, "BATCH", 2)


def four(**kwargs) -> list[Abstract]:
    meeting = MeetingFactory()
    return [AbstractFactory(meeting=meeting, title=f"Number {n}", **kwargs) for n in range(4)]


def titles(documents) -> list[str]:
    return [document.abstract.title for document in documents]


def test_abstract_withdrawn_during_streaming_is_not_in_the_rest_of_the_file():
    abstracts = four()
    documents = streaming.stream_documents([a.pk for a in abstracts], ANONYMOUS, timezone.now(), "/")
    assert next(documents).abstract.title == "Number 0"
    abstracts[3].status = "draft"
    abstracts[3].save()
    assert titles(documents) == ["Number 1", "Number 2"]


def test_file_has_one_instant(monkeypatch):
    """A release during streaming changes nothing: both halves of the file are of the same archive."""
    meeting = MeetingFactory(timezone="UTC")
    tier = TierFactory(
        meeting=meeting,
        release_date=dt.date(2030, 1, 1),
        release_time=dt.time(12),
        listing_level=Level.LISTED,
        listing_date=dt.date(2020, 1, 1),
        listing_time=dt.time(0),
    )
    pks = [AbstractFactory(meeting=meeting, tier=tier, title=f"Number {n}").pk for n in range(4)]
    before = dt.datetime(2030, 1, 1, 11, 59, 59, tzinfo=dt.UTC)
    documents = streaming.stream_documents(pks, ANONYMOUS, before, "/")
    levels = [next(documents).abstract.level]
    monkeypatch.setattr(timezone, "now", lambda: before + dt.timedelta(hours=1))
    levels += [document.abstract.level for document in documents]
    assert levels == [Level.LISTED] * 4


def test_documents_are_in_the_order_of_the_keys_without_unknown_ones():
    one, two, three, four_ = (a.pk for a in four())
    documents = streaming.stream_documents([four_, 987654321, two, one, three], ANONYMOUS, timezone.now(), "/")
    assert titles(documents) == ["Number 3", "Number 1", "Number 0", "Number 2"]


def test_third_large_file_is_refused(client, monkeypatch):
    monkeypatch.setattr(streaming, "LARGE", 3)
    address = f"/meetings/{four()[0].meeting.slug}/export/jsonl/"
    # Files that are still being read.
    open_files = [large_files.open_large_file([]) for _ in range(large_files.MAX_LARGE_FILES)]
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response["Cache-Control"] == "private, no-store"
    for file in open_files:
        file.close()
        file.close()
    for _ in range(large_files.MAX_LARGE_FILES + 1):
        answer = client.get(address)
        assert b"".join(answer.streaming_content).count(b"\n") == 4
        # What close() of the server does, without the signal that ends the connection and with it this test.
        for close in answer._resource_closers:
            close()
