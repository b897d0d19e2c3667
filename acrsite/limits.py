"""Limits on how often one client may request what is expensive: searches, suggestions, files, applications.

Fixed windows, counted in the cache "requests". A signed-in reader counts as such, everybody else by network address,
which is stored as a keyed hash only, until its window ends. Pages from the site's store are answered before this
(see `acrsite.caching`) and do not count.
"""

import math
import time
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils.crypto import salted_hmac

from .errors import bare_page

# The name of an address -> the entry of `settings.LIMITS` under which requests for it count.
LIMITED = {
    "search": "searches",
    "feed-search": "searches",
    "suggestions": "suggestions",
    "abstract-export": "exports",
    "session-export": "exports",
    "meeting-export": "exports",
    "search-export": "exports",
    "favorites-export": "exports",
    "shared-list-export": "exports",
    "press-apply": "applications",
}


class LimitMiddleware:
    """Answers 429 instead of the view where a client has reached a limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        kind = kind_of(request.resolver_match)
        rate = settings.LIMITS.get(kind)
        methods = ("POST",) if kind == "applications" else ("GET", "HEAD")
        if not rate or request.method not in methods:
            return None
        wait = seconds_to_wait(f"{kind} {client_of(request)}", *rate)
        return too_many_requests(wait) if wait else None


def kind_of(match: ResolverMatch | None) -> str:
    """The entry of `settings.LIMITS` for an address; "" if it is not limited."""
    name = match.url_name if match else None
    kind = LIMITED.get(name or "", "")
    is_pdf = match is not None and match.kwargs.get("name") == "pdf"
    return "pdf_lists" if kind == "exports" and is_pdf and name != "abstract-export" else kind


def client_of(request: HttpRequest) -> str:
    """Who counts as one: a user, an IPv4 address, an IPv6 network."""
    if request.user.is_authenticated:
        return f"user {request.user.pk}"
    try:
        return f"address {get_ip(request)}"
    except (PermissionDenied, ImproperlyConfigured):
        # The proxies do not say where the request comes from. Such requests share one limit.
        return "unknown"


def seconds_to_wait(name: str, requests: int, seconds: int) -> int:
    """Count one request under `name`; 0 up to `requests` in a window of `seconds`, then the seconds until it ends."""
    window, passed = divmod(time.time(), seconds)
    key = salted_hmac("acrsite.limits", f"{int(window)} {name}", algorithm="sha256").hexdigest()
    left = math.ceil(seconds - passed)
    cache = caches["requests"]
    cache.add(key, 0, left)
    try:
        count = cache.incr(key)
    except ValueError:
        # The window has ended, or another cache has taken over, since the line before.
        return 0
    return left if count > requests else 0


def too_many_requests(wait: int) -> HttpResponse:
    """429 in the site's look, without a query. `wait` in seconds."""
    response = bare_page("too_many_requests.html", 429)
    response["Retry-After"] = str(wait)
    return response
