"""The pages of lists: organizing, notes, names, links."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Favorite, FavoritesList
from tests.accounts.personas import press_reader
from tests.factories import (
    AbstractFactory,
    AbstractKeywordFactory,
    AuthorLineFactory,
    FavoriteFactory,
    FavoritesListFactory,
    UserFactory,
    whole_abstract,
)

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def home(client):
    """The home list of a signed-in user."""
    user = UserFactory()
    client.force_login(user)
    return FavoritesListFactory(user=user)


def named(home, name="Journal club"):
    return FavoritesListFactory(user=home.user, name=name)


def put(own, count=1, **fields):
    return [FavoriteFactory(list=own, **fields).abstract for _ in range(count)]


def page(client, **query):
    return client.get(reverse("favorites"), query)


def shown(response):
    return {row.abstract.pk for row in response.context["rows"]}


def test_a_reader_with_one_list_sees_no_other(client, home):
    put(home)
    content = page(client).content.decode()
    assert "Your lists" not in content
    assert "Find in this list" not in content


def test_each_list_has_its_page(client, home):
    other = named(home)
    (here,), (there,) = put(home), put(other)
    assert shown(page(client)) == {here.pk}
    assert shown(page(client, list=other.pk)) == {there.pk}
    assert page(client).context["favorites"].count == 2


def test_lists_of_others_are_not_found(client, home):
    theirs = named(FavoritesListFactory(user=UserFactory()))
    put(theirs)
    for name in ("favorites", "favorites-print", "favorites-clear", "favorites-program", "favorites-program-file"):
        assert client.get(reverse(name), {"list": theirs.pk}).status_code == 404, name
    for name in ("rename", "delete", "share", "stop-sharing"):
        data = {"name": "Mine"} if name == "rename" else {}
        assert client.post(reverse(f"favorites-list-{name}", args=[theirs.pk]), data).status_code == 404, name
    assert client.post(reverse("favorites-place"), {"list": theirs.pk, "abstract": 1, "to": "up"}).status_code == 404
    data = {"list": theirs.pk, "abstract": [1], "action": "remove"}
    assert client.post(reverse("favorites-arrange"), data).status_code == 404
    theirs.refresh_from_db()
    assert theirs.share_digest is None
    assert Favorite.unfiltered.filter(list=theirs).count() == 1


def test_moving_to_a_list_of_another_is_refused(client, home):
    (abstract,) = put(home)
    theirs = named(FavoritesListFactory(user=UserFactory()))
    data = {"abstract": [abstract.key], "action": "move", "to": theirs.pk}
    assert client.post(reverse("favorites-arrange"), data).status_code == 404
    assert Favorite.unfiltered.get().list == home


ANONYMOUS_POSTS = [
    "favorites-list-new", "favorites-list-rename", "favorites-list-delete", "favorites-list-share",
    "favorites-list-stop-sharing", "favorites-calendar-new", "favorites-calendar-revoke",
]  # fmt: skip


@pytest.mark.parametrize("name", ANONYMOUS_POSTS)
def test_lists_and_links_ask_for_a_sign_in(client, name):
    args = [1] if "-list-" in name and name != "favorites-list-new" else []
    response = client.post(reverse(name, args=args), {"name": "x"})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=%2Ffavorites%2F")


FOREIGN = [*ANONYMOUS_POSTS, "favorites-note", "favorites-place", "favorites-arrange"]


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_pages_change_nothing(client, home, name):
    own = named(home)
    args = [own.pk] if "-list-" in name and name != "favorites-list-new" else []
    response = client.post(reverse(name, args=args), {"name": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    assert client.get(reverse("favorites-note")).status_code == 405


def test_note_without_script_and_back(client, home):
    (abstract,) = put(home)
    data = {"abstract": abstract.key, "note": "Ask <about> dose", "next": "/favorites/?order=own"}
    response = client.post(reverse("favorites-note"), data)
    assert response.url == f"/favorites/?order=own#note-{abstract.key}"
    assert "Ask &lt;about&gt; dose" in page(client).content.decode()


def test_note_with_htmx_is_swapped_said_and_keeps_the_focus(client, home):
    (abstract,) = put(home)
    data = {"abstract": abstract.key, "note": "Ask", "next": "/favorites/"}
    content = client.post(reverse("favorites-note"), data, headers=HTMX).content.decode()
    assert f'id="note-{abstract.key}"' in content
    assert "<summary autofocus>" in content
    assert 'id="said" data-hx-swap-oob="innerHTML">Note saved.' in content
    assert "<html" not in content


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_too_long_note_shows_the_form_with_the_text(client, home, headers):
    (abstract,) = put(home)
    note = "long " * 1000
    content = client.post(reverse("favorites-note"), {"abstract": abstract.key, "note": note}, headers=headers).content
    assert note.encode() in content
    assert b"at most 4000" in content
    assert Favorite.unfiltered.get().note == ""


def test_a_note_of_a_visitor_without_an_account(client):
    abstract = AbstractFactory()
    client.post(reverse("favorite-add"), {"abstract": abstract.key})
    client.post(reverse("favorites-note"), {"abstract": abstract.key, "note": "mine"})
    assert b"mine" in page(client).content
    assert b"mine" not in page(Client()).content


def test_the_note_of_a_hidden_abstract_stays_and_is_not_shown(client, home):
    hidden = AbstractFactory(embargoed=True)
    FavoriteFactory(list=home, abstract=hidden, note="secret")
    assert b"secret" not in page(client).content
    assert client.post(reverse("favorites-note"), {"abstract": hidden.key, "note": ""}).status_code == 404
    assert Favorite.unfiltered.get().note == "secret"


def test_moved_up_without_script(client, home):
    first, second = put(home, 2)
    response = client.post(reverse("favorites-place"), {"abstract": second.key, "to": "up"})
    assert response.url == f"/favorites/?organize=1#row-{second.key}"
    rows = page(client, order="own").context["rows"]
    assert [row.abstract.pk for row in rows] == [second.pk, first.pk]


def test_moving_with_htmx_announces_the_new_place(client, home):
    first, _, third = put(home, 3)
    data = {"abstract": first.key, "to": "position", "position": 3}
    response = client.post(reverse("favorites-place"), data, headers=HTMX)
    content = response.content.decode()
    assert "Moved to place 3 of 3." in content
    assert [row.abstract.pk for row in response.context["rows"]][-1] == first.pk
    assert f'id="up-{third.key}"' in content
    assert "<html" not in content


@pytest.mark.parametrize("position", ["0", "x", "9" * 20])
def test_a_wrong_place_is_a_message(client, home, position):
    first, second = put(home, 2)
    data = {"abstract": first.key, "to": "position", "position": position}
    response = client.post(reverse("favorites-place"), data, follow=True)
    assert b'class="notice error"' in response.content
    assert [row.abstract.pk for row in response.context["rows"]] == [first.pk, second.pk]


@pytest.mark.parametrize("data", [{}, {"abstract": "x", "to": "up"}, {"abstract": 1, "to": "left"}])
def test_tampered_places_are_refused(client, home, data):
    assert client.post(reverse("favorites-place"), data).status_code == 400


@pytest.mark.parametrize(
    "data", [{}, {"action": "burn"}, {"action": "remove", "abstract": ["1; DROP"]}, {"action": "move", "to": "-1"}]
)
def test_tampered_arrangements_are_refused(client, home, data):
    assert client.post(reverse("favorites-arrange"), data).status_code == 400


def test_several_are_moved_and_copied_at_once(client, home):
    other = named(home)
    first, second, third = put(home, 3)
    address = reverse("favorites-arrange")
    client.post(address, {"abstract": [first.key, second.key], "action": "move", "to": other.pk})
    client.post(address, {"abstract": [third.key], "action": "copy", "to": other.pk})
    response = page(client)
    assert shown(response) == {third.pk}
    assert "2 abstracts moved to “Journal club”." in response.content.decode()
    assert "1 abstract copied to “Journal club”." in response.content.decode()
    assert shown(page(client, list=other.pk)) == {first.pk, second.pk, third.pk}


def test_removed_can_be_undone(client, home):
    first, second = put(home, 2)
    client.post(reverse("favorites-arrange"), {"abstract": [first.key], "action": "remove"})
    response = page(client)
    assert shown(response) == {second.pk}
    change = response.context["undo"]
    back = client.post(reverse("favorites-restore"), {"change": change.pk, "next": "/favorites/?order=own"})
    assert back.url == "/favorites/?order=own"
    assert shown(page(client)) == {first.pk, second.pk}


@pytest.mark.parametrize("data", [{"action": "remove"}, {"action": "move", "abstract": [1]}])
def test_nothing_checked_or_no_list_chosen_shows_a_message(client, home, data):
    put(home)
    response = client.post(reverse("favorites-arrange"), data, follow=True)
    assert b"Check the abstracts first." in response.content or b"Choose the list first." in response.content


@pytest.mark.parametrize(
    ("words", "found"),
    [("tapering", "titled"), ("TAPERING dose", "titled"), ("rüdiger", "byauthor"), ("uveitis", "keyword"),
     ("L17", "numbered"), ("ask carol", "noted"), ("tapering uveitis", "")],
)  # fmt: skip
def test_finding_in_a_list(client, home, words, found):
    kinds = {
        "titled": AbstractFactory(title="Tapering <i>of</i> a dose"),
        "byauthor": AuthorLineFactory(name="Ada Rüdiger").abstract,
        "keyword": AbstractKeywordFactory(label="Uveitis").abstract,
        "numbered": AbstractFactory(number="L17", title="x"),
        "noted": AbstractFactory(title="y"),
    }
    type(kinds["titled"]).unfiltered.exclude(pk=kinds["titled"].pk).update(title_text="other")
    for kind, abstract in kinds.items():
        FavoriteFactory(list=home, abstract=abstract, note="Ask Carol" if kind == "noted" else "")
    assert shown(page(client, q=words)) == ({kinds[found].pk} if found else set())


def test_finding_in_a_list_ignores_hidden_text(client, home):
    shell = whole_abstract(shell=True, title="Secret tapering")
    FavoriteFactory(list=home, abstract=shell)
    FavoriteFactory(list=home, abstract=AbstractFactory(embargoed=True, title="Hidden tapering"))
    assert shown(page(client, q="tapering")) == set()
    assert shown(page(client, q=shell.number)) == {shell.pk}


def test_by_meeting(client, home):
    first, second = put(home, 2)
    response = page(client, meeting=second.meeting.slug)
    assert shown(response) == {second.pk}
    assert shown(page(client, meeting="no-such-meeting")) == set()
    assert b"Nothing on this list fits." in page(client, q="zzz").content
    assert {first.meeting, second.meeting} == set(response.context["meetings"])


@pytest.mark.parametrize(
    "query", [{"list": "x"}, {"list": "0"}, {"order": "-pk"}, {"meeting": "a b"}, {"organize": "1", "page": "x"}]
)
def test_tampered_addresses_are_400(client, home, query):
    assert page(client, **query).status_code == 400


def test_overlong_words_show_the_form_again_with_a_message(client, home):
    items = put(home, 2)
    response = page(client, q="x" * 201)
    content = response.content.decode()
    assert "at most 200 characters" in content
    assert "x" * 201 in content
    assert shown(response) == {item.pk for item in items}


def test_control_characters_in_words_are_removed(client, home):
    put(home, 1, abstract__title="A Gouty Title")
    assert len(shown(page(client, q="gou\0ty\x0b"))) == 1


@pytest.mark.parametrize("name", ["favorites-print", "favorites-export"])
def test_overlong_words_are_400_where_no_form_is_shown(client, home, name):
    args = ["ris"] if name == "favorites-export" else []
    assert client.get(reverse(name, args=args), {"q": "x" * 201}).status_code == 400


def test_a_list_is_made_renamed_and_deleted_and_brought_back(client, home):
    client.post(reverse("favorites-list-new"), {"name": " Journal <club> "})
    own = FavoritesList.objects.get(name="Journal <club>")
    client.post(reverse("favorites-list-rename", args=[own.pk]), {"name": "Vasculitis"})
    (abstract,) = put(own, note="kept")
    address = reverse("favorites-list-delete", args=[own.pk])
    assert "Delete the list “Vasculitis”?" in client.get(address).content.decode()
    client.post(address)
    content = client.get(reverse("favorites-lists")).content.decode()
    assert "The list “Vasculitis” was deleted." in content
    client.post(reverse("favorites-restore"), {})
    again = FavoritesList.objects.get(name="Vasculitis")
    assert shown(page(client, list=again.pk)) == {abstract.pk}


@pytest.mark.parametrize(
    ("name", "said"), [("", "required"), ("x" * 81, "at most 80"), ("JOURNAL club", "of that name")]
)
def test_invalid_list_name_shows_the_form_with_the_reason(client, home, name, said):
    named(home)
    own = named(home, "Other")
    for address in (reverse("favorites-list-new"), reverse("favorites-list-rename", args=[own.pk])):
        response = client.post(address, {"name": name})
        assert response.status_code == 200
        assert said in response.content.decode()
    assert FavoritesList.objects.count() == 3


def test_the_home_list_is_neither_renamed_nor_deleted(client, home):
    assert client.post(reverse("favorites-list-rename", args=[home.pk]), {"name": "x"}).status_code == 404
    assert client.post(reverse("favorites-list-delete", args=[home.pk])).status_code == 404


def test_visitors_see_what_an_account_offers(client):
    content = client.get(reverse("favorites-lists")).content.decode()
    assert "need an account" in content
    assert "/accounts/login/?next=/favorites/lists/" in content
    assert not client.cookies


def test_undo_is_offered_for_an_hour_and_longer_on_the_page_of_lists(client, home, monkeypatch):
    (abstract,) = put(home)
    client.post(reverse("favorite-remove"), {"abstract": abstract.key})
    assert page(client).context["undo"]
    from django.utils import timezone

    later = timezone.now() + dt.timedelta(hours=2)
    monkeypatch.setattr("acrsite.middleware.clock.now", lambda: later)
    assert not page(client).context["undo"]
    assert b"Undo" in client.get(reverse("favorites-lists")).content


def test_organizing_shows_ahead_of_release_under_its_banner(client):
    abstract = whole_abstract(embargoed=True)
    user = press_reader()
    client.force_login(user)
    FavoriteFactory(list=FavoritesListFactory(user=user), abstract=abstract)
    response = page(client, organize=1)
    assert b"under embargo" in response.content
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_organizing_takes_a_fixed_number_of_queries(client, home, count, django_assert_num_queries):
    for _ in range(count):
        FavoriteFactory(list=home, abstract=whole_abstract())
        named(home, f"List {count} {_}")
    with django_assert_num_queries(13):
        page(client, organize=1)


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_a_fixed_number_of_queries(client, home, count, django_assert_num_queries):
    for number in range(count):
        put(named(home, f"List {number}"))
    with django_assert_num_queries(8):
        client.get(reverse("favorites-lists"))
