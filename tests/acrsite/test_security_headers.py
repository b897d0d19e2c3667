"""The headers that every answer of the site carries."""

import pytest
from allauth.account.models import EmailAddress

from tests.factories import StaffFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.acrsite.failing_urls")]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'inline-speculation-rules'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
PATHS = [
    ("/", 200),
    ("/nothing/here/", 404),
    ("/fail/refuse/", 403),
    ("/fail/suspect/", 400),
    ("/fail/crash/", 500),
    ("/accounts/login/", 200),
    ("/admin/login/", 302),
]


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture
def sign_in(client):
    """Signs a member of the staff in by the form."""
    user = StaffFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return lambda password="sesame-open-42": client.post(
        "/accounts/login/", {"login": user.email, "password": password}
    )


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_answer_has_the_strict_policy(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    directives = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert directives == POLICY


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/abstracts/abstract/add/"])
def test_the_admin_has_the_strict_policy_too(client, path):
    client.force_login(StaffFactory())
    response = client.get(path)
    assert response.status_code == 200
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_answer_has_the_other_headers(client, path, status):
    response = client.get(path)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Permissions-Policy"].startswith("camera=()")


def test_http_redirects_and_browsers_use_https_for_a_year(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    assert client.get("/?q=1")["Location"] == "https://testserver/?q=1"
    response = client.get("/", secure=True)
    assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_cookies_are_out_of_reach_of_scripts(client, sign_in):
    cookies = {**client.get("/accounts/login/").cookies, **sign_in().cookies}
    assert {"csrftoken", "sessionid"} <= set(cookies)
    for cookie in cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_staff_sign_in_on_the_sites_page_so_that_its_limits_hold(client):
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"].startswith("/accounts/login/")


def test_wrong_passwords_are_limited(client, sign_in):
    sign_in()
    assert "_auth_user_id" in client.session
    client.logout()
    for _ in range(10):
        sign_in(password="wrong")
    sign_in()
    assert "_auth_user_id" not in client.session
