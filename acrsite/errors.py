"""Pages for the two errors that may strike before, or because, the database or a template's context is gone.

Django renders 403.html and 404.html like any page; 400.html and 500.html get the site's names and nothing else, so
they may not extend base.html.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .context import Site


def _page(template: str, status: int) -> HttpResponse:
    site = Site()
    return HttpResponse(render_to_string(template, {"site": site, "SITE_NAME": site.name}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request no browser sends by itself (wrong host, tampered form)."""
    return _page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the site is at fault."""
    return _page("500.html", 500)
