"""Files of many abstracts: one instant, the law anew for each batch, and turns for the large ones."""

import datetime as dt

import pytest
from django.utils import timezone

from abstracts.exporting import streaming, turns
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


def test_what_is_taken_back_while_a_file_runs_is_not_in_the_rest_of_it():
    abstracts = four()
    running = streaming.documents_of([a.pk for a in abstracts], ANONYMOUS, timezone.now(), "/")
    assert next(running).abstract.title == "Number 0"
    abstracts[3].status = "draft"
    abstracts[3].save()
    assert titles(running) == ["Number 1", "Number 2"]


def test_a_file_is_of_the_instant_at_which_it_was_asked_for(monkeypatch):
    """A release that comes while it runs changes nothing: the second half is not another archive than the first."""
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
    running = streaming.documents_of(pks, ANONYMOUS, before, "/")
    levels = [next(running).abstract.level]
    monkeypatch.setattr(timezone, "now", lambda: before + dt.timedelta(hours=1))
    levels += [document.abstract.level for document in running]
    assert levels == [Level.LISTED] * 4


def test_keys_in_any_order_and_such_as_are_nobodys():
    one, two, three, four_ = (a.pk for a in four())
    found = streaming.documents_of([four_, 987654321, two, one, three], ANONYMOUS, timezone.now(), "/")
    assert titles(found) == ["Number 3", "Number 1", "Number 0", "Number 2"]


def test_a_third_large_file_waits(client, monkeypatch):
    monkeypatch.setattr(streaming, "LARGE", 3)
    address = f"/meetings/{four()[0].meeting.slug}/export/jsonl/"
    # Responses that are not closed: files that are still being read.
    held = [turns.in_turn([]) for _ in range(turns.AT_ONCE)]
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert response["Cache-Control"] == "private, no-cache"
    for turn in held:
        turn.close()
        turn.close()
    for _ in range(turns.AT_ONCE + 1):
        answer = client.get(address)
        assert b"".join(answer.streaming_content).count(b"\n") == 4
        # What the server's close() does, but for the signal that ends the connection, and with it this test.
        for close in answer._resource_closers:
            close()
