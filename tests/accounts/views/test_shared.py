"""Lists that are shared by a link, and calendars that subscribe: what whoever knows the address gets."""

import datetime as dt
import io
import json
import logging

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from structlog.stdlib import ProcessorFormatter

from accounts.models import CalendarAddress, EmbargoedRead, Favorite, FavoritesList
from accounts.secret_addresses import new_token, without_secrets
from acrsite.logs import request_line
from tests.accounts import rfc5545
from tests.accounts.personas import press_reader
from tests.factories import (
    AbstractFactory,
    FavoriteFactory,
    FavoritesListFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def own():
    return FavoritesListFactory(user=UserFactory(email="owner@example.org"), name="Grant idea", share_token="t" * 32)


def put(own, *abstracts, **fields):
    for abstract in abstracts:
        FavoriteFactory(list=own, abstract=abstract, **fields)


def shared(client, own, name="shared-list", *args, **query):
    return client.get(reverse(name, args=[own.share_token or "none", *args]), query)


def body(response):
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


def test_sharing_rotating_and_revoking(client, own):
    FavoritesList.objects.update(share_digest=None)
    client.force_login(own.user)
    links = []
    for _ in range(2):
        client.post(reverse("favorites-list-share", args=[own.pk]))
        own.refresh_from_db()
        links.append(reverse("shared-list", args=[own.share_token]))
    assert len(own.share_token) == 32
    assert [Client().get(link).status_code for link in links] == [404, 200]
    assert links[1] in client.get(reverse("favorites-lists")).content.decode()
    client.post(reverse("favorites-list-stop-sharing", args=[own.pk]))
    assert [Client().get(link).status_code for link in links] == [404, 404]


def test_the_home_list_can_be_shared_too(client):
    home = FavoritesListFactory(user=UserFactory())
    client.force_login(home.user)
    client.post(reverse("favorites-list-share", args=[home.pk]))
    home.refresh_from_db()
    assert shared(Client(), home).status_code == 200


def test_shared_list_shows_nothing_about_the_owner(client, own):
    abstract = whole_abstract()
    put(own, abstract, note="my private note")
    for response in (shared(client, own), shared(client, own, "shared-list-export", "text")):
        content = body(response)
        assert abstract.title in content
        for private in ("Grant idea", "my private note", "owner@example.org"):
            assert private not in content


def test_shared_list_is_not_stored_or_indexed_and_sends_no_referer(client, own):
    put(own, whole_abstract())
    for response in (shared(client, own), shared(client, own, "shared-list-export", "ris")):
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Referrer-Policy"] == "strict-origin"
    content = shared(client, own).content.decode()
    assert "noindex" in content
    assert "canonical" not in content
    assert not client.cookies


def test_the_law_is_that_of_who_opens_it(client, own):
    put(own, whole_abstract(embargoed=True, title="Ahead"), AbstractFactory(shell=True, title="Shell"))
    own.user.is_staff = own.user.is_superuser = True
    own.user.save()
    content = shared(client, own).content.decode()
    assert "Ahead" not in content
    assert "Shell" not in content
    assert "1 abstract, picked" in content
    client.force_login(press_reader())
    content = shared(client, own).content.decode()
    assert "Ahead" in content
    assert "EMBARGOED UNTIL" in content


def test_reads_of_the_press_are_logged_without_the_secret(client, own):
    put(own, whole_abstract(embargoed=True))
    client.force_login(press_reader())
    assert "We counted" in body(shared(client, own, "shared-list-export", "text"))
    assert EmbargoedRead.objects.get().path == "/lists/…/export/text/"


def test_it_is_read_only(client, own):
    assert client.post(reverse("shared-list", args=[own.share_token])).status_code in (403, 405)


def test_lists_of_closed_accounts_are_not_found(client, own):
    own.user.is_active = False
    own.user.save()
    assert shared(client, own).status_code == 404


@pytest.mark.parametrize("query", [{"order": "added"}, {"page": "x"}])
def test_tampered_addresses_are_refused(client, own, query):
    assert shared(client, own, **query).status_code == 400


def test_in_the_order_of_its_owner(client, own):
    first, second = AbstractFactory(), AbstractFactory()
    put(own, first, position=2)
    put(own, second, position=1)
    (group,) = shared(client, own, order="own").context["groups"]
    assert [row.abstract.pk for row in group.rows] == [second.pk, first.pk]


def test_all_of_a_shared_list_is_saved(client, own):
    seen, known = AbstractFactory(), AbstractFactory()
    put(own, seen, known, AbstractFactory(embargoed=True), note="theirs")
    client.post(reverse("favorite-add"), {"abstract": known.key})
    address = reverse("shared-list-keep", args=[own.share_token])
    response = client.post(address, follow=True)
    assert b"1 abstract added to your favorites." in response.content
    assert b"All of them were among your favorites already." in client.post(address, follow=True).content
    mine = Favorite.unfiltered.filter(list__user=None)
    assert dict(mine.values_list("abstract", "note")) == {seen.pk: "", known.pk: ""}


def test_saving_an_empty_shared_list_starts_no_session(client, own):
    client.post(reverse("shared-list-keep", args=[own.share_token]))
    assert "sessionid" not in client.cookies
    response = client.post(reverse("shared-list-keep", args=["x" * 32]))
    assert response.status_code == 404
    assert Client().post(reverse("shared-list-keep", args=[own.share_token])).status_code == 403


def test_unknown_formats_are_not_found(client, own):
    assert shared(client, own, "shared-list-export", "exe").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_shared_list_takes_a_fixed_number_of_queries(client, own, count, django_assert_num_queries):
    put(own, *(whole_abstract() for _ in range(count)))
    with django_assert_num_queries(7):
        shared(client, own)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/lists/abc-DEF_1/", "/lists/…/"),
        ("/es/lists/abc/export/ris/", "/es/lists/…/export/ris/"),
        ("/lists/abc", "/lists/…"),
        ("/calendars/abc.ics", "/calendars/….ics"),
        ("/calendars/abc.ics/", "/calendars/….ics/"),
        ("/favorites/lists/", "/favorites/lists/"),
        ("/meetings/lists/", "/meetings/lists/"),
    ],
)
def test_logged_paths_hold_no_secret_addresses(rf, path, logged):
    assert without_secrets(path) == logged
    assert request_line(rf.get(path)) == f"GET {logged}"


