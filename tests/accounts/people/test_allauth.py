"""Sign-up, sign-in and all that allauth brings, in the look of the site."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import Favorite, PressAccess, User
from acrsite.access import PERSONAL_PREFIXES
from tests.accounts.personas import give_access
from tests.accounts.signing_in import shown_again
from tests.factories import LONG_AGO, AbstractFactory, MeetingFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "sesame-open-42"
ARGUMENTS = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
    "account_session_end": {"pk": 1},
    "account_search": {"pk": 1},
    "account_search_delete": {"pk": 1},
    "account_press_accept": {"pk": 1},
    "account_press_mails": {"pk": 1},
    "account_search_unsubscribe": {"token": "1.x"},
    "mfa_edit_webauthn": {"pk": 1},
    "mfa_remove_webauthn": {"pk": 1},
}
# Not found for want of the thing, met with POST only, asked for more than this, or not a page.
ODD = {
    "account_download": 200,
    "account_press": 404,
    "account_press_accept": 405,
    "account_press_mails": 405,
    "account_search": 404,
    "account_search_delete": 405,
    "account_search_new": 400,
    "account_search_unsubscribe": 404,
    "account_session_end": 405,
    "mfa_deactivate_totp": 404,
    "mfa_edit_webauthn": 404,
    "mfa_generate_recovery_codes": 404,
    "mfa_view_recovery_codes": 404,
    "mfa_download_recovery_codes": 404,
    "mfa_remove_webauthn": 404,
    # Not configured in tests; see test_orcid_sign_in.
    "orcid_login": 404,
    "orcid_callback": 404,
    "socialaccount_login_error": 401,
}


@pytest.fixture
def client():
    """A browser on the site, over plain http as the tests are."""
    return Client(headers={"sec-fetch-site": "same-origin", "origin": "http://testserver"})


def reader(**fields):
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client, user, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": user.email, "password": password, **extra})


def code_in(message):
    (code,) = re.findall(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)*)$", message.body, re.M)
    return code


def account_urls():
    known = (name for name in get_resolver().reverse_dict if isinstance(name, str))
    names = {name for name in known if name.startswith(PERSONAL_PREFIXES)}
    for name in sorted(names):
        yield name, reverse(name, kwargs=ARGUMENTS.get(name))


def assert_in_the_look(response):
    content = response.content.decode()
    assert '<header class="site-header">' in content
    assert ">ACR Meeting Abstracts</a>" in content
    assert "site.css" in content
    assert "Menu:" not in content
    assert not re.search(r"<[^>]*\s(style|on\w+)=", content)
    assert not re.search(r'<script(?![^>]*\s(src=|type="(application/json|speculationrules)"))', content)
    assert "<title>" in content
    assert not re.search(r"<title>\s*–", content)
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["nobody", "reader"])
def test_every_page_is_in_the_look_of_the_site(client, who):
    seen = 0
    for name, url in account_urls():
        browser = Client()
        if who == "reader":
            browser.force_login(reader(), "allauth.account.auth_backends.AuthenticationBackend")
        response = browser.get(url)
        assert response.status_code in (200, 302, ODD.get(name)), url
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            assert_in_the_look(response)
            assert response["Cache-Control"].startswith("private")
            seen += 1
    assert seen >= 9


@pytest.mark.parametrize("who", ["nobody", "reader"])
def test_empty_posts_are_no_errors_of_ours(who):
    for name, url in account_urls():
        browser = Client()
        if who == "reader":
            browser.force_login(reader(), "allauth.account.auth_backends.AuthenticationBackend")
        assert browser.post(url, {}).status_code in (200, 302, 405, ODD.get(name), 404), url


def test_signing_up_confirming_and_being_in(client):
    abstract = AbstractFactory()
    client.post(reverse("favorite-add"), {"abstract": abstract.key})
    fields = {"email": "New@Example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post(reverse("account_signup"), fields)
    assert response.url == reverse("account_email_verification_sent")
    page = client.get(response.url)
    assert_in_the_look(page)
    (message,) = mail.outbox
    assert message.subject == "ACR Meeting Abstracts: Please Confirm Your Email Address"
    assert "https://abstracts.example.org" in message.body
    assert "example.com" not in message.body
    response = client.post(response.url, {"code": code_in(message)})
    assert response.url == reverse("favorites")
    user = User.objects.get()
    assert user.email == "new@example.org"
    content = client.get(reverse("favorites")).content.decode()
    assert abstract.title in content
    assert "Sign out" in content
    assert list(Favorite.unfiltered.values_list("list__user")) == [(user.pk,)]


def test_signing_in_keeps_favorites_and_signing_out_leaves_them_to_the_account(client):
    abstract, user = AbstractFactory(), reader()
    client.post(reverse("favorite-add"), {"abstract": abstract.key})
    assert sign_in(client, user).url == reverse("favorites")
    assert abstract.title in client.get(reverse("favorites")).content.decode()
    response = client.post(reverse("account_logout"))
    assert response.url == reverse("home")
    assert client.cookies["sessionid"].value == ""
    assert client.cookies["messages"].value == ""
    browser = Client()
    browser.force_login(user)
    assert abstract.title in browser.get(reverse("favorites")).content.decode()


def test_signing_in_leads_where_one_wanted_to_go(client):
    assert sign_in(client, reader(), next="/meetings/").url == "/meetings/"


def test_header_says_whether_one_is_signed_in(client):
    user = reader()
    assert b"Sign in" in client.get(reverse("account_login")).content
    sign_in(client, user)
    content = client.get(reverse("account_overview")).content.decode()
    assert user.email in content
    assert "Sign out" in content


def test_without_scripts_a_page_says_that_passkeys_need_them(client):
    page = client.get(reverse("account_login")).content.decode()
    assert re.search(r"<noscript>.*Passkeys need JavaScript.*</noscript>", page, re.S)


def test_overview_is_behind_sign_in(client):
    url = reverse("account_overview")
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"


def test_forms_do_not_disclose_accounts(client):
    user = reader()
    answers = []
    for email in (user.email, "nobody@example.org"):
        browser = Client()
        fields = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
        signed_up = browser.post(reverse("account_signup"), fields)
        reset = browser.post(reverse("account_reset_password"), {"email": email})
        answers.append((signed_up.status_code, signed_up.url, reset.status_code, reset.url))
    assert answers[0] == answers[1]
    bad = [sign_in(Client(), who, "wrong").content.decode() for who in (user, User(email="nobody@example.org"))]
    errors = [re.findall(r'<ul class="errorlist.*?</ul>', page, re.S) for page in bad]
    assert errors[0] == errors[1] != []


def test_codes_and_resets_do_not_disclose_accounts():
    """Neither what comes back nor the page behind says whether there is an account; the mail goes to its owner."""
    user = reader()
    answers = []
    for email in (user.email, "nobody@example.org"):
        browser = Client()
        asked = browser.post(reverse("account_request_login_code"), {"email": email})
        page = browser.get(asked.url).content.decode()
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.replace(email, "…"))
        wrong = browser.post(asked.url, {"code": "WRONG1"})
        answers.append((asked.status_code, asked.url, page, wrong.status_code))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[user.email], ["nobody@example.org"]]
    assert "do not have any record" in mail.outbox[1].body


def test_signing_in_by_code(client):
    user = reader()
    asked = client.post(reverse("account_request_login_code"), {"email": user.email})
    assert asked.url == reverse("account_confirm_login_code")
    assert_in_the_look(client.get(asked.url))
    assert client.get(reverse("account_overview")).status_code == 302
    response = client.post(asked.url, {"code": code_in(mail.outbox[-1])})
    assert response.url == reverse("favorites")
    assert user.email in client.get(reverse("account_overview")).content.decode()


def test_three_wrong_codes_end_it(client):
    asked = client.post(reverse("account_request_login_code"), {"email": reader().email})
    for _ in range(3):
        client.post(asked.url, {"code": "WRONG1"})
    client.post(asked.url, {"code": code_in(mail.outbox[-1])})
    assert client.get(reverse("account_overview")).status_code == 302


def test_too_many_wrong_passwords(client):
    user = reader()
    for _ in range(6):
        response = sign_in(client, user, "wrong")
    assert b"Too many" in response.content
    assert b"Too many" in sign_in(client, user).content


def test_rate_limits_answer_in_the_look(client):
    for n in range(30):
        response = client.post(reverse("account_reset_password"), {"email": f"x{n}@example.org"})
        if response.status_code == 429:
            break
    assert response.status_code == 429
    assert b"Too many attempts" in response.content
    assert b'<header class="site-header">' in response.content


def test_password_reset_by_mail(client):
    user = reader()
    response = client.post(reverse("account_reset_password"), {"email": user.email})
    assert_in_the_look(client.get(response.url))
    (message,) = mail.outbox
    assert message.to == [user.email]
    (url,) = re.findall(r"http://testserver(\S+)", message.body)
    page = client.get(url, follow=True)
    assert_in_the_look(page)
    url = page.redirect_chain[-1][0]
    new = "another-secret-7"
    response = client.post(url, {"password1": new, "password2": new})
    assert_in_the_look(client.get(response.url))
    assert sign_in(Client(), user, new).status_code == 302


def test_dead_reset_links_say_so(client):
    response = client.get("/accounts/password/reset/key/1-dead-beef/", follow=True)
    assert response.status_code == 200
    assert_in_the_look(response)


def test_password_change(client):
    user = reader()
    sign_in(client, user)
    new = "another-secret-7"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), fields).status_code == 302
    assert "password has been changed" in mail.outbox[-1].body
    assert sign_in(Client(), user, new).status_code == 302


def test_email_change_waits_for_its_code(client):
    user = reader()
    sign_in(client, user)
    asked = client.post(reverse("account_email"), {"action_add": "", "email": "other@example.org"})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    shown_again(client)
    response = client.post(reverse("account_email"), {"action_add": "", "email": "other@example.org"}, follow=True)
    assert_in_the_look(response)
    user.refresh_from_db()
    assert user.email != "other@example.org"
    code = code_in(next(m for m in mail.outbox if m.to == ["other@example.org"]))
    client.post(reverse("account_email_verification_sent"), {"code": code})
    user.refresh_from_db()
    assert user.email == "other@example.org"


def test_inactive_accounts_get_an_explanation(client):
    user = reader(is_active=False)
    response = sign_in(client, user)
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert_in_the_look(client.get(response.url))


def test_forms_carry_tokens():
    browser = Client(enforce_csrf_checks=True)
    user = reader()
    assert browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}).status_code == 403
    assert b"csrfmiddlewaretoken" in browser.get(reverse("account_login")).content


def of_the_press(accepted: bool):
    user = UserFactory()
    access = give_access(user, MeetingFactory(), accepted=accepted)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user, access


def test_press_is_led_to_the_terms_once(client):
    user, access = of_the_press(accepted=False)
    response = sign_in(client, user, next="/meetings/")
    assert response.url == f"{reverse('account_press')}?next=%2Fmeetings%2F"
    form = {"next": "/meetings/", "version": access.meeting.terms_version}
    assert client.post(reverse("account_press_accept", args=[access.pk]), form).url == "/meetings/"
    client.post(reverse("account_logout"))
    assert sign_in(client, user, next="/meetings/").url == "/meetings/"


def test_press_lands_on_its_meetings_and_others_on_their_favorites(client):
    user, access = of_the_press(accepted=True)
    assert sign_in(client, user).url == reverse("account_press")
    client.post(reverse("account_logout"))
    PressAccess.objects.filter(pk=access.pk).update(revoked_at=LONG_AGO)
    assert sign_in(client, user).url == reverse("favorites")


def test_overview_leads_the_press_to_its_meetings(client):
    user, access = of_the_press(accepted=True)
    client.force_login(user)
    assert reverse("account_press") in client.get(reverse("account_overview")).content.decode()
    PressAccess.objects.filter(pk=access.pk).update(ends_at=access.starts_at + dt.timedelta(days=1))
    assert reverse("account_press") not in client.get(reverse("account_overview")).content.decode()


@pytest.mark.parametrize("count", [0, 3])
def test_overview_takes_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    user = reader()
    client.force_login(user)
    for _ in range(count):
        client.post(reverse("favorite-add"), {"abstract": AbstractFactory().pk})
    with django_assert_num_queries(9):
        client.get(reverse("account_overview"))


def test_reauthentication_is_in_the_look(client):
    client.force_login(reader())
    response = client.get(reverse("account_reauthenticate"))
    assert_in_the_look(response)
