"""Whether a request that changes something came from a page of this site.

The star on a public page cannot carry a CSRF token, because the page is the same for everybody. Instead the view checks
headers that browsers set and that no script can forge.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a page of this site sent `request`, or the visitor's own action (a reload, a bookmark).

    Sec-Fetch-Site decides if the browser sends it (all current browsers do, over HTTPS), else Origin, else Referer. A
    request with none of the three may come from anywhere: False.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        by_user = site == "none" and request.headers.get("Sec-Fetch-User") == "?1"
        return site == "same-origin" or by_user
    if origin := request.headers.get("Origin"):
        return origin in _own_origins(request)
    return _origin_of(request.headers.get("Referer", "")) in _own_origins(request)


def same_origin_only(view: View) -> View:
    """View decorator: 403 for changes that no page of this site sent, in place of Django's CSRF token."""

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD", "OPTIONS") and not is_same_origin(request):
            raise PermissionDenied("This request did not come from a page of this site.")
        return view(request, *args, **kwargs)

    return cast(View, guarded)


def _own_origins(request: HttpRequest) -> set[str]:
    return {f"{request.scheme}://{request.get_host()}".lower(), *settings.CSRF_TRUSTED_ORIGINS}


def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()
