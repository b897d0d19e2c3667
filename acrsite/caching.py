"""Cache-Control of every answer, and the site's own store of finished pages.

A PUBLIC page (see `acrsite.access`) is the same for everybody who has no session. It may be stored while it is true:

- by this site until the archive's revision moves (every change of content moves it, in its transaction), until the
  next embargo instant, and for `STORE_FOR` at most;
- by the nginx of `deploy/`, which asks at every request whether it is still true (`X-Accel-Expires`);
- by other proxies and by browsers until the next full ten seconds. Instants of embargoes are full minutes: so what is
  stored anywhere ends with them, and no age says that there is one.

All other answers are private. Pages that show anything ahead of its release may not be stored at all, and no page while
the clocks of this machine and of the database disagree (`abstracts.clock.problem`).
"""

import datetime as dt
import functools
import gzip
import hashlib
import re
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from abstracts import clock
from abstracts.exporting.negotiation import requested_format
from abstracts.models.embargo import PublicState, public_state
from abstracts.visibility import ArchiveRequest

from . import making
from .access import Access, access_of

# Seconds. Ages count down to the next multiple.
LONGEST_AGE = 10
STORE_FOR = dt.timedelta(minutes=10)
LONGEST_PATH = 500
LARGEST = 1_000_000  # bytes, compressed
# Where nginx's store of an address is to be replaced: there is no such page (any more).
REPLACES = (301, 302, 303, 404, 410)
# "gzip;q=0" refuses it.
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")


class StoredPage(NamedTuple):
    """A finished page; its content may be compressed."""

    content: bytes
    headers: dict[str, str]

    def response(self) -> HttpResponse:
        return HttpResponse(self.content, headers=self.headers)


class SharedRequest(ArchiveRequest):
    """A request with what was found out before the view, to be used again after it."""

    archive_state: PublicState | None
    making: BinaryIO | None


class CachingMiddleware:
    """Serves stored pages, stores pages, and sets Cache-Control on every answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: SharedRequest) -> HttpResponseBase:
        request.archive_state = request.making = None
        try:
            return _finish(request, self.get_response(request))
        finally:
            if request.making:
                making.over(request.making)

    def process_view(self, request: SharedRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not is_shared(request):
            return None
        request.archive_state = public_state(request.at)
        if not _is_page(request):
            return None
        key = _key(request, request.archive_state)
        page = caches["pages"].get(key)
        if not page and request.method == "GET":
            request.making = making.alone(key)
            # Another may have finished it since, or while this one waited.
            page = caches["pages"].get(key)
        return page.response() if page else None


def is_shared(request: HttpRequest) -> bool:
    """Whether the answer to `request` is the same for everybody."""
    match = request.resolver_match
    return (
        request.method in ("GET", "HEAD")
        and match is not None
        and access_of(match.url_name, match.app_names) is Access.PUBLIC
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def max_age(at: dt.datetime) -> int:
    """Whole seconds from `at` until the next full ten seconds, rounded up, so never 0, which would store nothing."""
    return LONGEST_AGE - at.second % LONGEST_AGE


def _finish(request: SharedRequest, response: HttpResponseBase) -> HttpResponseBase:
    # After a failure the database may be away, and a limit was reached by one client only.
    if response.status_code >= 500 or response.status_code == 429:
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
    if not is_shared(request):
        return _mark_private(request, response)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    if clock.problem():
        response["Cache-Control"] = "private, no-store"
        return _for_client(request, response)
    # A view sets Cache-Control itself if a better answer will be ready in a moment.
    if response.status_code not in (200, 304) or response.cookies or "Cache-Control" in response:
        response["Cache-Control"] = "private, no-cache"
        if response.status_code in REPLACES and _is_page(request):
            response["X-Accel-Expires"] = "@1"
        return _conditional(request, response)
    response["Cache-Control"] = f"public, max-age={max_age(request.at)}"
    # Figures have an ETag of their own, and come from their files.
    if isinstance(response, HttpResponse) and response.status_code == 200 and "ETag" not in response:
        _store(request, response)
    if "ETag" not in response:
        return response
    response["X-Accel-Expires"] = "@1"
    return _conditional(request, response)


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


def _conditional(request: HttpRequest, response: Any) -> HttpResponseBase:
    """304 with the headers of now, where the client has it; else the answer in an encoding that the client takes."""
    unchanged = get_conditional_response(request, etag=response.get("ETag"), response=response)
    if unchanged is None or unchanged is response:
        return _for_client(request, response)
    if "X-Accel-Expires" in response:
        unchanged["X-Accel-Expires"] = response["X-Accel-Expires"]
    return unchanged


def _for_client(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.get("Content-Encoding") == "gzip" and not GZIP.search(request.headers.get("Accept-Encoding", "")):
        response.content = gzip.decompress(response.content)  # type: ignore[attr-defined]
        del response["Content-Encoding"]
    return response


def _is_page(request: HttpRequest) -> bool:
    """Whether the answer depends on the address alone: it is no part of a page, and no file that Accept asks for."""
    is_whole = not request.headers.get("HX-Request") and not requested_format(request)
    return is_whole and len(request.get_full_path()) < LONGEST_PATH


def _store(request: SharedRequest, response: HttpResponse) -> None:
    """Store the page, if it is one, and give it the headers and the encoding in which it is stored."""
    if request.method != "GET" or not request.archive_state or not _is_page(request):
        return
    content = response.content
    # Nothing in a public page is secret: its length tells nothing.
    compressed = gzip.compress(content, 6, mtime=0)
    if len(compressed) > LARGEST:
        return
    response["ETag"] = f'W/"{hashlib.sha256(_salt() + content).hexdigest()[:32]}"'
    patch_vary_headers(response, ["Accept-Encoding"])
    if len(compressed) < 0.9 * len(content):
        response.content = compressed
        response["Content-Encoding"] = "gzip"
    headers = {name: value for name, value in response.items() if name != "Cache-Control"}
    caches["pages"].set(
        _key(request, request.archive_state), StoredPage(response.content, headers), STORE_FOR.total_seconds()
    )


@functools.cache
def _salt() -> bytes:
    """What decides the headers of all pages: a 304 leaves nginx those of its copy, so other ones need another ETag."""
    names = [name for name in dir(settings) if name.startswith(("CONTENT_SECURITY", "SECURE_", "X_FRAME"))]
    return repr([(name, repr(getattr(settings, name))) for name in names]).encode()


def _key(request: ArchiveRequest, state: PublicState) -> str:
    """One for each stretch of time in which the page stays true: no change in it, no embargo instant and no midnight.

    (Citations have the date.) So a page that was made under this key is true, whichever process made it.
    """
    parts = (*state, request.at.date(), request.get_full_path())
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
