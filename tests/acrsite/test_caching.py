"""Kept pages: never old at an instant of the embargo, never somebody's, never for longer than they are true."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, Meeting
from abstracts.visibility import Level, Status
from acrsite import caching
from tests.factories import (
    AbstractFactory,
    FigureFactory,
    MeetingFactory,
    PresentationFactory,
    SectionFactory,
    StaffFactory,
    TierFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

MICROSECOND = dt.timedelta(microseconds=1)
SECOND = dt.timedelta(seconds=1)
# 9:00 in Chicago.
RELEASE = dt.datetime(2025, 10, 24, 14, tzinfo=dt.UTC)
TITLE = "Pegloticase in invented gout"


@pytest.fixture
def at(monkeypatch):
    """Makes requests happen at an instant; what is kept stays kept."""

    def set_instant(instant: dt.datetime) -> None:
        monkeypatch.setattr("acrsite.middleware.clock", SimpleNamespace(now=lambda: instant))

    set_instant(RELEASE - dt.timedelta(minutes=5))
    return set_instant


@pytest.fixture
def embargoed() -> Abstract:
    """Lists its number from long ago, its title and text from RELEASE on."""
    meeting = MeetingFactory(year=2025)
    tier = TierFactory(meeting=meeting, shell=True, release_date=RELEASE.date(), release_time=dt.time(9))
    abstract = AbstractFactory(meeting=meeting, tier=tier, title=TITLE)
    PresentationFactory(abstract=abstract)
    SectionFactory(abstract=abstract, html="<p>Serum urate fell.</p>")
    return abstract


def program(abstract: Abstract) -> str:
    return abstract.meeting.get_absolute_url() + "?view=abstracts"


def max_age(response) -> int:
    return int(re.fullmatch(r"public, max-age=(\d+)", response["Cache-Control"])[1])


def test_a_page_is_rendered_once_until_something_changes(client, at, embargoed, django_assert_num_queries):
    first = client.get(program(embargoed))
    with django_assert_num_queries(1):
        second = client.get(program(embargoed))
    assert first.content == second.content
    assert TITLE.encode() not in first.content


def test_a_stored_page_ends_at_the_microsecond_of_the_release(client, at, embargoed):
    for seconds in (300, 60, 1):
        at(RELEASE - seconds * SECOND)
        client.get(program(embargoed))
    at(RELEASE - MICROSECOND)
    assert TITLE.encode() not in client.get(program(embargoed)).content
    at(RELEASE)
    assert TITLE.encode() in client.get(program(embargoed)).content
    at(RELEASE - MICROSECOND)
    assert TITLE.encode() not in client.get(program(embargoed)).content


def test_an_address_that_was_not_there_is_there_at_the_instant(client, at, embargoed):
    url = reverse("abstract", args=[embargoed.slug])
    at(RELEASE - MICROSECOND)
    assert client.get(url).status_code == 404
    at(RELEASE)
    assert b"Serum urate fell" in client.get(url).content


@pytest.mark.parametrize(
    "hide",
    [
        lambda a: Abstract.unfiltered.filter(pk=a.pk).update(status=Status.DRAFT),
        lambda a: Abstract.unfiltered.filter(pk=a.pk).update(override_released_from=RELEASE + dt.timedelta(days=1)),
        lambda a: a.tier.steps.update(rule="held"),
        lambda a: Meeting.objects.filter(pk=a.meeting_id).update(timezone="Pacific/Honolulu"),
        lambda a: a.delete(),
    ],
    ids=["draft", "override", "held", "zone", "deleted"],
)
def test_hiding_an_abstract_shows_at_the_next_request(client, at, embargoed, hide):
    at(RELEASE + SECOND)
    for _ in range(2):
        assert TITLE.encode() in client.get(program(embargoed)).content
    hide(embargoed)
    assert TITLE.encode() not in client.get(program(embargoed)).content


def test_withdrawing_takes_the_text_at_the_next_request(client, at, embargoed):
    at(RELEASE)
    url = reverse("abstract", args=[embargoed.slug])
    assert b"Serum urate fell" in client.get(url).content
    Abstract.unfiltered.filter(pk=embargoed.pk).update(status=Status.WITHDRAWN, status_note="Authors' request.")
    body = client.get(url).content
    assert b"Serum urate fell" not in body
    assert b"request." in body


def test_pages_for_staff_are_never_stored_or_served_to_the_public(client, at, embargoed):
    staff = Client()
    staff.force_login(StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    url = reverse("abstract", args=[embargoed.slug])
    for address in (url, program(embargoed)):
        response = staff.get(address)
        assert TITLE.encode() in response.content
        assert response["Cache-Control"] == "private, no-store"
        assert "ETag" not in response
        assert TITLE.encode() not in client.get(address).content
        assert TITLE.encode() in staff.get(address).content


@pytest.mark.parametrize("seconds", [0.000001, 0.5, 1, 1.5, 30, 59.9, 60, 61, 3600])
def test_no_proxy_may_store_a_page_past_the_next_embargo_instant(client, at, embargoed, seconds):
    instant = RELEASE - dt.timedelta(seconds=seconds)
    at(instant)
    for _ in range(2):  # made, and kept
        age = max_age(client.get(program(embargoed)))
        assert instant + dt.timedelta(seconds=age) <= RELEASE
        assert age == min(int(seconds), caching.MAX_AGE.total_seconds())


def test_a_stored_page_ends_at_the_next_listing_instant(client, at, embargoed):
    listed = RELEASE - dt.timedelta(minutes=1)
    AbstractFactory(
        meeting=embargoed.meeting, override_listing_level=Level.LISTED, override_listed_from=listed, tier=None
    )
    at(listed - 5 * SECOND)
    assert max_age(client.get("/")) == 5


def test_without_a_future_embargo_instant_a_page_may_be_stored_for_a_minute(client, at, embargoed):
    at(RELEASE)
    assert max_age(client.get("/")) == 60


def test_stored_pages_set_no_cookie_and_name_no_visitor(at):
    whole_abstract()
    first, second = Client(), Client(HTTP_COOKIE="messages=x; other=1")
    for _ in range(2):
        a, b = first.get("/"), second.get("/")
        assert a.content == b.content
        assert not a.cookies
        assert not b.cookies


def test_a_visitor_with_a_session_gets_a_private_page(client, at):
    abstract = whole_abstract()
    client.get(abstract.get_absolute_url())
    client.post(
        reverse("favorite-add"), {"abstract": abstract.pk, "next": "/"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert client.cookies
    for _ in range(2):
        own = client.get(abstract.get_absolute_url())
        assert own["Cache-Control"] == "private, no-cache"
        assert "Cookie" in own["Vary"]
    other = Client().get(abstract.get_absolute_url())
    assert other.content != own.content
    assert not other.cookies


def test_an_unchanged_page_is_answered_304(client, at, embargoed):
    etag = client.get("/")["ETag"]
    again = client.get("/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    Meeting.objects.update(name="Another name")
    assert client.get("/", headers={"if-none-match": etag}).status_code == 200


def test_an_old_etag_does_not_match_after_the_release(client, at, embargoed):
    etag = client.get(program(embargoed))["ETag"]
    at(RELEASE)
    assert client.get(program(embargoed), headers={"if-none-match": etag}).status_code == 200


def test_parts_for_htmx_and_whole_pages_are_not_mixed_up(client, at):
    whole_abstract()
    whole = client.get("/search/?q=invented")
    part = client.get("/search/?q=invented", headers={"hx-request": "true"})
    assert "HX-Request" in part["Vary"]
    assert client.get("/search/?q=invented").content == whole.content


def test_stored_pages_end_at_midnight_because_citations_have_todays_date(client, at):
    abstract = whole_abstract()
    at(dt.datetime(2025, 12, 1, 23, 59, 59, tzinfo=dt.UTC))
    assert b"December 1, 2025" in client.get(abstract.get_absolute_url()).content
    at(dt.datetime(2025, 12, 2, tzinfo=dt.UTC))
    assert b"December 2, 2025" in client.get(abstract.get_absolute_url()).content


def test_figures_may_be_stored_until_the_next_embargo_instant(client, at, embargoed):
    from django.core.files.base import ContentFile

    shown = AbstractFactory()
    figure = FigureFactory(abstract=shown, image=ContentFile(b"x", name="a.png"))
    at(RELEASE - 7 * SECOND)
    response = client.get(figure.get_absolute_url())
    assert b"".join(response.streaming_content) == b"x"
    assert max_age(response) == 7


def test_404_pages_may_not_be_stored(client, at):
    response = client.get("/abstract/never-was/")
    assert response.status_code == 404
    assert response["Cache-Control"] == "private, no-cache"


def test_a_page_with_a_very_long_address_is_not_stored(client, at):
    client.get("/search/?q=" + "x" * 390 + "&title=" + "y" * 200)
    assert not caches["pages"]._cache
