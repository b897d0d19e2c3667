"""The account's own pages: name and ORCID, all data as a file, deletion that deletes."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    AlertResult,
    CalendarAddress,
    EmbargoedRead,
    FavoritesList,
    PressApplication,
    PublicSince,
    User,
)
from accounts.secret_addresses import digest
from tests.accounts.personas import give_access, press_reader
from tests.accounts.signing_in import confirmed, set_up_app, shown_again, signed_in
from tests.factories import (
    LONG_AGO,
    AbstractFactory,
    FavoriteFactory,
    SavedSearchFactory,
    StaffFactory,
    UserFactory,
    embargoed_read,
)

pytestmark = pytest.mark.django_db

ORCID = "0000-0002-1825-0097"
# Words that stand nowhere but in this user's data.
WORDS = ["zqperson", "zqgiven", "zqfamily", "zqlist", "zqnote", "zqsearch", "zqbrowser", ORCID, "zqshare", "zqcalendar"]
WORDS += ["zqother", "zqoutlet", "zqstatement", "zqwork"]


def somebody() -> User:
    """A press reader who has everything that an account can have, and has read ahead of release."""
    fields = {"first_name": "zqgiven", "last_name": "zqfamily", "orcid": ORCID}
    user = confirmed(UserFactory, email="zqperson@example.org", **fields)
    saved = FavoritesList.objects.create(user=user, name="zqlist", share_token="zqshare")
    FavoriteFactory(list=saved, abstract=AbstractFactory(), note="zqnote")
    CalendarAddress.objects.create(user=user, token="zqcalendar")
    search = SavedSearchFactory(user=user, name="zqsearch", query_string="q=zqsearch")
    told = AbstractFactory()
    AlertResult.objects.create(search=search, abstract=told, found_at=LONG_AGO, mailed_at=LONG_AGO)
    PublicSince.objects.create(abstract=told, listed_at=LONG_AGO)
    read = AbstractFactory(embargoed=True)
    embargoed_read(read, user)
    give_access(user, read.meeting)
    PressApplication.objects.create(
        user=user, meeting=read.meeting, email="zqother@example.org", name="zqperson", outlet="zqoutlet",
        statement="zqstatement", work="https://zqwork.example.org/",
    )  # fmt: skip
    return user


def rows_with(words: list[str]) -> dict[str, list[str]]:
    """In which columns of which tables any of `words` stands, in the whole database."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values():
            for column, value in row.items():
                if any(word in str(value) for word in words):
                    found.setdefault(f"{model.__name__}.{column}", []).append(str(value)[:80])
    for session in Session.objects.all():
        if any(word in json.dumps(session.get_decoded()) for word in words):
            found.setdefault("Session", []).append(session.session_key)
    return found