def test_no_log_holds_the_secret(client, own, caplog):
    caplog.set_level(logging.INFO)
    token = own.share_token
    for path in (f"/lists/{token}/", f"/lists/{token}", f"/lists/{token}/nothing/", f"/es/lists/{token}/"):
        client.get(path)
    FavoritesList.objects.update(share_digest=None)
    client.get(f"/lists/{token}/")
    client.post(f"/lists/{token}/keep/")
    assert token not in caplog.text


def test_lines_of_logs_hold_no_secret_whoever_writes_them(client, own, caplog, monkeypatch):
    """Django names the path of a refused form, gunicorn that of a broken request, an error what its message says."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "gunicorn.error")
    written = io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter))
    monkeypatch.setattr(handler, "stream", written)
    address = f"/lists/{own.share_token}/"
    client.post(address)
    logging.getLogger("gunicorn.error").error("Error handling request %s", address)
    monkeypatch.setattr("accounts.views.shared.shared_list", lambda token: {}[f"https://example.org{address}?page=2"])
    client.raise_request_exception = False
    assert client.get(address).status_code == 500
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert own.share_token in caplog.text
    assert sum("/lists/…/" in " ".join(map(str, line.values())) for line in lines) == 3
    assert own.share_token not in str(lines)


@pytest.mark.parametrize(
    "text", ["POST /lists/{}/ failed", "/es/lists/{}/?page=2", "next=%2Flists%2F{}%2F", "'/calendars/{}.ics'"]
)
def test_secrets_are_hidden_anywhere_in_a_line(text):
    token = new_token()
    assert without_secrets(text.format(token)) == text.format("…")


def test_the_database_holds_no_token_that_opens_anything(client, own):
    client.force_login(own.user)
    client.post(reverse("favorites-list-share", args=[own.pk]))
    client.post(reverse("favorites-calendar-new"))
    own.refresh_from_db()
    tokens = [own.share_token, subscribed(own.user)]
    client.post(reverse("favorites-list-delete", args=[own.pk]))
    for model in apps.get_models():
        for row in model._base_manager.values():
            assert not any(token in str(value) for token in tokens for value in row.values())


def test_after_a_new_secret_key_links_still_work_and_are_not_shown(client, own, settings):
    settings.SECRET_KEY = "another key"
    assert shared(Client(), own).status_code == 404
    assert Client().get(reverse("shared-list", args=["t" * 32])).status_code == 200
    client.force_login(own.user)
    page = client.get(reverse("favorites-lists")).content.decode()
    assert "It cannot be shown again." in page
    assert "Stop sharing" in page
    settings.SECRET_KEY_FALLBACKS = ["only-for-tests"]
    assert "t" * 32 in client.get(reverse("favorites-lists")).content.decode()


def subscribed(user):
    return CalendarAddress.objects.get(user=user).token


def test_a_calendar_is_subscribed_to_without_a_sign_in_and_revoked(client):
    home = FavoritesListFactory(user=UserFactory())
    other = FavoritesListFactory(user=home.user, name="Other")
    abstract = whole_abstract(title="On both")
    put(home, abstract, note="private")
    put(other, abstract, whole_abstract(title="On the other"))
    client.force_login(home.user)
    client.post(reverse("favorites-calendar-new"))
    token = subscribed(home.user)
    page = client.get(reverse("favorites-program")).content.decode()
    assert f'href="webcal://abstracts.example.org/calendars/{token}.ics"' in page
    assert f"https://abstracts.example.org/calendars/{token}.ics" in page
    response = Client().get(f"/calendars/{token}.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    calendar = rfc5545.read(response.content)
    assert {e.text("SUMMARY").partition(" ")[2] for e in rfc5545.events(calendar)} == {"On both", "On the other"}
    assert b"private" not in response.content
    client.post(reverse("favorites-calendar-new"))
    assert Client().get(f"/calendars/{token}.ics").status_code == 404
    token = subscribed(home.user)
    client.post(reverse("favorites-calendar-revoke"))
    assert Client().get(f"/calendars/{token}.ics").status_code == 404


@pytest.mark.parametrize("maker", [StaffFactory, press_reader])
def test_calendars_show_what_the_public_may_see_whoever_asks(client, maker):
    abstracts = (
        whole_abstract(embargoed=True, title="Ahead"),
        whole_abstract(shell=True, number="7", title="Shell"),
    )
    home = FavoritesListFactory(user=maker())
    put(home, *abstracts)
    client.force_login(home.user)
    client.post(reverse("favorites-calendar-new"))
    for path in (f"/calendars/{subscribed(home.user)}.ics", reverse("favorites-program-file")):
        (event,) = rfc5545.events(rfc5545.read(client.get(path).content))
        assert event.text("SUMMARY") == "Abstract 7"
    assert "Ahead" in client.get(reverse("favorites-program")).content.decode()


def test_calendars_of_closed_accounts_are_not_found(client):
    address = CalendarAddress.objects.create(user=UserFactory(is_active=False), token=new_token())
    assert client.get(f"/calendars/{address.token}.ics").status_code == 404


def test_a_file_without_an_account(client):
    abstract = whole_abstract()
    client.post(reverse("favorite-add"), {"abstract": abstract.key})
    response = client.get(reverse("favorites-program-file"))
    assert response["Content-Disposition"] == 'attachment; filename="my-program.ics"'
    assert len(rfc5545.events(rfc5545.read(response.content))) == 1
    assert rfc5545.events(rfc5545.read(Client().get(reverse("favorites-program-file")).content)) == []


def test_program_of_one_list(client):
    home = FavoritesListFactory(user=UserFactory())
    other = FavoritesListFactory(user=home.user, name="Other")
    put(home, whole_abstract(title="At home"))
    put(other, whole_abstract(title="Elsewhere"))
    client.force_login(home.user)
    content = client.get(reverse("favorites-program"), {"list": other.pk}).content.decode()
    assert "Elsewhere" in content
    assert "At home" not in content
    content = client.get(reverse("favorites-program")).content.decode()
    assert "Elsewhere" in content
    assert "At home" in content


def test_an_empty_program(client):
    assert b"show here by day and time" in client.get(reverse("favorites-program")).content
    assert not client.cookies


def test_clashes_are_marked(client):
    home = FavoritesListFactory(user=UserFactory())
    first, second = whole_abstract(), AbstractFactory()
    second.meeting, second.tier = first.meeting, first.tier
    second.save()
    from tests.factories import PresentationFactory

    where = SessionFactory(meeting=first.meeting, title="Plenary", start_time=dt.time(11), end_time=dt.time(13))
    PresentationFactory(abstract=second, session=where)
    put(home, first, second)
    client.force_login(home.user)
    assert client.get(reverse("favorites-program")).content.count(b"At the same time:") == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_program_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    home = FavoritesListFactory(user=UserFactory())
    put(home, *(whole_abstract() for _ in range(count)))
    client.force_login(home.user)
    with django_assert_num_queries(11):
        client.get(reverse("favorites-program"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_calendar_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    home = FavoritesListFactory(user=UserFactory())
    put(home, *(whole_abstract() for _ in range(count)))
    address = CalendarAddress.objects.create(user=home.user, token=new_token())
    with django_assert_num_queries(6):
        client.get(f"/calendars/{address.token}.ics")
