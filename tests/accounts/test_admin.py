"""Users and embargoed reads in the admin."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import EmbargoedRead, User
from tests import factories
from tests.abstracts.admin.posting import edit
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client, db):
    client.force_login(factories.StaffFactory())
    return client


def test_a_user_is_added_by_e_mail_address(boss):
    words = {"email": "New.Reader@Example.org", "usable_password": "true", "password1": "sesame-open-42x"}
    response = edit(boss, reverse("admin:accounts_user_add"), "user_form", password2="sesame-open-42x", **words)
    assert response.redirect_chain, response.context["errors"]
    assert User.objects.get(email="new.reader@example.org").check_password("sesame-open-42x")


@pytest.mark.parametrize("email", ["READER@example.org", "reader@EXAMPLE.ORG", "nonsense", ""])
def test_an_address_taken_in_any_case_is_a_message(boss, email):
    factories.UserFactory(email="reader@example.org")
    words = {"email": email, "usable_password": "true", "password1": "sesame-open-42x", "password2": "sesame-open-42x"}
    response = edit(boss, reverse("admin:accounts_user_add"), "user_form", **words)
    assert response.status_code == 200
    assert not response.redirect_chain


def test_a_user_is_edited(boss):
    user, other = factories.UserFactory(), factories.UserFactory(email="other@example.org")
    url = reverse("admin:accounts_user_change", args=[user.pk])
    group = Group.objects.get(name="Readers of embargoed content")
    response = edit(
        boss, url, "user_form",
        groups=str(group.pk), embargo_terms_accepted_at_0="2025-01-02", embargo_terms_accepted_at_1="03:04:05",
    )  # fmt: skip
    assert response.redirect_chain, response.context["errors"]
    user.refresh_from_db()
    assert list(user.groups.all()) == [group]
    assert user.embargo_terms_accepted_at.isoformat() == "2025-01-02T03:04:05+00:00"
    assert not edit(boss, url, "user_form", email=other.email.upper()).redirect_chain


def test_the_password_page_works(boss):
    user = factories.UserFactory()
    assert boss.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 200


def test_embargoed_reads_are_only_read(boss):
    read = EmbargoedRead.objects.create(
        email="press@example.org", abstract=factories.AbstractFactory(), at=LONG_AGO, path="/abstract/x/"
    )
    url = reverse("admin:accounts_embargoedread_change", args=[read.pk])
    page = boss.get(url).content.decode()
    assert "press@example.org" in page
    assert 'name="_save"' not in page
    assert boss.post(url, {"email": "x@example.org"}).status_code == 403
    assert boss.get(reverse("admin:accounts_embargoedread_delete", args=[read.pk])).status_code == 403
    assert boss.get(reverse("admin:accounts_embargoedread_add")).status_code == 403


def test_sign_in_to_the_admin_is_the_sites(client):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")
