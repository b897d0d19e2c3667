"""The type of a request as views get it."""

import datetime as dt

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
