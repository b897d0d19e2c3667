"""Sessions: listed, and ended from elsewhere."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from tests.accounts.signing_in import confirmed, signed_in

pytestmark = pytest.mark.django_db

LIST = "usersessions_list"


def test_it_lists_the_own_sessions():
    user = confirmed()
    signed_in(user, **{"user-agent": "Pocket/1"})
    signed_in(confirmed(), **{"user-agent": "Stranger/1"})
    page = signed_in(user, **{"user-agent": "Desk/1"}).get(reverse(LIST)).content.decode()
    assert "Pocket/1" in page
    assert "Desk/1" in page
    assert "Stranger/1" not in page
    assert page.count("/end/") == 1


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.1 Mobile/15E148 Safari/604.1",
            "Mobile Safari on iOS",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Desk/1 <b>", "Desk/1 &lt;b&gt;"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_named_as_people_call_them(said, name):
    page = signed_in(confirmed(), **{"user-agent": said}).get(reverse(LIST)).text
    assert f'<span class="browser">{name}</span>' in page


def test_one_is_ended():
    user = confirmed()
    pocket, desk = signed_in(user), signed_in(user)
    session = UserSession.objects.get(session_key=pocket.session.session_key)
    assert desk.post(reverse("account_session_end", args=[session.pk])).url == reverse(LIST)
    assert pocket.get(reverse("account_overview")).status_code == 302
    assert desk.get(reverse("account_overview")).status_code == 200


def test_ending_the_own_is_signing_out():
    client = signed_in(confirmed())
    session = UserSession.objects.get()
    assert client.post(reverse("account_session_end", args=[session.pk])).url == reverse("home")
    assert client.get(reverse("account_overview")).status_code == 302


def test_all_others_are_ended():
    user = confirmed()
    pocket, desk = signed_in(user), signed_in(user)
    desk.post(reverse(LIST))
    assert pocket.get(reverse("account_overview")).status_code == 302
    assert desk.get(reverse("account_overview")).status_code == 200


def test_it_checks_access():
    signed_in(confirmed())
    other = UserSession.objects.get()
    url = reverse("account_session_end", args=[other.pk])
    assert signed_in(confirmed()).post(url).status_code == 404
    assert Client().post(url).url.startswith(reverse("account_login"))
    assert UserSession.objects.filter(pk=other.pk).exists()
    assert signed_in(confirmed()).get(url).status_code == 405


def test_a_changed_password_ends_other_sessions():
    user = confirmed()
    pocket, desk = signed_in(user), signed_in(user)
    fields = {"oldpassword": "sesame-open-42", "password1": "another-secret-7", "password2": "another-secret-7"}
    desk.post(reverse("account_change_password"), fields)
    assert pocket.get(reverse("account_overview")).status_code == 302
    assert desk.get(reverse("account_overview")).status_code == 200
