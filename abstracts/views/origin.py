"""Whether a request that changes something came from a page of this site.

The star of a public page cannot carry a CSRF token, for the page is the same for everybody. What stands in for it
are headers that browsers set themselves and no script can forge.
"""

import functools
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.csrf import csrf_exempt


def is_same_origin(request: HttpRequest) -> bool:
    """Whether `request` was sent by a page of this site, or by the visitor's own hand.

    Sec-Fetch-Site decides where the browser sends it (all current ones do, over HTTPS); else Origin; else Referer.
    A request with none of the three could come from anywhere.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        by_hand = site == "none" and request.headers.get("Sec-Fetch-User") == "?1"
        return site == "same-origin" or by_hand
    if origin := request.headers.get("Origin"):
        return origin in _own_origins(request)
    return _origin_of(request.headers.get("Referer", "")) in _own_origins(request)


def same_origin_only(view: Callable) -> Callable:
    """View decorator: exempt from Django's CSRF token, and 403 for whatever no page of this site sent."""

    @csrf_exempt
    @functools.wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method not in ("GET", "HEAD", "OPTIONS") and not is_same_origin(request):
            raise PermissionDenied("This request did not come from a page of this site.")
        return view(request, *args, **kwargs)

    return guarded


def _own_origins(request: HttpRequest) -> set[str]:
    return {f"{request.scheme}://{request.get_host()}".lower(), *settings.CSRF_TRUSTED_ORIGINS}


def _origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()
