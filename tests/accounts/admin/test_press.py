"""Press officers decide about applications, give access and revoke it."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from abstracts.models.groups import CURATORS, PRESS_OFFICERS
from accounts.models import PressAccess, PressApplication, User
from tests import factories
from tests.abstracts.admin.posting import edit
from tests.accounts.personas import give_access

pytestmark = pytest.mark.django_db

END = {"ends_at_0": "2031-10-30", "ends_at_1": "10:00:00"}
START = {"starts_at_0": "2031-09-01", "starts_at_1": "10:00:00"}


def signed_in(group: str) -> Client:
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def press_officer(db):
    return signed_in(PRESS_OFFICERS)


def application(**fields) -> PressApplication:
    given = {
        "meeting": factories.MeetingFactory(timezone="America/Chicago"),
        "email": "Ada@Press.example",
        "name": "Ada Invented",
        "outlet": "Invented Times",
        "statement": "I write about joints.",
        "work": "https://press.example/ada",
    }
    return PressApplication.objects.create(**{**given, **fields})


def decide(client, row: PressApplication, django_capture_on_commit_callbacks, **fields):
    url = reverse("admin:accounts_pressapplication_change", args=[row.pk])
    with django_capture_on_commit_callbacks(execute=True):
        response = edit(client, url, "pressapplication_form", **fields)
    row.refresh_from_db()
    return response


def test_approving_makes_an_account_gives_access_and_tells_by_e_mail(press_officer, django_capture_on_commit_callbacks):
    row = application()
    fields = {"decision": "approve", **START, **END, "note": "Known"}
    response = decide(press_officer, row, django_capture_on_commit_callbacks, **fields)
    assert response.redirect_chain, response.context["errors"]
    user = User.objects.get(email="ada@press.example")
    access = PressAccess.objects.get()
    assert (access.user, access.meeting, access.may_export, access.accepted_at) == (user, row.meeting, False, None)
    # Typed in the zone of the meeting.
    assert access.starts_at == dt.datetime(2031, 9, 1, 15, tzinfo=dt.UTC)
    assert access.ends_at == dt.datetime(2031, 10, 30, 15, tzinfo=dt.UTC)
    officer = User.objects.get(is_staff=True)
    assert (row.state, row.user, row.decided_by, row.note) == ("approved", user, officer, "Known")
    assert not user.has_usable_password()
    (message,) = mail.outbox
    assert message.to == [user.email]
    for words in (row.meeting.name, "October 30, 2031, 10:00 AM CDT", "/accounts/press/", "/accounts/password/"):
        assert words in message.body


def test_approving_somebody_with_an_account_makes_no_other(press_officer, django_capture_on_commit_callbacks):
    user = factories.UserFactory(email="ada@press.example")
    user.set_password("x")
    user.save()
    decide(press_officer, application(), django_capture_on_commit_callbacks, decision="approve", may_export="on", **END)
    access = PressAccess.objects.get()
    assert (access.user, access.may_export) == (user, True)
    assert "/accounts/password/" not in mail.outbox[0].body


def test_nobody_gets_access_by_an_account_that_never_confirmed_its_address(
    press_officer, django_capture_on_commit_callbacks
):
    """Somebody else may have made it, and know its password."""
    row, fields = application(), {"decision": "approve", **END}
    user = factories.UserFactory(email="ada@press.example")
    address = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    response = decide(press_officer, row, django_capture_on_commit_callbacks, **fields)
    assert "never confirmed it" in response.content.decode()
    url = reverse("admin:accounts_pressaccess_add")
    new = {"email": user.email, "meeting": str(row.meeting.pk), **START, **END}
    assert "never confirmed it" in edit(press_officer, url, "pressaccess_form", **new).content.decode()
    assert not PressAccess.objects.exists()
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    decide(press_officer, row, django_capture_on_commit_callbacks, **fields)
    assert PressAccess.objects.get().user == user


def test_the_mail_is_in_the_language_of_the_application(press_officer, django_capture_on_commit_callbacks):
    decide(press_officer, application(language="es"), django_capture_on_commit_callbacks, decision="approve", **END)
    assert "/es/accounts/press/" in mail.outbox[0].body


def test_declining_gives_nothing_and_tells_nobody(press_officer, django_capture_on_commit_callbacks):
    row = application()
    decide(press_officer, row, django_capture_on_commit_callbacks, decision="decline", note="No journalist")
    assert (row.state, row.note) == ("declined", "No journalist")
    assert not PressAccess.objects.exists()
    assert not User.objects.filter(email="ada@press.example").exists()
    assert mail.outbox == []


@pytest.mark.parametrize(
    "fields", [{"ends_at_0": "", "ends_at_1": ""}, {**START, "ends_at_0": "2031-08-31", "ends_at_1": "10:00:00"}]
)
def test_approving_needs_a_period(press_officer, django_capture_on_commit_callbacks, fields):
    row = application()
    response = decide(press_officer, row, django_capture_on_commit_callbacks, decision="approve", **fields)
    assert not response.redirect_chain
    assert (row.state, PressAccess.objects.count()) == ("waiting", 0)


def test_an_application_is_decided_once(press_officer, django_capture_on_commit_callbacks):
    row = application(state="declined")
    url = reverse("admin:accounts_pressapplication_change", args=[row.pk])
    page = press_officer.get(url).content.decode()
    assert "Invented Times" in page
    assert 'name="decision"' not in page
    assert press_officer.post(url, {"decision": "approve", **END}).status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("is_away", "words"), [(False, "was told by e-mail"), (True, "The mail server did not take the e-mail to ada@")]
)
def test_the_officer_is_told_whether_the_mail_went(press_officer, monkeypatch, is_away, words):
    def refuse(self, messages):
        raise OSError

    if is_away:
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    url = reverse("admin:accounts_pressapplication_change", args=[application().pk])
    response = edit(press_officer, url, "pressapplication_form", decision="approve", **END)
    assert words in response.content.decode()
    assert PressAccess.objects.exists()


def act(client, action: str, *accesses):
    data = {"action": action, "_selected_action": [access.pk for access in accesses]}
    return client.post(reverse("admin:accounts_pressaccess_changelist"), data, follow=True)


def test_revoking_ends_access_at_once(press_officer):
    abstract = factories.whole_abstract(embargoed=True)
    journalist = factories.UserFactory()
    access = give_access(journalist, abstract.meeting)
    client = Client()
    client.force_login(journalist)
    assert client.get(abstract.get_absolute_url()).status_code == 200
    act(press_officer, "revoke", access)
    assert client.get(abstract.get_absolute_url()).status_code == 404
    access.refresh_from_db()
    assert access.revoked_by == User.objects.get(is_staff=True)


def test_officers_give_access_to_an_account_and_change_the_period(press_officer, django_capture_on_commit_callbacks):
    journalist, meeting = factories.UserFactory(), factories.MeetingFactory(timezone="America/Chicago")
    add = reverse("admin:accounts_pressaccess_add")
    factories.MeetingFactory(name="Unpublished", is_published=False)
    page = press_officer.get(add).content.decode()
    assert meeting.name in page
    assert "Unpublished" not in page
    fields = {"email": journalist.email.upper(), "meeting": meeting.pk, "language": "en", **START, **END}
    with django_capture_on_commit_callbacks(execute=True):
        response = edit(press_officer, add, "pressaccess_form", **fields)
    assert response.redirect_chain, response.context["errors"]
    access = PressAccess.objects.get()
    assert (access.user, access.meeting) == (journalist, meeting)
    assert mail.outbox[0].to == [journalist.email]
    # A new access is typed in UTC, a stored one in the zone of its meeting: 5:00 AM there, also when clocks differ.
    assert access.ends_at == dt.datetime(2031, 10, 30, 10, tzinfo=dt.UTC)
    url = reverse("admin:accounts_pressaccess_change", args=[access.pk])
    response = edit(press_officer, url, "pressaccess_form", ends_at_0="2031-12-01")
    assert response.redirect_chain, response.context["errors"]
    access.refresh_from_db()
    assert access.ends_at == dt.datetime(2031, 12, 1, 11, tzinfo=dt.UTC)
    assert not edit(press_officer, add, "pressaccess_form", **{**fields, "email": "no@example.org"}).redirect_chain


def test_press_officers_look_at_reads_and_at_nothing_of_accounts(press_officer):
    user = factories.UserFactory()
    assert press_officer.get(reverse("admin:accounts_embargoedread_changelist")).status_code == 200
    assert press_officer.get(reverse("admin:accounts_user_changelist")).status_code == 403
    assert press_officer.get(reverse("admin:accounts_user_change", args=[user.pk])).status_code == 403


def test_the_start_page_tells_press_officers_how_many_wait(press_officer):
    application(state="declined")
    assert "for a decision" not in press_officer.get(reverse("admin:index")).content.decode()
    application()
    assert "1 press application waits for a decision" in press_officer.get(reverse("admin:index")).content.decode()
    assert "for a decision" not in signed_in(CURATORS).get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("table", ["pressaccess", "pressapplication"])
def test_curators_decide_nothing_about_the_press(table):
    assert signed_in(CURATORS).get(reverse(f"admin:accounts_{table}_changelist")).status_code == 403
