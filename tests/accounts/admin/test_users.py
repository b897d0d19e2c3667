"""Users and embargoed reads in the admin."""

import re
import smtplib

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from accounts.admin.users import AuthenticatorAdmin
from accounts.models import User
from tests import factories
from tests.abstracts.admin.posting import edit

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client, db):
    client.force_login(factories.StaffFactory())
    return client


def post(client, url: str, page: str, **fields):
    """Send `fields` with the token of the form on `page`, and follow."""
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    return client.post(url, {**fields, "csrfmiddlewaretoken": token}, follow=True)


@pytest.fixture
def add_user(boss, django_capture_on_commit_callbacks):
    """Adds a user in the admin; returns the response."""

    def add(email: str):
        with django_capture_on_commit_callbacks(execute=True):
            return edit(boss, reverse("admin:accounts_user_add"), "user_form", email=email, follow=False)

    return add


def test_a_user_is_added_by_e_mail_address(add_user):
    response = add_user("New.Reader@Example.org")
    assert response.status_code == 302, response.context["errors"]
    assert not User.objects.get(email="new.reader@example.org").has_usable_password()


def test_who_was_added_chooses_a_password_by_the_mailed_link_and_signs_in(client, add_user):
    add_user("new.reader@example.org")
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("ACR Meeting Abstracts: Your account", ["new.reader@example.org"])
    link = re.search(r"https://abstracts.example.org(/accounts/password/\S+)", sent.body)[1]
    client.logout()
    page = client.get(link, follow=True)
    chosen = {"password1": "sesame-open-42x", "password2": "sesame-open-42x"}
    post(client, page.redirect_chain[-1][0], page.content.decode(), **chosen)
    sign_in, page = reverse("account_login"), client.get(reverse("account_login")).content.decode()
    response = post(client, sign_in, page, login="new.reader@example.org", password="sesame-open-42x")
    assert response.context["user"].email == "new.reader@example.org"
    client.logout()
    assert client.get(link).status_code == 200, "the link works once"


@pytest.mark.django_db(transaction=True)
def test_failed_invitation_shows_a_message_and_can_be_sent_again(boss, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPServerDisconnected

    add, users = reverse("admin:accounts_user_add"), reverse("admin:accounts_user_changelist")
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        response = edit(boss, add, "user_form", email="new.reader@example.org")
    assert "did not take the e-mail to new.reader@example.org" in response.content.decode()
    user = User.objects.get(email="new.reader@example.org")
    page = boss.get(users).content.decode()
    response = post(boss, users, page, action="send_invitations", _selected_action=str(user.pk))
    assert "was sent to new.reader@example.org" in response.content.decode()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("email", ["READER@example.org", "reader@EXAMPLE.ORG", "nonsense", ""])
def test_an_address_taken_in_any_case_is_a_message(boss, email):
    factories.UserFactory(email="reader@example.org")
    response = edit(boss, reverse("admin:accounts_user_add"), "user_form", email=email)
    assert response.status_code == 200
    assert not response.redirect_chain


def test_a_user_is_edited(boss):
    user, other = factories.UserFactory(), factories.UserFactory(email="other@example.org")
    url = reverse("admin:accounts_user_change", args=[user.pk])
    group = Group.objects.get(name="Curators")
    response = edit(boss, url, "user_form", groups=str(group.pk))
    assert response.redirect_chain, response.context["errors"]
    user.refresh_from_db()
    assert list(user.groups.all()) == [group]
    assert not edit(boss, url, "user_form", email=other.email.upper()).redirect_chain


def test_the_password_page_works(boss):
    user = factories.UserFactory()
    assert boss.get(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 200


def test_embargoed_reads_are_only_read(boss):
    read = factories.embargoed_read(factories.AbstractFactory())
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


def test_tables_that_belong_to_the_owners_of_accounts_are_not_in_the_admin():
    names = {model._meta.label for model in admin.site._registry}
    assert not names & {
        "mfa.RecoveryCodes", "socialaccount.SocialAccount", "socialaccount.SocialApp", "socialaccount.SocialToken",
        "usersessions.UserSession",
    }  # fmt: skip
    assert type(admin.site._registry[Authenticator]) is AuthenticatorAdmin


def test_reads_are_searched_and_filtered_after_the_abstract_is_gone(boss):
    abstract = factories.AbstractFactory(number="LB7", title="Gone since", embargoed=True)
    factories.embargoed_read(abstract, kind="export ris", role="staff", email="staff@example.org")
    factories.embargoed_read(factories.AbstractFactory(title="Of the press"))
    abstract.delete()
    url = reverse("admin:accounts_embargoedread_changelist")

    def shown(**query) -> tuple[bool, bool]:
        page = boss.get(url, query).content.decode()
        return "Gone since" in page, "Of the press" in page

    assert shown() == (True, True)
    page = boss.get(url).content.decode()
    assert "Select read ahead of release to view" in page
    assert {"LB7", "Staff", "Press", "export ris"} <= set(re.findall(r">([^<>]+)</t[dh]>", page))
    for query in ({"q": "staff@example"}, {"q": "LB7"}, {"q": "gone"}):
        assert shown(**query) == (True, False), query
    for name, value in (("role", "staff"), ("meeting", abstract.meeting.slug), ("email", "staff@example.org")):
        lookup = f"{name}__exact" if name == "role" else name
        assert shown(**{lookup: value}) == (True, False), name
