"""Citations are kept, for who may see as much."""

import pytest
from django.test import Client

from abstracts.visibility import Level
from tests.factories import StaffFactory, TierFactory, whole_abstract

pytestmark = pytest.mark.django_db


def test_citations_that_staff_looked_at_show_the_public_no_author_of_a_title():
    tier = TierFactory(release_date="2099-01-01", listing_level=Level.TITLED)
    abstract = whole_abstract(meeting=tier.meeting, tier=tier)
    staff = Client()
    staff.force_login(StaffFactory(), "allauth.account.auth_backends.AuthenticationBackend")
    url = f"/abstract/{abstract.slug}/citations/"
    assert b"Vancouver" in staff.get(url).content
    assert "Rüdiger" in staff.get(url).content.decode()
    page = Client().get(url).content.decode()
    assert abstract.title_text in page
    assert "Rüdiger" not in page
    assert "Rüdiger" in staff.get(url).content.decode()
