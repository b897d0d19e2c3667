"""Kept pages: never old at an instant of the embargo, never somebody's, never for longer than they are true."""

import datetime as dt
import gzip
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from abstracts.models import Abstract, Meeting
from abstracts.models.embargo import public_state
from abstracts.views import abstract as views
from abstracts.visibility import Status
from acrsite import caching, making
from tests.canary.walking import NEVER_FOLLOWED, NOWHERE, filled, patterns
from tests.factories import (
    AbstractFactory,
    FigureFactory,
    MeetingFactory,
    PresentationFactory,
    SectionFactory,
    StaffFactory,
    TierFactory,
    UserFactory,
    whole_abstract,
)
from tests.test_classification import addresses_of_public_pages, content

pytestmark = pytest.mark.django_db

MICROSECOND = dt.timedelta(microseconds=1)
SECOND = dt.timedelta(seconds=1)
# 9:00 in Chicago.
RELEASE = dt.datetime(2025, 10, 24, 14, tzinfo=dt.UTC)
TITLE = "Pegloticase in invented gout"


@pytest.fixture
def at(monkeypatch, known_state):
    """Makes requests happen at an instant; what is kept stays kept."""
    known_state()

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


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(0.000001, 1), (0.5, 1), (1, 1), (1.5, 2), (9.9, 10), (10, 10), (10.1, 1), (59.9, 10), (61, 1), (3600, 10)],
)
def test_no_proxy_may_store_a_page_past_the_next_embargo_instant(client, at, embargoed, seconds, age):
    """By less than a second, as ages are whole seconds, and 0 would make everybody ask at once."""
    at(RELEASE - dt.timedelta(seconds=seconds))
    for _ in range(2):  # made, and kept
        assert max_age(client.get(program(embargoed))) == age


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 4, 9.5])
def test_ages_end_at_the_next_ten_seconds_whatever_is_ahead(client, at, embargoed, seconds):
    instant = RELEASE + dt.timedelta(seconds=seconds)
    at(instant)
    assert max_age(client.get("/")) == 10 - int(seconds)


def headers_of(addresses: dict[str, str]) -> dict[str, dict[str, str]]:
    """All but the random one."""
    headers = {}
    for name, path in addresses.items():
        response = Client().get(path)
        content(response)
        headers[name] = {key: value for key, value in response.items() if key != "X-Request-ID"}
    return headers


@pytest.mark.parametrize("seconds", [0.5, 5, 25])
def test_no_header_of_a_public_page_tells_that_an_instant_is_near(at, seconds):
    """In two archives, of which one releases something in a moment, all headers are the same."""
    at(RELEASE)
    addresses = addresses_of_public_pages()
    hidden = whole_abstract(tier=None, meeting=MeetingFactory(year=1999), title="Zqunseen")
    without = headers_of(addresses)
    Abstract.unfiltered.filter(pk=hidden.pk).update(override_released_from=RELEASE + dt.timedelta(seconds=seconds))
    assert public_state(RELEASE).next_instant == RELEASE + dt.timedelta(seconds=seconds)
    assert headers_of(addresses) == without
    at(RELEASE + dt.timedelta(seconds=seconds))
    assert headers_of(addresses)["sitemap-part"]["ETag"] != without["sitemap-part"]["ETag"]


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
        reverse("favorite-add"), {"abstract": abstract.key, "next": "/"}, headers={"sec-fetch-site": "same-origin"}
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


def every_path() -> set[str]:
    """Of the site and of the admin, with and without something behind them, and some that lead elsewhere."""
    abstract = whole_abstract()
    hidden = whole_abstract(embargoed=True)
    there = {
        "meeting": [abstract.meeting.slug],
        "slug": [abstract.slug, hidden.slug, abstract.meeting.slug],
        "number": [abstract.number, hidden.number],
        "pk": ["1"],
        "key": ["1"],
        "token": ["x"],
        "name": ["ris"],
    }
    values = [NOWHERE, {**NOWHERE, **there}]
    paths = {path for value in values for _, parts in patterns() for path in filled(parts, value)}
    paths |= {"/abstract/never-was", f"/abstract/{abstract.slug}", "/nowhere/", "/nowhere", "/es/nowhere/", "/?p=1"}
    return {path for path in paths if not path.startswith(NEVER_FOLLOWED)}


