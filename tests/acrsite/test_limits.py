"""Limits on searches, suggestions and files: who counts as one, when a limit ends, and what does not count."""

import re

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client, override_settings
from django.urls import reverse

from acrsite import caches as caches_module
from acrsite import limits
from acrsite.access import PERSONAL, PUBLIC
from tests.acrsite.test_caches import configured
from tests.factories import UserFactory, whole_abstract

pytestmark = pytest.mark.django_db

WINDOW = 600
# Not at the edge of a window.
NOW = 1_000_000 * WINDOW + 200.5


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time of the limits; `clock(seconds)` lets it pass."""
    now = [NOW]
    monkeypatch.setattr(limits.time, "time", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


@pytest.fixture(autouse=True)
def _two_of_each(settings):
    settings.LIMITS = dict.fromkeys(("searches", "suggestions", "exports", "pdf_lists", "applications"), (2, WINDOW))


def statuses(path: str, times: int, client: Client | None = None, **extra) -> list[int]:
    client = client or Client()
    return [client.get(path, **extra).status_code for _ in range(times)]


def searches(times: int, client: Client | None = None, **extra) -> list[int]:
    """Statuses of searches of which none is in the store of pages."""
    client = client or Client()
    return [client.get(reverse("search", query={"q": f"word{n}"}), **extra).status_code for n in range(times)]


def test_over_the_limit_is_429_with_retry_after_in_the_sites_look(settings):
    assert searches(2) == [200, 200]
    response = Client().get(reverse("search", query={"q": "gout"}))
    assert (response.status_code, response["Retry-After"]) == (429, "400")
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies
    page = response.content.decode()
    assert "<h1>Too many requests</h1>" in page
    assert settings.SITE_NAME in page
    assert f'href="{reverse("account_login")}"' in page


def test_page_of_the_limit_is_in_the_language_of_the_address():
    searches(2)
    assert b"<h1>Demasiadas solicitudes</h1>" in Client().get("/es/search/?q=gota").content


def test_refusal_makes_no_query(django_assert_num_queries):
    searches(2)
    # The state of the archive, for the store of pages.
    with django_assert_num_queries(1):
        assert searches(1) == [429]


def test_refusal_discloses_nothing_of_an_abstract():
    abstract = whole_abstract(title="Zqhidden", draft=True)
    public = whole_abstract(title="Shown")
    addresses = [
        reverse("abstract-export", args=[slug, "ris"]) for slug in (public.slug, abstract.slug, "nothing-at-all")
    ]
    statuses(addresses[0], 2)
    pages = [Client().get(address) for address in addresses]
    assert [page.status_code for page in pages] == [429] * 3
    assert len({page.content for page in pages}) == 1


def test_a_limit_ends_with_its_window(clock):
    assert searches(3) == [200, 200, 429]
    clock(399)
    assert searches(1) == [429]
    clock(1)
    assert searches(3) == [200, 200, 429]


def test_each_address_counts_for_itself():
    assert searches(3, REMOTE_ADDR="192.0.2.1") == [200, 200, 429]
    assert searches(3, REMOTE_ADDR="192.0.2.2") == [200, 200, 429]


def test_addresses_of_one_ipv6_network_count_as_one():
    assert searches(2, REMOTE_ADDR="2001:db8::1") == [200, 200]
    assert searches(1, REMOTE_ADDR="2001:db8::2") == [429]
    assert searches(1, REMOTE_ADDR="2001:db8:0:1::1") == [200]


def test_clients_cannot_choose_their_address(settings):
    assert searches(2) == [200, 200]
    assert searches(1, headers={"X-Forwarded-For": "198.51.100.7"}) == [429]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert searches(3, headers={"X-Forwarded-For": "198.51.100.7, 192.0.2.9"}) == [200, 200, 429]
    assert searches(1, headers={"X-Forwarded-For": "203.0.113.1, 192.0.2.9"}) == [429]


@pytest.mark.parametrize(("proxies", "extra"), [(0, {"REMOTE_ADDR": ""}), (2, {"HTTP_X_FORWARDED_FOR": "192.0.2.1"})])
def test_requests_from_nowhere_share_a_limit(settings, proxies, extra):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert searches(3, **extra) == [200, 200, 429]


def test_who_is_signed_in_counts_as_a_user(client):
    searches(3)
    client.force_login(UserFactory())
    assert searches(2, client) == [200, 200]
    assert searches(1, client, REMOTE_ADDR="192.0.2.2") == [429]
    other = Client()
    other.force_login(UserFactory())
    assert searches(1, other) == [200]


def test_stored_pages_do_not_count():
    address = reverse("search")
    assert statuses(address, 5) == [200] * 5, "made once, then from the store"
    assert searches(2) == [200, 429]
    assert statuses(address, 1) == [200]


def test_refusals_are_not_stored(clock):
    searches(3)
    address = reverse("search", query={"view": "any"})
    assert statuses(address, 1) == [429]
    clock(400)
    assert statuses(address, 1) == [200]


@pytest.mark.parametrize("name", ["home", "meeting-list", "keyword-list", "author-list", "robots", "feed-newest"])
def test_ordinary_pages_have_no_limit(name):
    assert set(statuses(reverse(name), 4, headers={"HX-Request": "true"})) == {200}


def test_kinds_count_apart():
    abstract = whole_abstract()
    whole_meeting = reverse("meeting-export", args=[abstract.meeting.slug, "ris"])
    assert searches(3) == [200, 200, 429]
    assert statuses(reverse("feed-search", query={"q": "gout"}), 1) == [429]
    suggestions = [reverse("suggestions", query={"q": word}) for word in ("go", "gou", "gout")]
    assert [Client().get(address).status_code for address in suggestions] == [200, 200, 429]
    assert statuses(reverse("abstract-export", args=[abstract.slug, "ris"]), 1) == [200]
    assert statuses(whole_meeting, 2) == [200, 429]
    for address in (reverse("search-export", args=["csv"]), reverse("favorites-export", args=["ris"])):
        assert statuses(address, 1) == [429]


def test_pdfs_of_lists_count_apart_from_other_files(monkeypatch):
    monkeypatch.setattr("abstracts.exporting.pdf.pdf_of", lambda documents, printout: b"%PDF")
    abstract = whole_abstract()
    assert statuses(reverse("favorites-export", args=["pdf"]), 2) == [200, 200]
    assert statuses(reverse("meeting-export", args=[abstract.meeting.slug, "pdf"]), 1) == [429]
    assert statuses(reverse("abstract-export", args=[abstract.slug, "pdf"]), 1) == [200]
    assert statuses(reverse("meeting-export", args=[abstract.meeting.slug, "ris"]), 1) == [200]


def test_every_file_that_is_made_on_request_is_limited():
    exports = {name for name in PUBLIC | PERSONAL if name.endswith("-export")}
    assert exports | {"search", "suggestions", "feed-search", "press-apply"} == set(limits.LIMITED)


def test_other_methods_neither_count_nor_are_limited():
    address = reverse("search")
    assert [Client().post(address).status_code for _ in range(4)] == [405] * 4
    assert searches(3) == [200, 200, 429]
    assert Client().post(address).status_code == 405


def test_head_counts_too():
    assert [Client().head(reverse("search", query={"q": f"w{n}"})).status_code for n in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("kind", [None, "missing"])
def test_a_limit_can_be_off(settings, kind):
    settings.LIMITS = {"searches": None} if kind is None else {}
    assert searches(4) == [200] * 4


def test_no_address_is_stored():
    cache = caches["requests"]
    assert isinstance(cache, LocMemCache)
    cache.clear()
    searches(1, REMOTE_ADDR="192.0.2.1")
    (key,) = cache._cache
    assert re.fullmatch(r":1:[0-9a-f]{64}", key)
    with override_settings(SECRET_KEY="another"):
        searches(1, REMOTE_ADDR="192.0.2.1")
    assert len(cache._cache) == 2, "the hash has a key"
    assert all(0 < expires - NOW <= WINDOW for expires in cache._expire_info.values())


def test_without_redis_each_process_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(caches_module, "_breakers", caches_module._Breakers())
    with override_settings(CACHES=configured("redis://127.0.0.1:1/0", tmp_path)):
        assert searches(3) == [200, 200, 429]


def test_redis_that_fails_between_two_commands_refuses_nobody(monkeypatch):
    def incr(*arguments, **named):
        raise ValueError("Key not found")

    monkeypatch.setattr(LocMemCache, "incr", incr)
    assert searches(4) == [200] * 4
