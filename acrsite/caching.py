"""Who may keep a page, and for how long; and this site's own store of finished pages.

A PUBLIC page (see `acrsite.access`) asked for without a session is the same for everybody. It is kept, here and by
any proxy, for as long as it stays true:

- here until the archive's revision moves (every change of content moves it, in its transaction), the next embargo
  instant comes, or `KEEP` is over;
- elsewhere for `MAX_AGE`, or until the next embargo instant where that comes first.

Everything else is private, and what shows anything ahead of its release is not stored at all.
"""

import datetime as dt
import hashlib
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from abstracts.exporting.negotiation import requested_format
from abstracts.models.embargo import PublicState, public_state

from .access import Access, access_of

MAX_AGE = dt.timedelta(seconds=60)
KEEP = dt.timedelta(minutes=10)
LONGEST_PATH = 500


class StoredPage(NamedTuple):
    """A finished page and the instants between which it is true."""

    made_at: dt.datetime
    valid_until: dt.datetime
    content: bytes
    headers: dict[str, str]

    def is_true_at(self, at: dt.datetime) -> bool:
        return self.made_at <= at < self.valid_until

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


class CachingMiddleware:
    """Answers from the store where it can, stores where it may, and sets Cache-Control on every answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # What failed may not ask the database anything again.
        if response.status_code >= 500:
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response
        if not is_shared(request):
            return _keep_private(request, response)
        state = getattr(request, "archive_state", None) or public_state(request.at)
        _keep_public(request, response, state)
        if _is_storable(request, response):
            _store(request, response, state)
        return get_conditional_response(request, etag=response.get("ETag"), response=response)  # type: ignore

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
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


def _keep_private(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    match = request.resolver_match
    secret = (
        request.viewer.sees_embargoed
        or (match is not None and access_of(match.url_name, match.app_names) is Access.STAFF)
        or "no-store" in response.get("Cache-Control", "")
    )
    response["Cache-Control"] = "private, no-store" if secret else "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def _keep_public(request: HttpRequest, response: HttpResponseBase, state: PublicState) -> None:
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    # A view sets Cache-Control itself where it could give a better answer in a moment.
    if response.status_code != 200 or response.cookies or "Cache-Control" in response:
        response["Cache-Control"] = "private, no-cache"
        return
    ends = request.at + MAX_AGE
    age = (min(ends, state.next_instant or ends) - request.at).total_seconds()
    response["Cache-Control"] = f"public, max-age={int(age)}"


def _is_lookup(request: HttpRequest) -> bool:
    plain = not request.headers.get("HX-Request") and not requested_format(request)
    return request.method == "GET" and plain and len(request.get_full_path()) < LONGEST_PATH


def _is_storable(request: HttpRequest, response: HttpResponseBase) -> bool:
    return (
        _is_lookup(request)
        and response["Cache-Control"].startswith("public")
        and not response.streaming
        and "ETag" not in response
    )


def _store(request: HttpRequest, response: HttpResponseBase, state: PublicState) -> None:
    midnight = (request.at + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    valid_until = min(request.at + KEEP, midnight, state.next_instant or midnight)
    response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    kept = {name: value for name, value in response.items() if name != "Cache-Control"}
    page = StoredPage(request.at, valid_until, response.content, kept)
    caches["pages"].set(_key(request, state), page, KEEP.total_seconds())


def _key(request: HttpRequest, state: PublicState) -> str:
    path = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    return f"{state.token}:{path}"
