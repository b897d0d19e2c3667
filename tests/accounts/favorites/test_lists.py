"""Lists: notes, order, moving and copying, undoing, and joining at sign-in. Nothing is lost."""

import pytest
from django.db import IntegrityError, transaction

from accounts import favorites
from accounts.favorites.items import joined
from accounts.models import Favorite, FavoritesChange, FavoritesList
from tests.accounts.favorites.test_items import kept, visitor
from tests.factories import AbstractFactory, FavoriteFactory, FavoritesListFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    """A signed-in user with an empty home list."""
    user = UserFactory()
    FavoritesListFactory(user=user)
    return visitor(user)


def home(owner):
    return favorites.home_of(owner)


def put(own, *notes, **fields):
    """Abstracts on a list, one for each note."""
    return [FavoriteFactory(list=own, note=note, **fields).abstract_id for note in notes]


def notes(own):
    return dict(Favorite.unfiltered.filter(list=own).values_list("abstract_id", "note"))


def order(own):
    rows = Favorite.unfiltered.filter(list=own).order_by(*favorites.OWN_ORDER)
    return list(rows.values_list("abstract_id", flat=True))


def test_a_note_belongs_to_one_list(me):
    own, other = home(me), favorites.create_list(me, "Other")
    abstract = AbstractFactory()
    for each in (own, other):
        FavoriteFactory(list=each, abstract=abstract)
    favorites.save_note(me, own, abstract.pk, "mine")
    assert notes(own) == {abstract.pk: "mine"}
    assert notes(other) == {abstract.pk: ""}


def test_saving_a_note_after_the_session_ended_saves_the_abstract_too():
    guest, abstract = visitor(), AbstractFactory()
    favorites.save_note(guest, None, abstract.pk, "typed for long")
    assert notes(home(guest)) == {abstract.pk: "typed for long"}


def test_a_star_clicked_off_and_on_restores_note_and_place(me):
    own, other = home(me), favorites.create_list(me, "Other")
    first, second = put(own, "a", "b")
    FavoriteFactory(list=other, abstract_id=second, note="c")
    favorites.place(me, own, second, lambda now: 1)
    favorites.remove(me, second)
    assert not kept(abstract=second)
    favorites.add(me, second)
    assert (notes(own)[second], notes(other)[second]) == ("b", "c")
    assert order(own) == [second, first]
    assert favorites.last_change(own) is None
    assert set(kept(added_at=me.at)) == {second}


def test_a_favorite_of_any_list_is_not_added_to_another_by_a_star(me):
    other = favorites.create_list(me, "Other")
    (abstract,) = put(other, "")
    favorites.add(me, abstract)
    assert kept(abstract=abstract) == [abstract]
    assert favorites.Saved(me).ids == {abstract}


def test_order_is_that_of_adding_until_one_is_placed(me):
    own = home(me)
    first, second, third = put(own, "", "", "")
    assert order(own) == [first, second, third]
    assert favorites.place(me, own, third, lambda now: now - 1) == 2
    assert order(own) == [first, third, second]
    (new,) = put(own, "")
    assert order(own) == [first, third, second, new]


@pytest.mark.parametrize(("wanted", "place", "then"), [(-5, 1, "bac"), (1, 1, "bac"), (2, 2, "abc"), (99, 3, "acb")])
def test_places_beyond_the_ends_are_the_ends(me, wanted, place, then):
    own = home(me)
    letters = dict(zip("abc", put(own, "", "", ""), strict=True))
    assert favorites.place(me, own, letters["b"], lambda now: wanted) == place
    assert order(own) == [letters[letter] for letter in then]


def test_places_are_counted_in_what_is_seen_and_hidden_items_stay_where_they_are(me):
    own = home(me)
    first, last = put(own, "", "")
    hidden = FavoriteFactory(list=own, abstract=AbstractFactory(embargoed=True), note="secret").abstract_id
    (after,) = put(own, "")
    assert favorites.place(me, own, after, lambda now: now - 1) == 2
    assert order(own) == [first, after, last, hidden]
    assert favorites.place(me, own, hidden, lambda now: 1) is None
    assert notes(own)[hidden] == "secret"


