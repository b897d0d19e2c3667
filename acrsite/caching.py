"""Cache-Control of every answer, and the site's own store of finished pages.

A PUBLIC page (see `acrsite.access`) is the same for everybody who has no session. It may be stored while it is true:

- by this site until the archive's revision moves (every change of content moves it, in its transaction), until the
  next embargo instant, and for `STORE_FOR` at most;
- by proxies and browsers until the next embargo instant, and for `MAX_AGE` at most.

All other pages are private. Pages that show anything ahead of its release may not be stored at all, and no page while
the clocks of this machine and of the database disagree (`abstracts.clock.problem`).
"""

import datetime as dt
import hashlib
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from abstracts import clock
from abstracts.exporting.negotiation import requested_format
from abstracts.models.embargo import PublicState, public_state
from abstracts.visibility import ArchiveRequest

from .access import Access, access_of

MAX_AGE = dt.timedelta(seconds=60)
STORE_FOR = dt.timedelta(minutes=10)
LONGEST_PATH = 500


class StoredPage(NamedTuple):
    """A finished page, true from `made_at` until before `valid_until`."""

    made_at: dt.datetime
    valid_until: dt.datetime
    content: bytes
    headers: dict[str, str]

    def is_true_at(self, at: dt.datetime) -> bool:
        return self.made_at <= at < self.valid_until

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


class SharedRequest(ArchiveRequest):
    """A request with the state of the archive, read once before the view and used again after it."""

    archive_state: PublicState


class CachingMiddleware:
    """Serves stored pages, stores pages, and sets Cache-Control on every answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: SharedRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # After a failure the database may be away, and a limit was reached by one client only.
        if response.status_code >= 500 or response.status_code == 429:
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
        if not is_shared(request):
            return _mark_private(request, response)
        state = getattr(request, "archive_state", None) or public_state(request.at)
        _mark_public(request, response, state)
        is_storable = response["Cache-Control"].startswith("public") and "ETag" not in response
        if is_storable and isinstance(response, HttpResponse) and _is_lookup(request):
            _store(request, response, state)
        return get_conditional_response(request, etag=response.get("ETag"), response=response) or response

    def process_view(self, request: SharedRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not is_shared(request):
            return None
        request.archive_state = public_state(request.at)
        page = caches["pages"].get(_key(request, request.archive_state)) if _is_lookup(request) else None
        return page.response() if page and page.is_true_at(request.at) else None


def is_shared(request: HttpRequest) -> bool:
    """Whether the answer to `request` is the same for everybody."""
    match = request.resolver_match
    return (
        request.method in ("GET", "HEAD")
        and match is not None
        and access_of(match.url_name, match.app_names) is Access.PUBLIC
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def _mark_private(request: ArchiveRequest, response: HttpResponseBase) -> HttpResponseBase:
    match = request.resolver_match
    is_secret = (
        request.viewer.sees_embargoed
        or (match is not None and access_of(match.url_name, match.app_names) is Access.STAFF)
        or "no-store" in response.get("Cache-Control", "")
    )
    response["Cache-Control"] = "private, no-store" if is_secret else "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def _mark_public(request: ArchiveRequest, response: HttpResponseBase, state: PublicState) -> None:
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    if clock.problem():
        response["Cache-Control"] = "private, no-store"
        return
    # A view sets Cache-Control itself if a better answer will be ready in a moment.
    if response.status_code != 200 or response.cookies or "Cache-Control" in response:
        response["Cache-Control"] = "private, no-cache"
        return
    end = request.at + MAX_AGE
    age = (min(end, state.next_instant or end) - request.at).total_seconds()
    response["Cache-Control"] = f"public, max-age={int(age)}"


def _is_lookup(request: HttpRequest) -> bool:
    is_page = not request.headers.get("HX-Request") and not requested_format(request)
    return request.method == "GET" and is_page and len(request.get_full_path()) < LONGEST_PATH


def _store(request: ArchiveRequest, response: HttpResponse, state: PublicState) -> None:
    midnight = (request.at + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    valid_until = min(request.at + STORE_FOR, midnight, state.next_instant or midnight)
    response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    headers = {name: value for name, value in response.items() if name != "Cache-Control"}
    page = StoredPage(request.at, valid_until, response.content, headers)
    caches["pages"].set(_key(request, state), page, STORE_FOR.total_seconds())


def _key(request: HttpRequest, state: PublicState) -> str:
    path = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    return f"{state.token}:{path}"
