import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from abstracts.views.origin import is_same_origin, same_origin_only

OWN = "http://testserver"
FOREIGN = "https://evil.example.com"


def asked(**headers):
    return RequestFactory().post("/favorites/add/", headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
        {"sec_fetch_site": "none", "sec_fetch_user": "?1"},
        {"origin": OWN},
        {"origin": "https://abstracts.example.org"},  # SITE_URL, behind a proxy
        {"referer": f"{OWN}/meetings/"},
        {"referer": "HTTP://TestServer/meetings/"},
    ],
)
def test_own_pages_pass(headers):
    assert is_same_origin(asked(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "cross-site", "origin": OWN, "referer": f"{OWN}/"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "null"},
        {"origin": FOREIGN},
        {"origin": FOREIGN, "referer": f"{OWN}/"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:8000"},
        {"origin": "http://testserver.evil.example.com"},
        {"referer": f"{FOREIGN}/?{OWN}/"},
        {"referer": "http://testserver.evil.example.com/"},
        {"referer": "http://testserver@evil.example.com/"},
        {"referer": "http://[broken"},
        {"referer": "/meetings/"},
    ],
)
def test_other_next_values_are_replaced(headers):
    assert not is_same_origin(asked(**headers))


def test_host_with_port():
    request = RequestFactory().post("/", headers={"origin": "http://localhost:8000"}, SERVER_NAME="localhost")
    request.META["SERVER_PORT"] = "8000"
    assert is_same_origin(request)


@same_origin_only
def view(request):
    return HttpResponse("done")


def test_decorated_view_refuses_foreign_posts():
    assert view(asked(origin=OWN)).content == b"done"
    with pytest.raises(PermissionDenied):
        view(asked(origin=FOREIGN))


def test_decorated_view_answers_gets_from_anywhere():
    assert view(RequestFactory().get("/", headers={"origin": FOREIGN})).content == b"done"
    assert view.csrf_exempt