def rows_of(pk: int) -> set[str]:
    """Tables with a row that points at the user `pk`."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            points = isinstance(field, models.ForeignKey) and field.related_model is User
            if points and model._base_manager.filter(**{field.attname: pk}).exists():
                found.add(model.__name__)
    return found


def test_name_and_orcid_are_changed():
    client = signed_in(confirmed())
    fields = {"first_name": "Ada", "last_name": "Invented", "orcid": f"https://orcid.org/{ORCID}"}
    assert client.post(reverse("account_profile"), fields).url == reverse("account_overview")
    user = User.objects.get()
    assert (user.first_name, user.last_name, user.orcid) == ("Ada", "Invented", ORCID)
    page = client.get(reverse("account_overview")).content.decode()
    assert "Ada Invented" in page
    assert ORCID in page


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0098", "nonsense"])
def test_a_wrong_orcid_is_a_message(orcid):
    client = signed_in(confirmed())
    response = client.post(reverse("account_profile"), {"first_name": "", "last_name": "", "orcid": orcid})
    assert response.status_code == 200
    assert b"errorlist" in response.content
    assert User.objects.get().orcid == ""


@pytest.mark.parametrize("name", ["account_overview", "account_profile", "account_download", "account_delete"])
def test_it_checks_access(name):
    response = Client().get(reverse(name))
    assert response.url.startswith(reverse("account_login"))


def test_all_data_are_downloaded():
    client = signed_in(somebody(), **{"user-agent": "zqbrowser"})
    response = client.get(reverse("account_download"))
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert response["Cache-Control"] == "private, no-store"
    text = response.content.decode()
    assert [word for word in WORDS if word not in text] == []
    data = json.loads(text)
    assert data["favorites"][-1]["items"][0]["note"] == "zqnote"
    assert data["saved_searches"][0]["results_mailed"] == 1
    assert (data["embargoed_reads"][0]["kind"], data["embargoed_reads"][0]["path"]) == ("page", "/abstract/x/")
    assert "password" not in text


def test_of_hidden_abstracts_the_file_says_nothing():
    user = confirmed()
    mine = FavoritesList.objects.create(user=user)
    hidden, listed = AbstractFactory(embargoed=True), AbstractFactory(listing=True, title="Open title")
    shell = AbstractFactory(shell=True, title="Closed title")
    for abstract in (hidden, listed, shell):
        FavoriteFactory(list=mine, abstract=abstract)
    for abstract in (hidden, shell):
        embargoed_read(abstract, user, path=f"/{abstract.slug}/")
    text = signed_in(user).get(reverse("account_download")).content.decode()
    assert "Open title" in text
    assert shell.number in text
    for word in (hidden.title, hidden.slug, shell.title, shell.slug):
        assert word not in text
    assert len(json.loads(text)["embargoed_reads"]) == 2


def test_what_the_press_sees_ahead_is_marked_in_the_file():
    abstracts = AbstractFactory(embargoed=True), AbstractFactory()
    user = confirmed(press_reader)
    mine = FavoritesList.objects.create(user=user)
    for abstract in abstracts:
        FavoriteFactory(list=mine, abstract=abstract)
    response = signed_in(user).get(reverse("account_download"))
    items = json.loads(response.content)["favorites"][0]["items"]
    told = [item["abstract"].get("embargo", "")[:15] for item in items]
    assert sorted(told) == ["", "EMBARGOED UNTIL"]
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_the_file_takes_a_fixed_number_of_queries(count, django_assert_num_queries):
    user = confirmed()
    mine = FavoritesList.objects.create(user=user)
    for _ in range(count):
        abstract = AbstractFactory()
        FavoriteFactory(list=mine, abstract=abstract)
        embargoed_read(abstract, user)
        SavedSearchFactory(user=user)
    client = signed_in(user)
    client.get(reverse("account_download"))
    with django_assert_num_queries(DOWNLOAD_QUERIES):
        client.get(reverse("account_download"))


DOWNLOAD_QUERIES = 23


def test_deletion_asks_for_reauthentication_and_the_address():
    user = somebody()
    client = signed_in(user)
    url = reverse("account_delete")
    assert client.get(url).url.startswith(reverse("account_reauthenticate"))
    assert client.post(url, {"email": user.email}).url.startswith(reverse("account_reauthenticate"))
    shown_again(client)
    page = client.get(url).content.decode()
    assert "there is 1 such record" in page
    assert b"errorlist" in client.post(url, {"email": "other@example.org"}).content
    assert User.objects.filter(pk=user.pk).exists()


def test_deletion_deletes():
    """Nothing of the user is left in any column of any table, but the e-mail address in the record of reads."""
    user = somebody()
    set_up_app(signed_in(user, **{"user-agent": "zqbrowser"}))
    LogEntry.objects.create(
        user=StaffFactory(), content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk),
        object_repr=str(user), action_flag=CHANGE, action_time=timezone.now(),
    )  # fmt: skip
    other = confirmed()
    FavoriteFactory(list=FavoritesList.objects.create(user=other), note="kept")
    client = shown_again_by_code(user)
    words = [*WORDS, digest("zqshare"), digest("zqcalendar")]
    assert {"zqnote", *words[-2:]} <= {value for values in rows_with(words).values() for value in values}
    mail.outbox.clear()
    response = client.post(reverse("account_delete"), {"email": "ZQperson@example.org"})
    assert response.url == reverse("home")
    assert rows_with(words) == {"EmbargoedRead.email": ["zqperson@example.org"]}
    assert rows_of(user.pk) == set()
    assert EmbargoedRead.objects.get().user_id is None
    assert [message.to for message in mail.outbox] == [["zqperson@example.org"]]
    assert FavoritesList.objects.get(user=other)
    assert client.get(reverse("account_overview")).status_code == 302


def shown_again_by_code(user: User) -> Client:
    """A browser in which `user`, who has an app, has just signed in and shown it again."""
    from allauth.mfa.models import Authenticator

    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    client = signed_in(user)
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert client.post(reverse("mfa_reauthenticate"), {"code": codes[1]}).status_code == 302
    return client


def test_other_browsers_are_signed_out_by_it():
    user = confirmed()
    pocket, desk = signed_in(user), shown_again(signed_in(user))
    desk.post(reverse("account_delete"), {"email": user.email})
    assert pocket.get(reverse("account_overview")).status_code == 302
    assert not UserSession.objects.exists()
    assert not Session.objects.filter(session_key=pocket.session.session_key).exists()


def test_deletion_in_the_admin_deletes_as_much():
    user = somebody()
    signed_in(user, **{"user-agent": "zqbrowser"})
    boss = signed_in(confirmed(StaffFactory))
    boss.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})
    assert rows_with([word for word in WORDS if word != "zqperson"]) == {}
    assert set(rows_with(["zqperson"])) <= {"EmbargoedRead.email", "LogEntry.object_repr"}


def test_staff_are_deleted_by_others():
    user = confirmed(StaffFactory)
    client = shown_again(signed_in(user))
    assert b"deleted in the admin" in client.post(reverse("account_delete"), {"email": user.email}).content
    assert User.objects.filter(pk=user.pk).exists()


def test_deletion_without_a_password_asks_only_for_the_address():
    user = UserFactory()
    user.set_unusable_password()
    user.save()
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(reverse("account_delete"), {"email": user.email}).url == reverse("home")
    assert not User.objects.exists()
