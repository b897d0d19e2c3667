import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import EmbargoedRead, Favorite
from tests.accounts.personas import press_reader
from tests.factories import (
    LONG_AGO,
    AbstractFactory,
    FavoriteFactory,
    FavoritesListFactory,
    PresentationFactory,
    SessionFactory,
    StaffFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db

POSTED = ["favorite-add", "favorite-remove", "favorites-clear", "favorites-restore"]


def star(client, abstract, name="favorite-add", **kwargs):
    return client.post(reverse(name), {"abstract": abstract.key, "next": "/meetings/?q=a b"}, **kwargs)


def own_list(client, *abstracts):
    user = UserFactory()
    client.force_login(user)
    favorites = FavoritesListFactory(user=user)
    for abstract in abstracts:
        FavoriteFactory(list=favorites, abstract=abstract)
    return favorites


def test_one_click_without_script_and_back(client):
    abstract = AbstractFactory()
    response = star(client, abstract)
    assert (response.status_code, response.url) == (302, f"/meetings/?q=a%20b#favorite-{abstract.key}")
    content = client.get(reverse("favorites")).content.decode()
    assert abstract.title in content
    assert "Saved until you close this browser" in content


def test_no_cookie_before_the_first_favorite(client):
    client.get(reverse("favorites"))
    client.get(reverse("favorites-clear"))
    client.get(reverse("favorites-print"))
    star(client, AbstractFactory(), "favorite-remove")
    client.post(reverse("favorites-clear"))
    client.post(reverse("favorites-restore"))
    assert not client.cookies


def test_the_session_ends_with_the_browser(client):
    response = star(client, AbstractFactory())
    assert set(response.cookies) == {"sessionid"}
    assert response.cookies["sessionid"]["expires"] == ""
    assert response.cookies["sessionid"]["max-age"] == ""


def test_remove(client):
    abstract = AbstractFactory()
    star(client, abstract)
    star(client, abstract, "favorite-remove")
    assert "You have no favorites yet" in client.get(reverse("favorites")).content.decode()


def test_htmx_gets_the_button_and_the_count(client):
    abstract = AbstractFactory()
    content = star(client, abstract, headers={"hx-request": "true"}).content.decode()
    assert 'aria-pressed="true"' in content
    assert reverse("favorite-remove") in content
    assert 'name="next" value="/meetings/?q=a b"' in content
    assert 'id="favorites-count" data-hx-swap-oob="true">1<' in content
    content = star(client, abstract, "favorite-remove", headers={"hx-request": "true"}).content.decode()
    assert 'aria-pressed="false"' in content
    assert "<html" not in content


@pytest.mark.parametrize("name", ["favorite-add", "favorite-remove", "favorites-restore"])
def test_get_changes_nothing(client, name):
    assert client.get(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", POSTED)
@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example.com"}])
def test_foreign_pages_change_nothing(name, headers):
    client = Client(enforce_csrf_checks=True)
    favorites = own_list(client, AbstractFactory())
    response = star(client, AbstractFactory(), name, headers=headers)
    assert response.status_code == 403
    assert Favorite.unfiltered.filter(list=favorites).count() == 1


@pytest.mark.parametrize("name", ["favorite-add", "favorite-remove"])
@pytest.mark.parametrize("state", [{"embargoed": True}, {"draft": True}])
def test_hidden_abstracts_are_not_there(client, name, state):
    assert star(client, AbstractFactory(**state), name).status_code == 404
    assert Favorite.unfiltered.count() == 0
    assert not client.cookies


@pytest.mark.parametrize("pk", ["", "x", "-1", "0123456789ABCDEF", "99999999999999999999", "1\0"])
def test_tampered_posts_are_refused(client, pk):
    assert client.post(reverse("favorite-add"), {"abstract": pk}).status_code == 400


def test_unknown_abstracts_are_not_there(client):
    assert client.post(reverse("favorite-add"), {"abstract": "0" * 16}).status_code == 404


def test_the_number_of_an_older_page_is_not_found(client):
    """If it were, anybody could count the hidden abstracts between the public ones."""
    assert client.post(reverse("favorite-add"), {"abstract": AbstractFactory().pk}).status_code == 404


@pytest.mark.parametrize(
    "address", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:x", ""]
)
def test_redirects_stay_on_the_site(client, address):
    abstract = AbstractFactory()
    response = client.post(reverse("favorite-add"), {"abstract": abstract.key, "next": address})
    assert response.url == f"{reverse('favorites')}#favorite-{abstract.key}"


def test_shells_can_be_saved_and_show_as_shells(client):
    shell = AbstractFactory(shell=True, title="Secret title")
    star(client, shell)
    content = client.get(reverse("favorites")).content.decode()
    assert f"Abstract {shell.number}" in content
    assert "Secret title" not in content


def test_hidden_items_leave_page_print_and_count(client):
    own_list(client, AbstractFactory(), AbstractFactory(embargoed=True, title="Secret title"))
    for name in ("favorites", "favorites-print", "favorites-clear"):
        response = client.get(reverse(name))
        assert response.context["favorites"].count == 1
        assert b"Secret title" not in response.content
    assert b"Clear your 1 favorite?" in client.get(reverse("favorites-clear")).content


def test_order_by_meeting_session_time_and_number(client):
    older = AbstractFactory(number="1")
    late, early, first = (AbstractFactory(number=n) for n in ("5", "9", "7"))
    for abstract in (early, first):
        abstract.meeting, abstract.tier = late.meeting, late.tier
        abstract.save()
    for abstract, hour in ((late, 14), (early, 8), (first, 8)):
        session = SessionFactory(meeting=late.meeting, start_time=dt.time(hour), end_time=None)
        PresentationFactory(abstract=abstract, session=session)
    own_list(client, older, late, early, first)
    groups = client.get(reverse("favorites")).context["groups"]
    assert [[row.abstract.number for row in group.rows] for group in groups] == [["7", "9", "5"], ["1"]]


def test_order_by_date_added(client):
    first, second = AbstractFactory(), AbstractFactory()
    favorites = own_list(client)
    FavoriteFactory(list=favorites, abstract=second, added_at=LONG_AGO)
    FavoriteFactory(list=favorites, abstract=first, added_at=LONG_AGO + dt.timedelta(days=1))
    (group,) = client.get(reverse("favorites"), {"order": "added"}).context["groups"]
    assert [row.abstract.pk for row in group.rows] == [first.pk, second.pk]
    assert group.meeting is None


def test_unknown_order_is_refused(client):
    assert client.get(reverse("favorites"), {"order": "-pk"}).status_code == 400


def test_clear_asks_once_and_can_be_undone(client):
    abstract = AbstractFactory()
    star(client, abstract)
    star(client, AbstractFactory())
    assert b"Clear all 2 favorites?" in client.get(reverse("favorites-clear")).content
    assert client.post(reverse("favorites-clear")).url == reverse("favorites")
    content = client.get(reverse("favorites")).content.decode()
    assert "Undo" in content
    assert abstract.title not in content
    client.post(reverse("favorites-restore"))
    content = client.get(reverse("favorites")).content.decode()
    assert abstract.title in content
    assert "Undo" not in content


def test_the_list_is_the_same_on_every_device(client):
    abstract, user = AbstractFactory(), UserFactory()
    client.force_login(user)
    star(client, abstract)
    other = Client()
    other.force_login(user)
    content = other.get(reverse("favorites")).content.decode()
    assert abstract.title in content
    assert "until you close this browser" not in content


def test_others_lists_are_not_seen(client):
    theirs = FavoriteFactory(list__user=UserFactory())
    client.force_login(UserFactory())
    assert theirs.abstract.title not in client.get(reverse("favorites")).content.decode()


def test_print_shows_whole_abstracts_unpaginated(client):
    abstracts = [whole_abstract() for _ in range(3)]
    own_list(client, *abstracts)
    response = client.get(reverse("favorites-print"))
    content = response.content.decode()
    assert len(response.context["documents"]) == 3
    assert content.count("We counted invented patients.") == 12
    for abstract in abstracts:
        assert f'href="#abstract-{abstract.key}"' in content
        assert f'id="abstract-{abstract.key}"' in content


def test_empty_print(client):
    assert "You have no favorites" in client.get(reverse("favorites-print")).content.decode()


def test_print_holds_no_text_before_release(client):
    listing, shell = whole_abstract(listing=True, title="Listed title"), whole_abstract(shell=True, title="Shell title")
    own_list(client, listing, shell)
    content = client.get(reverse("favorites-print")).content.decode()
    assert "Listed title" in content
    assert "Shell title" not in content
    assert "We counted" not in content


def test_press_print_is_marked_logged_and_not_stored(client):
    embargoed, released = whole_abstract(embargoed=True), whole_abstract()
    user = press_reader()
    client.force_login(user)
    for abstract in (embargoed, released):
        FavoriteFactory(
            list=FavoritesListFactory(user=user) if abstract is embargoed else user.favorites_lists.get(),
            abstract=abstract,
        )
    response = client.get(reverse("favorites-print"))
    assert response.content.count(b"EMBARGOED UNTIL") >= 1
    assert response["Cache-Control"] == "private, no-store"
    read = EmbargoedRead.objects.get()
    assert (read.user, read.email, read.abstract_id) == (user, user.email, embargoed.pk)
    assert (read.role, read.kind, read.path) == ("press", "print", "/favorites/print/")


def test_the_list_itself_logs_nothing_and_marks_each(client):
    embargoed = whole_abstract(embargoed=True)
    user = press_reader()
    client.force_login(user)
    FavoriteFactory(list=FavoritesListFactory(user=user), abstract=embargoed)
    response = client.get(reverse("favorites"))
    assert b"EMBARGOED UNTIL" in response.content
    assert response["Cache-Control"] == "private, no-store"
    assert not EmbargoedRead.objects.exists()


def test_staff_print_is_logged(client):
    user = StaffFactory()
    client.force_login(user)
    FavoriteFactory(list=FavoritesListFactory(user=user), abstract=whole_abstract(embargoed=True))
    compact = client.get(reverse("favorites-print"), {"layout": "compact"})
    assert b"We counted" not in compact.content
    assert not EmbargoedRead.objects.exists()
    assert b"We counted" in client.get(reverse("favorites-print")).content
    assert EmbargoedRead.objects.get().role == "staff"


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    own_list(client, *(whole_abstract() for _ in range(count)))
    with django_assert_num_queries(13):
        client.get(reverse("favorites"))


@pytest.mark.parametrize("count", [1, 3])
def test_print_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    own_list(client, *(whole_abstract() for _ in range(count)))
    with django_assert_num_queries(13):
        client.get(reverse("favorites-print"))