@pytest.mark.parametrize("who", ["anonymous", "reader"])
def test_only_pages_may_be_stored_by_others(client, at, who):
    """No error, redirect or refusal: 404 is there for what is hidden until an instant."""
    client.raise_request_exception = False
    at(dt.datetime(2026, 11, 28, tzinfo=dt.UTC))
    if who == "reader":
        client.force_login(UserFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    statuses = Counter()
    for path in sorted(every_path()):
        response = client.get(path)
        statuses[response.status_code] += 1
        control = response.get("Cache-Control", "")
        if response.status_code != 200:
            assert "public" not in control, path
            assert not re.search(r"max-age=[^0]", control), path
            # What says nothing is stored by rules of thumb.
            assert "private" in control or response.status_code in (301, 302, 405), path
        elif who == "reader" or "private" in control:
            assert "public" not in control, path
            assert "X-Accel-Expires" not in response, path
    assert statuses[200] > 30
    assert statuses[404] > 30
    assert statuses[302] > 10


def test_refusals_may_not_be_stored(client, at, settings):
    settings.LIMITS = {"searches": (1, 60)}
    assert client.get("/search/?q=a").status_code == 200
    limited = client.get("/search/?q=b")
    assert (limited.status_code, limited["Cache-Control"]) == (429, "private, no-store")
    forged = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert (forged.status_code, forged["Cache-Control"]) == (403, "private, no-cache")


def test_404_pages_may_not_be_stored(client, at):
    response = client.get("/abstract/never-was/")
    assert response.status_code == 404
    assert response["Cache-Control"] == "private, no-cache"


def test_withdrawn_and_hidden_pages_may_not_be_stored(client, at):
    abstract = whole_abstract()
    url = abstract.get_absolute_url()
    assert max_age(client.get(url)) == 10
    Abstract.unfiltered.filter(pk=abstract.pk).update(status=Status.DRAFT)
    response = client.get(url)
    assert (response.status_code, response["Cache-Control"]) == (404, "private, no-cache")


# The nginx of deploy/


def test_nginx_stores_what_it_can_ask_about_and_replaces_what_is_gone(client, at):
    abstract = whole_abstract()
    url = abstract.get_absolute_url()
    page = client.get(url)
    assert page["X-Accel-Expires"] == "@1"
    unchanged = client.get(url, headers={"if-none-match": page["ETag"]})
    assert (unchanged.status_code, unchanged["X-Accel-Expires"]) == (304, "@1")
    nothing = "/abstract/never-was/"
    assert client.get(nothing)["X-Accel-Expires"] == "@1"
    assert "X-Accel-Expires" not in client.get("/nowhere/")
    for path, headers in (
        (url, {"hx-request": "true"}),
        (url, {"accept": "application/x-bibtex"}),
        (reverse("meeting-export", args=[abstract.meeting.slug, "csv"]), {}),
        (reverse("download", args=[abstract.meeting.slug]), {}),
        (reverse("account_login"), {}),
    ):
        assert "X-Accel-Expires" not in client.get(path, headers=headers), path
    client.force_login(UserFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    for path in (url, nothing):
        assert "X-Accel-Expires" not in client.get(path)


def test_an_unchanged_page_is_answered_with_the_age_of_now(client, at):
    etag = client.get("/")["ETag"]
    at(RELEASE - 297 * SECOND)
    unchanged = client.get("/", headers={"if-none-match": etag})
    assert (unchanged.status_code, max_age(unchanged)) == (304, 7)


def test_nothing_is_called_unchanged_while_the_clocks_differ(client, at, monkeypatch):
    """A proxy would go on serving its copy with the former Cache-Control."""
    etag = client.get("/")["ETag"]
    monkeypatch.setattr("acrsite.caching.clock", SimpleNamespace(problem=lambda: "the clock is wrong"))
    response = client.get("/", headers={"if-none-match": etag})
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert "X-Accel-Expires" not in response


# Compressed


def test_pages_are_stored_compressed_and_sent_as_the_client_takes_them(client, at, monkeypatch):
    abstract = whole_abstract()
    url = abstract.get_absolute_url()
    plain = client.get(url)
    assert "Content-Encoding" not in plain
    assert b"</html>" in plain.content
    with monkeypatch.context() as patch:
        patch.setattr("acrsite.caching.gzip.compress", None)  # once is enough
        for _ in range(2):
            packed = client.get(url, headers={"accept-encoding": "br, gzip;q=0.8"})
            assert packed["Content-Encoding"] == "gzip"
            assert len(packed.content) * 3 < len(plain.content)
            assert gzip.decompress(packed.content) == plain.content
            assert packed["ETag"] == plain["ETag"]
        for header in ("identity", "gzip;q=0", "gzip; q=0.0, br", ""):
            assert client.get(url, headers={"accept-encoding": header}).content == plain.content
    for response in (plain, packed):
        assert "Accept-Encoding" in response["Vary"]


def test_what_compresses_badly_is_stored_as_it_is(client, at):
    for _ in range(2):
        response = client.get(reverse("suggestions"), headers={"accept-encoding": "gzip"})
        assert len(response.content) < 100
        assert "ETag" in response
        assert "Content-Encoding" not in response


def test_very_large_answers_are_not_stored(client, at, monkeypatch):
    monkeypatch.setattr(caching, "LARGEST", 10)
    response = client.get("/", headers={"accept-encoding": "gzip"})
    assert b"</html>" in response.content
    assert "ETag" not in response
    assert not caches["pages"]._cache


# Once


def test_other_cookies_and_headers_make_no_other_copy(at, django_assert_num_queries):
    url = whole_abstract().get_absolute_url()
    first = Client().get(url)
    stored = len(caches["pages"]._cache)
    for headers in (
        {"cookie": "_ga=1; consent=yes"},
        {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"},
        {"accept": "*/*"},
        {"accept": "text/html, application/x-bibtex;q=0.1"},
        {"accept-language": "es"},
        {"accept-encoding": "gzip"},
        {"user-agent": "Other/1.0"},
    ):
        with django_assert_num_queries(1):
            assert Client().get(url, headers=headers)["ETag"] == first["ETag"]
    assert len(caches["pages"]._cache) == stored


@pytest.fixture
def times_made(monkeypatch) -> list[str]:
    """Grows with each page of an abstract that is made."""
    made = []

    def render(request, *arguments):
        made.append(request.path)
        return original(request, *arguments)

    original = views.render
    monkeypatch.setattr(views, "render", render)
    return made


def test_whoever_waited_for_a_page_gets_it(at, monkeypatch, times_made):
    url = whole_abstract().get_absolute_url()
    keys = []
    monkeypatch.setattr(making, "alone", keys.append)
    first = Client().get(url)
    page = caches["pages"].get(keys[0])
    caches["pages"].clear()
    monkeypatch.setattr(making, "alone", lambda key: caches["pages"].set(key, page))
    assert Client().get(url).content == first.content
    assert times_made == [url]


def test_whoever_waited_for_nothing_makes_the_page(at, monkeypatch, times_made):
    """The maker was slow or killed, or its answer is not to be stored."""
    url = whole_abstract().get_absolute_url()
    monkeypatch.setattr(making, "alone", lambda key: None)
    assert b"</html>" in Client().get(url).content
    assert times_made == [url]


@pytest.mark.parametrize("path", ["/", "/nowhere/", "/abstract/never-was/"])
@pytest.mark.parametrize("fails", [False, True])
def test_nobody_waits_for_a_page_once_it_was_answered(client, at, monkeypatch, path, fails):
    locks = []
    original = making.alone
    monkeypatch.setattr(making, "alone", lambda key: locks.append(original(key)) or locks[-1])
    if fails:
        client.raise_request_exception = False
        monkeypatch.setattr("abstracts.views.home.outline", None)
        whole_abstract()
    assert client.get(path).status_code == (404 if path != "/" else 500 if fails else 200)
    assert len(locks) == (path != "/nowhere/")
    assert all(lock.closed for lock in locks)


def test_of_a_stampede_at_an_instant_each_page_is_asked_for_under_one_key(at, embargoed, monkeypatch):
    """Whatever the fraction of a second at which each request came, before and after the maker's."""
    keys = []
    monkeypatch.setattr(making, "alone", keys.append)
    for late in (0.2, 0.1, 0.0, 0.3):
        caches["pages"].clear()
        at(RELEASE + dt.timedelta(seconds=late))
        Client().get(program(embargoed))
    assert len(keys) == 4
    assert len(set(keys)) == 1
    caches["pages"].clear()
    at(RELEASE - MICROSECOND)
    Client().get(program(embargoed))
    assert keys[-1] != keys[0]


def test_a_page_with_a_very_long_address_is_not_stored(client, at):
    client.get("/search/?q=" + "x" * 390 + "&title=" + "y" * 200)
    assert not caches["pages"]._cache


def test_pages_with_other_headers_have_another_etag(client, settings):
    """A 304 leaves nginx the headers of its copy."""
    before = client.get("/meetings/")["ETag"]
    caching._salt.cache_clear()
    settings.SECURE_REFERRER_POLICY = "no-referrer"
    caches["pages"].clear()
    after = client.get("/meetings/")["ETag"]
    caching._salt.cache_clear()
    assert before != after