def test_moving_takes_note_along_and_can_be_undone(me):
    own, other = home(me), favorites.create_list(me, "Other")
    moved, stays = put(own, "dose?", "")
    favorites.move(me, own, [moved], other)
    assert (notes(own), notes(other)) == ({stays: ""}, {moved: "dose?"})
    favorites.save_note(me, other, moved, "dose? yes")
    favorites.restore(me)
    favorites.restore(me)
    assert (notes(own), notes(other)) == ({stays: "", moved: "dose? yes"}, {})


def test_moving_to_where_it_is_already_joins_the_notes_and_is_undone(me):
    own, other = home(me), favorites.create_list(me, "Other")
    (abstract,) = put(own, "from here")
    FavoriteFactory(list=other, abstract_id=abstract, note="from there")
    favorites.move(me, own, [abstract], other)
    assert (notes(own), notes(other)) == ({}, {abstract: "from there\n\nfrom here"})
    favorites.restore(me)
    assert (notes(own), notes(other)) == ({abstract: "from here"}, {abstract: "from there"})


def test_moving_to_the_same_list_changes_nothing(me):
    own = home(me)
    (abstract,) = put(own, "note")
    favorites.move(me, own, [abstract], own)
    favorites.copy(me, own, [abstract], own)
    assert notes(own) == {abstract: "note"}
    assert not FavoritesChange.objects.exists()


def test_copying_leaves_both(me):
    own, other = home(me), favorites.create_list(me, "Other")
    (abstract,) = put(own, "note")
    for _ in range(2):
        favorites.copy(me, own, [abstract], other)
    assert notes(own) == notes(other) == {abstract: "note"}
    assert favorites.Saved(me).count == 1


def test_removing_from_a_list_leaves_the_others(me):
    own, other = home(me), favorites.create_list(me, "Other")
    (abstract,) = put(own, "note")
    favorites.copy(me, own, [abstract], other)
    favorites.remove_from(me, own, [abstract])
    assert (notes(own), notes(other)) == ({}, {abstract: "note"})
    favorites.restore(me)
    assert notes(own) == {abstract: "note"}


def test_undo_restores_a_deleted_list_with_items_and_link(me):
    own = favorites.create_list(me, "Journal club")
    favorites.share(me, own)
    first, second = put(own, "a", "b")
    hidden = FavoriteFactory(list=own, abstract=AbstractFactory(embargoed=True), note="c").abstract_id
    favorites.place(me, own, second, lambda now: 1)
    favorites.delete_list(me, own)
    assert not kept()
    favorites.restore(me)
    again = favorites.lists_of(me).get(name="Journal club")
    assert notes(again) == {first: "a", second: "b", hidden: "c"}
    assert order(again)[:2] == [second, first]
    assert again.share_token == own.share_token


def test_the_home_list_cannot_be_deleted(me):
    favorites.delete_list(me, home(me))
    assert home(me)


def test_each_of_the_last_changes_can_be_undone_by_its_number(me):
    own = home(me)
    first, second = put(own, "a", "b")
    favorites.remove(me, first)
    earlier = favorites.last_change(own)
    favorites.remove(me, second)
    assert favorites.restore(me, earlier.pk)
    assert notes(own) == {first: "a"}
    assert favorites.restore(me, earlier.pk) is None


def test_twenty_changes_can_be_undone(me):
    own = home(me)
    for abstract in put(own, *"x" * 22):
        favorites.remove(me, abstract)
    assert favorites.changes_of(own).count() == 20


