"""Second factors, and what staff may not do without one."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.people.second_factor import SecondFactorAdapter
from tests.accounts.personas import press_reader
from tests.accounts.signing_in import PASSWORD, code_of, confirmed, set_up_app, signed_in
from tests.factories import AbstractFactory, StaffFactory

pytestmark = pytest.mark.django_db

# A page of each kind that only staff see, the import among them.
STAFF_PAGES = [
    "admin:index",
    "admin:abstracts_abstract_changelist",
    "admin:abstracts_import",
    "admin:accounts_user_changelist",
]


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


def test_an_app_is_asked_for_at_sign_in():
    user = confirmed()
    secret = set_up_app(signed_in(user))
    assert "Authenticator app activated" in mail.outbox[-1].body
    client = Client()
    fields = {"login": user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), fields).url == reverse("mfa_authenticate")
    assert client.get(reverse("account_overview")).status_code == 302
    assert b"Incorrect code" in client.post(reverse("mfa_authenticate"), {"code": "x"}).content
    code = code_of(secret, 1)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get(reverse("account_overview")).status_code == 200
    # A code is spent once it was used.
    client = Client()
    client.post(reverse("account_login"), fields)
    assert b"Incorrect code" in client.post(reverse("mfa_authenticate"), {"code": code}).content


def test_a_recovery_code_works_once():
    user = confirmed()
    set_up_app(signed_in(user))
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_too_many_wrong_codes():
    user = confirmed()
    secret = set_up_app(signed_in(user))
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    for _ in range(6):
        response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert b"Too many" in response.content
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)}).status_code == 200


def test_setting_one_up_asks_for_the_password_first():
    client = signed_in(confirmed())
    response = client.get(reverse("mfa_activate_totp"))
    assert response.url.startswith(reverse("account_reauthenticate"))


def test_secrets_are_not_readable_in_the_database(settings):
    secret = set_up_app(signed_in(confirmed()))
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    adapter = SecondFactorAdapter()
    assert adapter.decrypt(kept) == secret
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert adapter.decrypt(kept) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert secret not in {adapter.decrypt(kept), adapter.decrypt(kept)}
    assert adapter.decrypt(kept) != adapter.decrypt(kept)


def test_without_the_setting_staff_need_none():
    client, abstract = signed_in(confirmed(StaffFactory)), AbstractFactory(embargoed=True)
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(abstract.get_absolute_url()).status_code == 200


def test_staff_without_second_factor_have_a_readers_rights(required):
    client = signed_in(confirmed(StaffFactory))
    embargoed, listed, draft = (
        AbstractFactory(embargoed=True),
        AbstractFactory(listing=True),
        AbstractFactory(draft=True),
    )
    for name in STAFF_PAGES:
        response = client.get(reverse(name), follow=True)
        assert response.redirect_chain[-1][0].startswith(reverse("account_second_factor")), name
    assert b"A second factor is needed" in response.content
    for hidden in (embargoed, draft):
        assert client.get(hidden.get_absolute_url()).status_code == 404
    assert b"EMBARGOED UNTIL" not in client.get(listed.get_absolute_url()).content
    assert reverse("account_second_factor") in client.get(reverse("account_overview")).content.decode()
    set_up_app(client)
    for name in STAFF_PAGES:
        assert client.get(reverse(name)).status_code == 200, name
    assert client.get(embargoed.get_absolute_url()).status_code == 200
    assert client.get(reverse("account_second_factor")).url == reverse("favorites")


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_posts_to_the_admin_do_nothing_without_one(required, name):
    client = signed_in(confirmed(StaffFactory))
    response = client.post(reverse(name), {"action": "delete_selected"})
    assert response.status_code == 302
    assert "/login/" in response.url


def test_another_browser_has_to_show_it_itself(required):
    user = confirmed(StaffFactory)
    older, newer = signed_in(user), signed_in(user)
    set_up_app(newer)
    page = older.get(reverse("admin:index"), follow=True).content
    assert b"you signed in here before it did" in page
    assert older.get(AbstractFactory(embargoed=True).get_absolute_url()).status_code == 404


def test_removing_the_second_factor_removes_the_rights(required):
    client = signed_in(confirmed(StaffFactory))
    set_up_app(client)
    assert client.get(reverse("admin:index")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_after_the_page_one_comes_where_one_wanted_to(required):
    client = signed_in(confirmed(StaffFactory))
    wanted = reverse("admin:abstracts_abstract_changelist")
    told = client.get(wanted, follow=True).redirect_chain[-1][0]
    set_up_app(client)
    assert client.get(told).url == wanted


def test_staff_who_are_press_too_are_readers_without_one(required):
    abstract = AbstractFactory(embargoed=True)
    user = confirmed(press_reader, is_staff=True)
    assert signed_in(user).get(abstract.get_absolute_url()).status_code == 404


def test_press_and_readers_need_none(required):
    abstract = AbstractFactory(embargoed=True)
    press = confirmed(press_reader)
    assert signed_in(press).get(abstract.get_absolute_url()).status_code == 200
    assert signed_in(press).get(reverse("account_second_factor")).status_code == 302
    assert signed_in(confirmed()).get(reverse("account_overview")).status_code == 200


def test_the_admin_shows_of_second_factors_no_secret():
    set_up_app(signed_in(confirmed()))
    boss = signed_in(confirmed(StaffFactory))
    factor = Authenticator.objects.get(type="totp")
    page = boss.get(reverse("admin:mfa_authenticator_change", args=[factor.pk])).content.decode()
    assert factor.data["secret"] not in page
    assert boss.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(pk=factor.pk).exists()
