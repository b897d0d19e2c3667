"""The list behind a request: whose it is, and that nothing done twice or at once does harm."""

import datetime as dt

import pytest
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from django.utils import timezone

from abstracts.visibility import ANONYMOUS
from accounts import favorites
from accounts.favorites.context import favorites as context
from accounts.models import Favorite, FavoritesList
from tests.factories import (
    LONG_AGO,
    AbstractFactory,
    FavoriteFactory,
    FavoritesListFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def visit(user=None, session=None):
    """A request of a browser with a session."""
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = "there"
    request.session = session or SessionStore()
    request.user = user or AnonymousUser()
    request.viewer, request.at = ANONYMOUS, timezone.now()
    return request


def visitor(user=None, session=None):
    """The owner of the favorites of such a browser."""
    return favorites.owner_of(visit(user, session))


def kept(**of):
    return list(Favorite.unfiltered.filter(**of).values_list("abstract_id", flat=True))


def test_without_a_session_there_is_nothing_and_nothing_is_asked(rf, django_assert_num_queries):
    request = rf.get("/")
    request.session = SessionStore()
    request.viewer, request.at = ANONYMOUS, timezone.now()
    with django_assert_num_queries(0):
        saved = context(request)["favorites"]
        assert (saved.count, saved.ids) == (0, frozenset())
    assert not request.session.accessed


def test_one_query_for_ids_and_count(django_assert_num_queries):
    request, abstract = visit(UserFactory()), AbstractFactory()
    favorites.add(favorites.owner_of(request), abstract.pk)
    with django_assert_num_queries(1):
        saved = context(request)["favorites"]
        assert (saved.count, saved.ids) == (1, {abstract.pk})


def test_adding_twice_is_once():
    owner, abstract = visitor(), AbstractFactory()
    favorites.add(owner, abstract.pk)
    favorites.add(owner, abstract.pk)
    assert kept() == [abstract.pk]
    assert FavoritesList.objects.count() == 1


def test_removing_twice_is_once_and_of_the_own_list_only():
    owner, abstract = visitor(), AbstractFactory()
    other = FavoriteFactory(abstract=abstract)
    favorites.add(owner, abstract.pk)
    favorites.remove(owner, abstract.pk)
    favorites.remove(owner, abstract.pk)
    assert kept() == kept(list=other.list) == [abstract.pk]


def test_hidden_items_leave_the_count_not_the_list():
    owner, abstract = visitor(), AbstractFactory(embargoed=True)
    favorites.add(owner, abstract.pk)
    assert favorites.Saved(owner).count == 0
    assert kept() == [abstract.pk]


def test_session_naming_a_list_of_a_user_reaches_nothing():
    theirs = FavoriteFactory(list__user=UserFactory())
    owner = visitor()
    owner.session[favorites.SESSION_KEY] = theirs.list_id
    assert favorites.Saved(owner).count == 0
    favorites.remove(owner, theirs.abstract_id)
    favorites.clear(owner, favorites.home_of(owner))
    assert kept() == [theirs.abstract_id]


def test_session_naming_a_list_that_is_gone_gets_a_new_one():
    owner, abstract = visitor(), AbstractFactory()
    owner.session[favorites.SESSION_KEY] = 999_999
    favorites.add(owner, abstract.pk)
    assert favorites.Saved(owner).ids == {abstract.pk}


def test_clear_is_undone_with_dates_and_hidden_items():
    own = FavoritesListFactory(user=UserFactory())
    owner = visitor(own.user)
    shown, hidden = FavoriteFactory(list=own), FavoriteFactory(list=own, abstract=AbstractFactory(embargoed=True))
    favorites.clear(owner, favorites.home_of(owner))
    assert kept() == []
    favorites.restore(owner)
    assert set(kept(added_at=LONG_AGO)) == {shown.abstract_id, hidden.abstract_id}


def test_clearing_twice_forgets_nothing():
    owner, abstract = visitor(), AbstractFactory()
    favorites.add(owner, abstract.pk)
    favorites.clear(owner, favorites.home_of(owner))
    favorites.clear(owner, favorites.home_of(owner))
    favorites.restore(owner)
    favorites.restore(owner)
    assert kept() == [abstract.pk]


def test_restoring_leaves_what_was_added_since_and_forgets_what_is_gone():
    owner, first, second, third = visitor(), AbstractFactory(), AbstractFactory(), AbstractFactory()
    favorites.add(owner, first.pk)
    favorites.add(owner, third.pk)
    favorites.clear(owner, favorites.home_of(owner))
    favorites.add(owner, second.pk)
    type(third).unfiltered.filter(pk=third.pk).delete()
    favorites.restore(owner)
    assert set(kept()) == {first.pk, second.pk}


def test_clearing_without_a_list():
    favorites.clear(visitor(), None)
    favorites.restore(visitor())
    assert FavoritesList.objects.count() == 0


def test_merge_is_the_union_with_the_earlier_dates():
    user, late = UserFactory(), LONG_AGO + dt.timedelta(days=1)
    own, anonymous = FavoritesListFactory(user=user), FavoritesListFactory()
    both, either = AbstractFactory(), AbstractFactory()
    FavoriteFactory(list=own, abstract=both, added_at=late)
    FavoriteFactory(list=own, abstract=either, added_at=LONG_AGO)
    FavoriteFactory(list=anonymous, abstract=both, added_at=LONG_AGO)
    FavoriteFactory(list=anonymous, abstract=either, added_at=late)
    new = FavoriteFactory(list=anonymous, added_at=late).abstract
    for _ in range(2):
        favorites.merge(anonymous.pk, user)
    assert dict(Favorite.unfiltered.values_list("abstract_id", "added_at")) == {
        both.pk: LONG_AGO,
        either.pk: LONG_AGO,
        new.pk: late,
    }
    assert list(FavoritesList.objects.all()) == [own]


def test_merge_never_takes_the_list_of_another_user():
    theirs = FavoriteFactory(list__user=UserFactory())
    favorites.merge(theirs.list_id, UserFactory())
    assert kept(list=theirs.list) == [theirs.abstract_id]


def test_signing_in_merges_and_signing_out_leaves_it_to_the_account():
    user, session, abstract = UserFactory(), SessionStore(), AbstractFactory()
    favorites.add(visitor(session=session), abstract.pk)
    request = visit(session=session)
    login(request, user, "allauth.account.auth_backends.AuthenticationBackend")
    assert favorites.SESSION_KEY not in request.session
    assert kept(list__user=user) == [abstract.pk]
    assert favorites.Saved(visitor(user)).ids == {abstract.pk}
    assert favorites.Saved(visitor()).count == 0


def test_abandoned_lists_go_and_others_stay(settings):
    age, now = dt.timedelta(seconds=settings.SESSION_COOKIE_AGE + 1), timezone.now()
    abandoned, fresh, mine = FavoritesListFactory(), FavoritesListFactory(), FavoritesListFactory(user=UserFactory())
    FavoriteFactory(list=abandoned, added_at=now - age)
    FavoriteFactory(list=fresh, added_at=now)
    FavoritesList.objects.update(created_at=now - age)
    new = FavoritesListFactory()
    assert favorites.delete_abandoned(now) == 1
    assert set(FavoritesList.objects.all()) == {fresh, mine, new}
