"""Sign-in with ORCID, where it is configured. ORCID itself is played by a session that answers from here."""

import json

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.people import orcid_sign_in
from tests.accounts.signing_in import confirmed, shown_again, signed_in

pytestmark = pytest.mark.django_db

IDENTIFIER = "0000-0002-1825-0097"
RECORD = {
    "orcid-identifier": {"path": IDENTIFIER, "uri": f"https://orcid.org/{IDENTIFIER}"},
    "person": {
        "name": {"given-names": {"value": "Josefa"}, "family-name": {"value": "Invented"}},
        "biography": {"content": "a whole life"},
    },
}


class Answers:
    """Stands for requests.Session: answers ORCID's two addresses."""

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def request(self, method, url, **kwargs):
        assert url == "https://pub.orcid.org/oauth/token"
        return Answer({"access_token": "secret-token", "token_type": "bearer", "orcid": IDENTIFIER})

    def get(self, url, **kwargs):
        assert url == f"https://pub.orcid.org/v3.0/{IDENTIFIER}/record"
        return Answer(RECORD)


class Answer:
    status_code = 200
    headers = {"content-type": "application/json"}

    def __init__(self, value):
        self.value, self.text = value, json.dumps(value)

    def json(self):
        return self.value

    def raise_for_status(self):
        pass


@pytest.fixture
def configured(settings, monkeypatch):
    settings.SOCIALACCOUNT_PROVIDERS = {"orcid": {"APPS": [{"client_id": "APP-1", "secret": "s"}]}}
    monkeypatch.setattr(orcid_sign_in.OrcidAdapter, "get_requests_session", lambda self: Answers())


def come_back(client: Client, process: str = "login"):
    """The way to ORCID and back: what the callback answers."""
    response = client.post(f"{reverse('orcid_login')}?process={process}")
    assert response.url.startswith("https://orcid.org/oauth/authorize?")
    state = response.url.partition("state=")[2].partition("&")[0]
    return client.get(reverse("orcid_callback"), {"code": "x", "state": state})


def test_without_configuration_no_page_mentions_orcid():
    assert b"ORCID" not in Client().get(reverse("account_login")).content
    assert b"with ORCID" not in signed_in(confirmed()).get(reverse("account_overview")).content
    for name in ("orcid_login", "orcid_callback"):
        assert Client().get(reverse(name)).status_code == 404
        assert Client().post(reverse(name)).status_code == 404


def test_the_button_is_a_form_and_leads_to_orcid(configured):
    page = Client().get(reverse("account_login")).content.decode()
    assert "Use ORCID" in page
    assert f'action="{reverse("orcid_login")}' in page


def test_first_orcid_sign_in_asks_for_and_confirms_an_address(configured):
    client = Client()
    assert come_back(client).url == reverse("socialaccount_signup")
    assert '<header class="site-header">' in client.get(reverse("socialaccount_signup")).content.decode()
    response = client.post(reverse("socialaccount_signup"), {"email": "josefa@example.org"})
    assert response.url == reverse("account_email_verification_sent")
    user = User.objects.get(email="josefa@example.org")
    assert (user.first_name, user.last_name, user.orcid) == ("Josefa", "Invented", IDENTIFIER)
    assert not user.has_usable_password()
    assert mail.outbox[-1].to == ["josefa@example.org"]
    assert client.get(reverse("account_overview")).status_code == 302


def test_only_the_identifier_of_the_orcid_record_is_stored(configured):
    client = shown_again(signed_in(confirmed()))
    come_back(client, "connect")
    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == (IDENTIFIER, {})
    come_back(Client())
    assert SocialAccount.objects.get().extra_data == {}


def test_connected_it_signs_in(configured):
    user = confirmed()
    come_back(shown_again(signed_in(user)), "connect")
    client = Client()
    assert come_back(client).url == reverse("favorites")
    assert user.email in client.get(reverse("account_overview")).content.decode()


def test_somebody_elses_address_is_not_taken_over(configured):
    other = confirmed()
    client = Client()
    come_back(client)
    client.post(reverse("socialaccount_signup"), {"email": other.email})
    assert not SocialAccount.objects.filter(user=other).exists()
    assert client.get(reverse("account_overview")).status_code == 302


def test_forged_orcid_callback_shows_the_site_error_page(configured):
    response = Client().get(reverse("orcid_callback"), {"code": "x", "state": "nonsense"})
    assert response.status_code in (200, 401, 403)
    assert '<header class="site-header">' in response.content.decode()
