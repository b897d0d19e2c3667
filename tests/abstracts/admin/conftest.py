"""Staff at the admin's door."""

import pytest
from django.contrib.auth.models import Group

from abstracts.models.groups import CURATORS
from tests import factories


@pytest.fixture
def boss(client, db):
    """A client signed in as a superuser."""
    client.force_login(factories.StaffFactory())
    return client


@pytest.fixture
def curator(client, db):
    """A client signed in as a curator."""
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=CURATORS))
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _own_uploads_folder(settings, tmp_path):
    settings.UPLOADS_ROOT = tmp_path / "uploads"
