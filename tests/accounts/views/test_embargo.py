import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import EmbargoedRead
from tests.accounts.personas import accredited
from tests.factories import LONG_AGO, MeetingFactory, StaffFactory, UserFactory, whole_abstract

pytestmark = pytest.mark.django_db

TERMS = "/accounts/embargo-terms/"


@pytest.fixture
def client():
    return Client()


def test_it_is_behind_sign_in(client):
    assert client.get(TERMS).url == f"{reverse('account_login')}?next={TERMS}"


@pytest.mark.parametrize("factory", [UserFactory, StaffFactory])
def test_terms_are_404_for_others(client, factory):
    client.force_login(factory())
    assert client.get(TERMS).status_code == client.post(TERMS).status_code == 404


def test_it_shows_the_terms_and_the_policies(client):
    meeting = MeetingFactory(embargo_policy="<p>Keep it.</p>")
    MeetingFactory(embargo_policy="<p>Keep it.</p>", is_published=False, name="Secret Meeting")
    client.force_login(accredited())
    content = client.get(TERMS).content.decode()
    assert reverse("embargo-policy", args=[meeting.slug]) in content
    assert "Secret Meeting" not in content
    assert "I accept these terms" in content


def test_nothing_is_seen_ahead_before_accepting(client):
    abstract = whole_abstract(embargoed=True)
    client.force_login(accredited())
    assert client.get(abstract.get_absolute_url()).status_code == 404
    response = client.post(TERMS, {"next": abstract.get_absolute_url()})
    assert response.url == abstract.get_absolute_url()
    response = client.get(abstract.get_absolute_url())
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert b"EMBARGOED UNTIL" in response.content
    assert list(EmbargoedRead.objects.values_list("abstract_id", flat=True)) == [abstract.pk]


def test_accepting_again_changes_nothing(client):
    user = accredited(embargo_terms_accepted_at=LONG_AGO)
    client.force_login(user)
    assert b"You accepted these terms" in client.get(TERMS).content
    client.post(TERMS)
    user.refresh_from_db()
    assert user.embargo_terms_accepted_at == LONG_AGO


@pytest.mark.parametrize("address", ["https://evil.example.com", "//evil.example.com"])
def test_redirects_stay_on_the_site(client, address):
    client.force_login(accredited())
    assert client.post(TERMS, {"next": address}).url == reverse("favorites")
    # But for the same page in the other language, which asks for the same.
    page = re.sub(rb'<a href="[^"]*" hreflang=.*?>', b"", client.get(TERMS, {"next": address}).content)
    assert b"evil" not in page
