"""Requests at the same time, each in its own connection. SQLite lets one write after the other by itself."""

import threading

import pytest
from django.db import connections

from accounts import favorites
from accounts.models import Favorite, FavoritesList
from tests.accounts.favorites.test_items import kept, visitor
from tests.factories import AbstractFactory, FavoritesListFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.several_connections]


def at_once(*works):
    """Runs all of `works` in threads that start together; what any of them raised."""
    start, raised = threading.Barrier(len(works)), []

    def run(work):
        try:
            start.wait(timeout=20)
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def test_a_double_click_saves_once():
    user, abstract = UserFactory(), AbstractFactory()
    assert at_once(*[lambda: favorites.add(visitor(user), abstract.pk)] * 6) == []
    assert kept() == [abstract.pk]
    assert FavoritesList.objects.count() == 1


def test_moving_twice_at_once_moves_once_and_is_undone_once():
    user, abstract = UserFactory(), AbstractFactory()
    guest = visitor(user)
    favorites.save_note(guest, None, abstract.pk, "note")
    own, other = favorites.home_of(guest), favorites.create_list(guest, "Other")
    assert at_once(*[lambda: favorites.move(visitor(user), own, [abstract.pk], other)] * 4) == []
    assert list(Favorite.unfiltered.values_list("list", "note")) == [(other.pk, "note")]
    assert at_once(*[lambda: favorites.restore(visitor(user))] * 4) == []
    assert list(Favorite.unfiltered.values_list("list", "note")) == [(own.pk, "note")]


def test_placing_at_once_loses_nothing():
    user = UserFactory()
    abstracts = [AbstractFactory().pk for _ in range(4)]
    for abstract in abstracts:
        favorites.add(visitor(user), abstract)
    own = favorites.home_of(visitor(user))
    works = [lambda pk=pk: favorites.place(visitor(user), own, pk, lambda now: 1) for pk in abstracts]
    assert at_once(*works) == []
    positions = Favorite.unfiltered.values_list("position", flat=True)
    assert sorted(positions) == [1, 2, 3, 4]


def test_signing_in_in_two_tabs_merges_once_while_a_star_is_clicked():
    user, anonymous = UserFactory(), FavoritesListFactory()
    first, second = AbstractFactory(), AbstractFactory()
    Favorite.unfiltered.create(list=anonymous, abstract=first, added_at=visitor().at, note="kept")
    merge = [lambda: favorites.merge(anonymous.pk, user)] * 3
    assert at_once(*merge, lambda: favorites.add(visitor(user), second.pk)) == []
    assert set(kept(list__user=user)) == {first.pk, second.pk}
    assert Favorite.unfiltered.get(abstract=first).note == "kept"


def test_lists_of_one_name_made_at_once_are_one():
    user = UserFactory()
    favorites.add(visitor(user), AbstractFactory().pk)
    raised = at_once(*[lambda: favorites.create_list(visitor(user), "Journal club")] * 4)
    assert all(isinstance(error, favorites.NameTaken) for error in raised)
    assert FavoritesList.objects.filter(user=user, name="Journal club").count() == 1
