import pytest
from django.test import Client


@pytest.fixture
def client():
    """A browser on the site: it says where its requests come from, and checks of CSRF tokens are on."""
    return Client(headers={"sec-fetch-site": "same-origin"}, enforce_csrf_checks=True)
