"""The site's addresses, and views that fail in every way there is."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.urls import path

from acrsite.urls import handler400, handler500  # noqa: F401
from acrsite.urls import urlpatterns as real_urlpatterns


def crash(request):
    raise RuntimeError("a failure of the tests' own")


def refuse(request):
    raise PermissionDenied("refused by the tests")


def suspect(request):
    raise SuspiciousOperation("suspected by the tests")


def reset(request, key):
    return HttpResponse("reset")


urlpatterns = [
    path("fail/crash/", crash),
    path("fail/refuse/", refuse),
    path("fail/suspect/", suspect),
    path("fail/reset/<key>/", reset),
    *real_urlpatterns,
]
