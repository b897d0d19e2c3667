import pytest
from django.core.management import call_command

from accounts.models import FavoritesList
from tests.factories import LONG_AGO, FavoriteFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_it_deletes_and_says_how_many(capsys):
    FavoriteFactory()
    mine = FavoriteFactory(list__user=UserFactory()).list
    FavoritesList.objects.update(created_at=LONG_AGO)
    call_command("delete_abandoned_favorites")
    assert capsys.readouterr().out == "1 lists deleted.\n"
    assert list(FavoritesList.objects.all()) == [mine]
