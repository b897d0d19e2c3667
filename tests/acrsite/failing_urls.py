"""The site's addresses, and views that fail in every way there is."""

import errno
import logging
import time
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from acrsite.urls import handler400, handler500  # noqa: F401
from acrsite.urls import urlpatterns as real_urlpatterns


def crash(request):
    raise RuntimeError("a failure of the tests' own")


def fill_disk(request):
    raise OSError(errno.ENOSPC, "the tests have no room")


def refuse(request):
    raise PermissionDenied("refused by the tests")


def suspect(request):
    raise SuspiciousOperation("suspected by the tests")


def reset(request, key):
    return HttpResponse("reset")


def slow(request):
    time.sleep(0.05)
    return HttpResponse("slow")


def stream(request):
    return StreamingHttpResponse(_slow_parts())


def _slow_parts() -> Iterator[bytes]:
    time.sleep(0.05)
    yield b"part"


def log(request):
    logging.getLogger("somewhere.else").warning("within a request")
    return HttpResponse("logged")


urlpatterns = [
    path("fail/crash/", crash),
    path("fail/refuse/", refuse),
    path("fail/disk/", fill_disk),
    path("fail/suspect/", suspect),
    path("fail/slow/", slow),
    path("fail/stream/", stream),
    path("fail/log/", log),
    path("fail/reset/<key>/", reset),
    *real_urlpatterns,
]
