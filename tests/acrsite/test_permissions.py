"""That the sign-in backend, allauth's, leaves Django's permissions as they are."""

import pytest
from django.contrib.auth.models import Group, Permission

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def press():
    group = Group.objects.create(name="Invented press")
    group.permissions.add(Permission.objects.get(codename="lift_embargo"))
    return group


def test_a_group_gives_its_permissions(press):
    user = UserFactory()
    assert not user.has_perm("abstracts.lift_embargo")
    user.groups.add(press)
    user = type(user).objects.get(pk=user.pk)
    assert user.has_perm("abstracts.lift_embargo")


def test_an_account_that_was_closed_has_none(press):
    user = UserFactory(is_active=False)
    user.groups.add(press)
    assert not user.has_perm("abstracts.lift_embargo")