def test_changes_of_others_are_not_undone(me):
    theirs = visitor(UserFactory())
    own = FavoritesListFactory(user_id=theirs.user_id)
    (abstract,) = put(own, "a")
    favorites.clear(theirs, own)
    change = favorites.last_change(own)
    assert favorites.restore(me, change.pk) is None
    assert not kept(abstract=abstract)


def test_undo_puts_items_of_a_deleted_list_on_the_home_list(me):
    own = favorites.create_list(me, "Short-lived")
    (abstract,) = put(own, "a")
    favorites.clear(me, own)
    change = favorites.last_change(home(me))
    favorites.delete_list(me, own)
    favorites.restore(me, change.pk)
    assert notes(home(me)) == {abstract: "a"}


def test_names_of_lists_are_unique_in_any_case(me):
    favorites.create_list(me, "Journal club")
    with pytest.raises(favorites.NameTaken):
        favorites.create_list(me, "journal CLUB")
    other = favorites.create_list(me, "Other")
    with pytest.raises(favorites.NameTaken):
        favorites.rename_list(me, other, "Journal club")
    favorites.rename_list(me, other, "OTHER")
    favorites.create_list(visitor(UserFactory()), "Journal club")


def test_lists_are_bounded(me, monkeypatch):
    monkeypatch.setattr("accounts.favorites.changing.MOST_LISTS", 2)
    favorites.create_list(me, "1")
    favorites.create_list(me, "2")
    with pytest.raises(favorites.TooManyLists):
        favorites.create_list(me, "3")


def test_lists_of_browser_sessions_have_neither_name_nor_link():
    for fields in ({"name": "x"}, {"share_token": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FavoritesList.objects.create(**fields)


def test_merge_keeps_notes_order_and_what_can_be_undone():
    user, guest = UserFactory(), visitor()
    both, mine, theirs, gone = (AbstractFactory() for _ in range(4))
    own = FavoritesListFactory(user=user)
    for position, (abstract, note) in enumerate(((mine, "m"), (both, "account")), 1):
        FavoriteFactory(list=own, abstract=abstract, note=note, position=position)
    for abstract in (theirs, both, gone):
        favorites.add(guest, abstract.pk)
    favorites.save_note(guest, None, both.pk, "session")
    favorites.save_note(guest, None, gone.pk, "taken off")
    favorites.remove(guest, gone.pk)
    favorites.merge(home(guest).pk, user)
    signed_in = visitor(user)
    assert notes(own) == {mine.pk: "m", both.pk: "account\n\nsession", theirs.pk: ""}
    assert order(own) == [mine.pk, both.pk, theirs.pk]
    favorites.restore(signed_in)
    assert notes(own)[gone.pk] == "taken off"


def test_merge_leaves_named_lists_alone(me):
    other = favorites.create_list(me, "Other")
    (abstract,) = put(other, "theirs")
    anonymous = FavoritesListFactory()
    FavoriteFactory(list=anonymous, abstract_id=abstract, note="new")
    favorites.merge(anonymous.pk, me.user_id)
    assert notes(other) == {abstract: "theirs"}
    assert notes(home(me)) == {abstract: "new"}


@pytest.mark.parametrize(
    ("note", "other", "both"),
    [("", "b", "b"), ("a", "", "a"), ("a", "a", "a"), ("ab", "b", "ab"), ("a", "b", "a\n\nb")],
)
def test_two_notes_in_one(note, other, both):
    assert joined(note, other) == both


def test_moving_to_a_list_deleted_in_another_tab_loses_nothing(me):
    own, other = home(me), favorites.create_list(me, "Other")
    (abstract,) = put(own, "note")
    FavoritesList.objects.filter(pk=other.pk).delete()
    favorites.move(me, own, [abstract], other)
    favorites.copy(me, own, [abstract], other)
    favorites.rename_list(me, other, "Back")
    favorites.share(me, other)
    favorites.save_note(me, other, abstract, "typed")
    assert notes(own) == {abstract: "typed"}
    assert list(favorites.lists_of(me)) == [own]
