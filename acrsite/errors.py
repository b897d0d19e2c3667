"""Error pages. All share the template `_error.html`.

400, 500 and 503 answer where the database, or the context of other pages, may be gone: they are rendered with the
site's name and nothing else. Django renders 403, 404 and refused CSRF tokens, and allauth 429, from templates of those
names.
"""

import errno
import sys

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from .context import Site

RETRY_AFTER = 10  # seconds
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


def bare_page(template: str, status: int) -> HttpResponse:
    """An error page made without database, session and context processors."""
    site = Site()
    context = {"site": site, "SITE_NAME": site.name, "error_base": "_bare.html"}
    return HttpResponse(render_to_string(template, context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a wrong host, or values that no link or form of the site sends."""
    return bare_page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the site is at fault; 503 where the database is (away, restarting, overloaded), or where a disk is full."""
    # Django calls this while it handles the exception.
    error = sys.exc_info()[1]
    if isinstance(error, (OperationalError, InterfaceError)):
        return unavailable()
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return unavailable()
    return bare_page("500.html", 500)


def unavailable() -> HttpResponse:
    """503: not now, for anybody."""
    response = bare_page("503.html", 503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "private, no-store"
    return response


class FormBodyMiddleware:
    """400 for the body of a form that cannot be read, whatever the address.

    It is read here, once. Otherwise whatever reads it next (the check of tokens, a view, the template of an error page)
    raises the error again while the first one is being answered, and the answer is 500.
    """

    UNREADABLE = (MultiPartParserError, SuspiciousOperation, BadRequest, UnreadablePostError)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            try:
                request.POST  # noqa: B018
            except self.UNREADABLE as error:
                return bad_request(request, error)
        return self.get_response(request)


class WrongMethodMiddleware:
    """405 for methods that no page sends, and a page in words for people who open an address that only takes forms."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
