"""A machine whose clock is wrong, or jumps: no page shows an abstract early or late, and no proxy keeps a page."""

import datetime as dt
import re

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from abstracts import clock
from abstracts.downloads import making
from abstracts.models import Abstract
from tests.clocks import BEGIN, MICROSECOND, SECOND
from tests.factories import PresentationFactory, whole_abstract

pytestmark = pytest.mark.django_db

WORD = "zqembargoedqz"
WRONG = [120, -120]


def abstract_released(instant: dt.datetime) -> Abstract:
    abstract = whole_abstract(title=f"On {WORD}", number="0001", override_released_from=instant)
    PresentationFactory(abstract=abstract)
    whole_abstract(meeting=abstract.meeting, number="0002", title="Released long ago")
    return abstract


def exits(abstract: Abstract) -> dict[str, str]:
    meeting = abstract.meeting.slug
    return {
        "page": reverse("abstract", args=[abstract.slug]),
        "program": f"{reverse('meeting', args=[meeting])}?view=abstracts",
        "search": f"{reverse('search')}?q={WORD}&sort=title",
        "suggestions": f"{reverse('suggestions')}?q={WORD}",
        "export": reverse("meeting-export", args=[meeting, "csv"]),
        "citation": reverse("abstract-export", args=[abstract.slug, "ris"]),
        "feed": reverse("feed-newest"),
        "sitemap": reverse("sitemap-part", args=["abstracts", 1]),
    }


def shown(abstract: Abstract) -> dict[str, bool]:
    """Whether each exit shows the abstract, to somebody who has asked nothing before."""
    caches["pages"].clear()
    return {name: _shows(url, abstract) for name, url in exits(abstract).items()}


def _shows(url: str, abstract: Abstract) -> bool:
    response = Client().get(url)
    assert response.status_code in (200, 404)
    text = b"".join(response.streaming_content if response.streaming else [response.content]).decode("utf-8-sig")
    # The page of results repeats what was searched for.
    return response.status_code == 200 and (f"On {WORD}" in re.sub(r"<[^>]+>", "", text) or abstract.slug in text)


def test_an_abstract_shows_at_the_microsecond_whatever_the_machines_clock_shows(clocks):
    abstract = abstract_released(BEGIN + 60 * SECOND)
    clock.now()
    for wrong in (0, *WRONG):
        clocks.machine = wrong * SECOND
        clocks.true = BEGIN + 60 * SECOND - MICROSECOND
        assert shown(abstract) == dict.fromkeys(exits(abstract), False)
        clocks.true = BEGIN + 60 * SECOND
        assert shown(abstract) == dict.fromkeys(exits(abstract), True)


def test_a_page_stored_by_a_right_clock_stays_true_for_a_wrong_one(clocks):
    abstract = abstract_released(BEGIN + 60 * SECOND)
    program = exits(abstract)["program"]
    Client().get(program)
    for wrong in WRONG:
        clocks.machine = wrong * SECOND
        assert WORD not in Client().get(program).content.decode()
    clocks.wait(60)
    assert WORD in Client().get(program).content.decode()


@pytest.mark.parametrize("seconds", WRONG)
@pytest.mark.parametrize("who", ["machine", "database"])
def test_pages_are_private_while_the_clocks_differ(clocks, who, seconds):
    abstract = abstract_released(BEGIN - 3600 * SECOND)
    urls = exits(abstract).values()
    for url in urls:
        assert Client().get(url)["Cache-Control"].startswith("public, max-age=")
    for jump in (seconds, 0):
        setattr(clocks, who, jump * SECOND)
        clocks.wait(clock.MEASURE_EVERY)
        for url in urls:
            for _ in range(2):
                response = Client().get(url)
                assert response.status_code == 200
                assert response["Cache-Control"].startswith("private, no-store" if jump else "public, max-age=")
                assert ("X-Accel-Expires" in response) <= (not jump)


def test_pages_made_while_the_databases_clock_was_fast_are_not_served_afterwards(clocks):
    abstract = abstract_released(BEGIN + 60 * SECOND)
    program = exits(abstract)["program"]
    clocks.database = clocks.machine = 120 * SECOND
    clocks.wait(clock.MEASURE_EVERY)
    assert WORD in Client().get(program).content.decode()
    clocks.database = clocks.machine = 0 * SECOND
    clocks.wait(clock.MEASURE_EVERY)
    assert WORD not in Client().get(program).content.decode()


def test_a_process_that_never_saw_the_database_says_that_the_archive_is_away(client, clocks):
    client.raise_request_exception = False
    clocks.is_away = True
    response = client.get("/")
    assert response.status_code == 503
    assert response["Cache-Control"] == "private, no-store"
    assert "The archive is out of service for a moment" in response.content.decode()
    clocks.is_away = False
    assert client.get("/").status_code == 200


def test_a_replica_serves_no_page_by_its_clock(client, clocks):
    client.raise_request_exception = False
    clocks.is_replica = True
    assert client.get("/").status_code == 503


def test_books_are_made_by_the_databases_clock(clocks):
    abstract = abstract_released(BEGIN + 60 * SECOND)
    clocks.machine = 120 * SECOND
    making.make(abstract.meeting)
    clocks.wait(60)
    status = making.shelf.status_of(abstract.meeting, clock.now())
    assert not status.is_current


@pytest.mark.several_connections
@pytest.mark.parametrize(("machine", "release", "shows"), [(120, 60, False), (-120, -60, True)])
def test_postgresqls_own_clock_decides(settings, monkeypatch, machine, release, shows):
    """By the machine's clock it would be the other way round."""
    real = timezone.now
    abstract = abstract_released(real() + release * SECOND)
    monkeypatch.setattr(timezone, "now", lambda: real() + machine * SECOND)
    assert shown(abstract) == dict.fromkeys(exits(abstract), not shows)
    settings.DATABASE_CLOCK = True
    monkeypatch.setattr(clock, "_reading", None)
    assert shown(abstract) == dict.fromkeys(exits(abstract), shows)
    assert Client().get("/")["Cache-Control"] == "private, no-store"
    assert Client().get("/readyz").status_code == 503
    monkeypatch.setattr(timezone, "now", real)
    assert shown(abstract) == dict.fromkeys(exits(abstract), shows)
    assert Client().get("/")["Cache-Control"].startswith("public, max-age=")
    assert Client().get("/readyz").status_code == 200
