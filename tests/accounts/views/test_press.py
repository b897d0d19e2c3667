"""My press access: meetings, terms, e-mails; and what access means for pages and files."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import EmbargoedRead, PressAccess
from tests.accounts.personas import give_access, press_reader
from tests.factories import (
    LONG_AGO,
    FavoriteFactory,
    FavoritesListFactory,
    MeetingFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

PAGE = "/accounts/press/"
BODY = b"We counted"


@pytest.fixture
def client():
    return Client()


def accept(client, access, **fields):
    address = reverse("account_press_accept", args=[access.pk])
    return client.post(address, {"version": access.meeting.terms_version, **fields})


def test_it_is_behind_sign_in(client):
    assert client.get(PAGE).url == f"{reverse('account_login')}?next={PAGE}"


@pytest.mark.parametrize("factory", [UserFactory, StaffFactory])
def test_it_is_404_for_others_and_others_accesses_cannot_be_changed(client, factory):
    access = give_access(UserFactory(), MeetingFactory(), accepted=False)
    client.force_login(factory())
    assert client.get(PAGE).status_code == 404
    assert accept(client, access).status_code == 404
    assert client.post(reverse("account_press_mails", args=[access.pk])).status_code == 404
    access.refresh_from_db()
    assert (access.accepted_at, access.wants_releases) == (None, False)


def test_it_shows_meetings_with_their_period_terms_and_policy(client):
    user = UserFactory()
    meeting = MeetingFactory(press_terms="<p>Keep it.</p>", timezone="America/Chicago")
    give_access(user, meeting, ends_at=dt.datetime(2999, 1, 1, 12, tzinfo=dt.UTC), accepted=False)
    give_access(user, MeetingFactory(name="Unpublished", is_published=False))
    give_access(user, MeetingFactory(name="Over"), ends_at=LONG_AGO + dt.timedelta(days=1))
    give_access(user, MeetingFactory(name="Revoked"), revoked_at=LONG_AGO)
    client.force_login(user)
    content = client.get(PAGE).content.decode()
    for words in (meeting.name, "Keep it.", "January 1, 2999, 6:00 AM CST", "I accept these terms"):
        assert words in content
    assert reverse("embargo-policy", args=[meeting.slug]) in content
    # The menu names all meetings.
    assert re.findall(r"<h2>(.*?)</h2>", content.partition("<main")[2].partition("</main>")[0]) == [meeting.name]


def test_terms_are_in_the_language_of_the_page_or_else_in_english(client):
    user = UserFactory()
    give_access(user, MeetingFactory(press_terms="<p>Keep it.</p>", press_terms_es="<p>Respételo.</p>"))
    give_access(user, MeetingFactory(press_terms="<p>Not translated.</p>"))
    client.force_login(user)
    english, spanish = (client.get(path).content.decode() for path in (PAGE, f"/es{PAGE}"))
    assert "Keep it." in english
    assert "Respételo." not in english
    assert '<div class="text" lang="es"><p>Respételo.</p></div>' in spanish
    assert '<div class="text" lang="en"><p>Not translated.</p></div>' in spanish


def test_nothing_is_seen_ahead_before_accepting(client):
    abstract = whole_abstract(embargoed=True)
    user = UserFactory()
    access = give_access(user, abstract.meeting, accepted=False)
    client.force_login(user)
    assert client.get(abstract.get_absolute_url()).status_code == 404
    response = accept(client, access, next=abstract.get_absolute_url())
    assert response.url == abstract.get_absolute_url()
    response = client.get(abstract.get_absolute_url())
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert b"EMBARGOED UNTIL" in response.content
    assert list(EmbargoedRead.objects.values_list("abstract_id", flat=True)) == [abstract.pk]


def test_other_terms_must_be_accepted_again(client):
    abstract = whole_abstract(embargoed=True)
    client.force_login(press_reader())
    access = PressAccess.objects.select_related("meeting").get()
    assert client.get(abstract.get_absolute_url()).status_code == 200
    abstract.meeting.press_terms_es = "<p>Respételo.</p>"
    abstract.meeting.save()
    assert client.get(abstract.get_absolute_url()).status_code == 404
    assert "changed since you accepted them" in client.get(PAGE).content.decode()
    # The page with the former terms is still open somewhere.
    accept(client, access)
    assert client.get(abstract.get_absolute_url()).status_code == 404
    accept(client, PressAccess.objects.select_related("meeting").get())
    assert client.get(abstract.get_absolute_url()).status_code == 200


def test_accepting_again_changes_nothing(client):
    user = press_reader(MeetingFactory())
    client.force_login(user)
    access = PressAccess.objects.select_related("meeting").get()
    accept(client, access)
    access.refresh_from_db()
    assert access.accepted_at == LONG_AGO


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": timezone.now()},
        {"starts_at": dt.datetime(2990, 1, 1, tzinfo=dt.UTC)},
        {"ends_at": LONG_AGO + dt.timedelta(days=1)},
        {"accepted_version": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_access_that_is_not_in_force_shows_nothing_at_the_next_request(client, change):
    abstract = whole_abstract(embargoed=True)
    client.force_login(press_reader())
    assert BODY in client.get(abstract.get_absolute_url()).content
    PressAccess.objects.update(**change)
    response = client.get(abstract.get_absolute_url())
    assert response.status_code == 404
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"


def test_access_lasts_from_one_instant_until_just_before_the_other():
    abstract = whole_abstract(embargoed=True)
    start, end = (dt.datetime(2030, 5, day, 14, tzinfo=dt.UTC) for day in (1, 4))
    user = UserFactory()
    give_access(user, abstract.meeting, starts_at=start, ends_at=end)
    tick = dt.timedelta(microseconds=1)
    instants = (start - tick, start, end - tick, end)
    assert [bool(PressAccess.objects.in_force(user.pk, at)) for at in instants] == [False, True, True, False]


def test_other_meetings_are_those_of_the_public(client):
    one, other = whole_abstract(embargoed=True), whole_abstract(embargoed=True)
    client.force_login(press_reader(one.meeting))
    assert client.get(one.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404


def test_pages_without_anything_ahead_are_private_too(client):
    released = whole_abstract()
    client.force_login(press_reader())
    for path in ("/", released.get_absolute_url(), "/search/?q=x", "/keywords/", PAGE):
        assert client.get(path).headers["Cache-Control"] == "private, no-store", path


# Without the right to export


def addresses_of_files(abstract) -> list[str]:
    return [
        reverse("abstract-export", args=[abstract.slug, "text"]),
        reverse("meeting-export", args=[abstract.meeting.slug, "text"]),
        f"{reverse('search-export', args=['text'])}?q=counted",
        reverse("favorites-export", args=["text"]),
        reverse("favorites-print"),
        reverse("account_download"),
    ]


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("may_export", [False, True])
def test_files_and_prints_contain_what_is_public_unless_access_says_more(client, may_export):
    ahead = whole_abstract(embargoed=True, title="Zqahead")
    released = whole_abstract(meeting=ahead.meeting, title="Zqreleased")
    user = UserFactory()
    give_access(user, ahead.meeting, may_export=may_export)
    favorites = FavoritesListFactory(user=user)
    for abstract in (ahead, released):
        FavoriteFactory(list=favorites, abstract=abstract)
    client.force_login(user)
    for path in addresses_of_files(ahead):
        response = client.get(path)
        is_ahead = b"Zqahead" in body(response)
        assert is_ahead is may_export, path
        if "/abstract/" not in path:
            assert b"Zqreleased" in body(client.get(path)), path
        assert response.headers["Cache-Control"] == "private, no-store"
    kinds = set(EmbargoedRead.objects.values_list("kind", flat=True))
    assert bool(kinds) is may_export
    page = client.get(ahead.get_absolute_url()).content.decode()
    assert ("has no right to export" in page) is not may_export
    assert BODY.decode() in page


# E-mails


def test_e_mails_on_releases_are_turned_on_and_off(client):
    client.force_login(press_reader(MeetingFactory()))
    access = PressAccess.objects.get()
    address = reverse("account_press_mails", args=[access.pk])
    for fields, wanted, button in (({"releases": "on"}, True, "No e-mails"), ({}, False, "E-mail me")):
        assert client.post(address, fields).url == PAGE
        assert PressAccess.objects.get().wants_releases is wanted
        assert button in client.get(PAGE).content.decode()


@pytest.mark.parametrize("address", ["https://evil.example.com", "//evil.example.com"])
def test_redirects_stay_on_the_site(client, address):
    user = UserFactory()
    access = give_access(user, MeetingFactory(), accepted=False)
    client.force_login(user)
    # But for the same page in the other language, which asks for the same.
    page = re.sub(rb'<a href="[^"]*" hreflang=.*?>', b"", client.get(PAGE, {"next": address}).content)
    assert b"evil" not in page
    assert accept(client, access, next=address).url == reverse("favorites")


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    client.force_login(press_reader(*(MeetingFactory() for _ in range(count))))
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)


QUERIES = 7
