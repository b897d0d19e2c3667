"""The type of a request as views get it, and who makes files."""

import datetime as dt
import functools
from collections.abc import Callable

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .law import Viewer


class ArchiveRequest(HttpRequest):
    """A request to which middleware has added who asks (`viewer`) and the instant at which it is answered (`at`).

    For annotations only: Django makes the requests, and no object has this class.
    """

    viewer: Viewer
    at: dt.datetime
    htmx: HtmxDetails


def makes_file(view: Callable) -> Callable:
    """View decorator: the answer is a file or a print, so it contains what the viewer may have in files."""

    @functools.wraps(view)
    def narrowed(request: ArchiveRequest, *args, **kwargs):
        request.viewer = request.viewer.of_files
        return view(request, *args, **kwargs)

    return narrowed
