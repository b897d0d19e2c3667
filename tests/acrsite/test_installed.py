"""The site as something installed: icons, manifest, worker, the page for want of a connection."""

import io
import json

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from abstracts.models import AbstractKeyword, ArchiveState, Presentation, Section
from tests.factories import (
    AbstractFactory,
    FavoriteFactory,
    FavoritesListFactory,
    PresentationFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def image_at(url: str) -> Image.Image:
    found = finders.find(url.removeprefix("/static/"))
    assert found, url
    with open(found, "rb") as file:
        return Image.open(io.BytesIO(file.read()))


def test_the_manifest_names_icons_that_are_there_in_their_sizes(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    manifest = json.loads(response.content)
    assert manifest["name"] == "ACR Meeting Abstracts"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "minimal-ui")
    bitmaps = [icon for icon in manifest["icons"] if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon["purpose"]) for icon in bitmaps} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in bitmaps:
        assert "{}x{}".format(*image_at(icon["src"]).size) == icon["sizes"]


def test_icons_are_where_browsers_look(client):
    page = client.get("/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert page.count('name="theme-color"') == 2
    assert image_at("/static/img/apple-touch-icon.png").size == (180, 180)
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert image_at(response["Location"]).info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_the_worker_is_a_script_from_the_root_that_the_policy_lets_work(client):
    response = client.get("/service-worker.js")
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert b'"/favorites/offline.json"' in response.content
    assert b'"/offline/"' in response.content
    assert "worker-src 'self'" in response["Content-Security-Policy"]
    assert not response.cookies


def starring(client, *abstracts, user=None):
    own = FavoritesListFactory(user=user)
    for abstract in abstracts:
        FavoriteFactory(list=own, abstract=abstract)
    if user:
        client.force_login(user, BACKEND)
    else:
        session = client.session
        session["favorites_list"] = own.pk
        session.save()
        client.cookies["sessionid"] = session.session_key
    return client


def kept(client) -> list[str]:
    response = client.get(reverse("favorites-offline"))
    assert response.status_code == 200
    assert "public" not in response["Cache-Control"]
    return [entry["url"] for entry in response.json()["abstracts"]]


@pytest.mark.parametrize("user", [None, UserFactory])
def test_the_list_of_what_is_kept_is_the_visitors_own(client, user):
    abstract, _ = AbstractFactory(), AbstractFactory()
    assert kept(starring(client, abstract, user=user and user())) == [abstract.get_absolute_url()]


def test_the_list_is_empty_without_favorites(client):
    AbstractFactory()
    assert kept(client) == []
    client.force_login(UserFactory(), BACKEND)
    assert kept(client) == []


@pytest.mark.parametrize("state", ["embargoed", "shell", "listing", "draft", "withdrawn"])
@pytest.mark.parametrize("user", [None, UserFactory, StaffFactory])
def test_what_the_public_may_not_read_whole_is_kept_by_nobody(client, state, user):
    assert kept(starring(client, AbstractFactory(**{state: True}), user=user and user())) == []


def state_of(client) -> str:
    return client.get(reverse("favorites-offline")).json()["state"]


def test_the_state_moves_with_what_is_stored(client):
    abstract = whole_abstract()
    starring(client, abstract)
    states = [state_of(client)]
    assert state_of(client) == states[0]
    abstract.title = "Another"
    abstract.save()
    states.append(state_of(client))
    Section.unfiltered.filter(abstract=abstract, label="Results").update(html="<p>Other results.</p>")
    states.append(state_of(client))
    starring(client, abstract, AbstractFactory())
    states.append(state_of(client))
    assert len(set(states)) == 4


def test_the_state_moves_with_the_day(client, clocks):
    starring(client, AbstractFactory())
    before = state_of(client)
    clocks.wait(86_400)
    assert state_of(client) != before


def test_a_change_that_the_visitor_may_not_see_moves_no_state(client):
    abstract = whole_abstract()
    hidden = whole_abstract(meeting=abstract.meeting, embargoed=True)
    session = Presentation.unfiltered.get(abstract=abstract).session
    starring(client, abstract)
    before, token = client.get(reverse("favorites-offline")).content, ArchiveState.current_mark().token
    hidden.title = "Another"
    hidden.save()
    Section.unfiltered.filter(abstract=hidden).update(html="<p>Other results.</p>")
    PresentationFactory(abstract=hidden, session=session)
    AbstractKeyword.unfiltered.filter(abstract=hidden).delete()
    AbstractFactory(meeting=abstract.meeting, draft=True)
    assert ArchiveState.current_mark().token != token
    assert client.get(reverse("favorites-offline")).content == before


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(client, count, django_assert_num_queries):
    starring(client, *(whole_abstract() for _ in range(count)))
    with django_assert_num_queries(9):
        assert len(kept(client)) == count
    with django_assert_num_queries(3):
        assert len(kept(client)) == count


def test_only_who_has_favorites_gets_a_worker(client):
    abstract = AbstractFactory()
    assert "data-worker" not in client.get("/").content.decode()
    assert (
        'data-worker="/service-worker.js" data-offline="/offline/"'
        in starring(client, abstract).get("/").content.decode()
    )


def test_the_page_for_want_of_a_connection_is_the_same_for_everybody(client):
    page = client.get("/offline/").content
    assert b'id="kept" class="plain-list" data-list="/favorites/offline.json"></ul>' in page
    assert client.get("/offline/")["Cache-Control"].startswith("public")
