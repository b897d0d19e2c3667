"""The product's addresses and one bare view, behind the same middleware."""

from django.http import HttpResponse
from django.urls import path

from acrsite.urls import *  # noqa: F403  (handlers too)
from acrsite.urls import urlpatterns as product


def bare(request):
    return HttpResponse(b"bare")


urlpatterns = [path("bare/", bare), *product]
