"""Fixes, once per request, who asks and when: `request.viewer` and `request.at`; and small things of every answer."""

from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.people.viewers import viewer_of


class ViewerMiddleware:
    """Sets `request.at` (aware instant) and `request.viewer` (resolved when first looked at)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.at = timezone.now()
        request.viewer = SimpleLazyObject(lambda: viewer_of(request))
        return self.get_response(request)


class WrongMethodMiddleware:
    """405 for methods that no page sends, and a page in words for people who open an address that only takes forms."""

    METHODS = ("GET", "HEAD", "POST", "OPTIONS")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in self.METHODS:
            return HttpResponseNotAllowed(self.METHODS)
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class PermissionsPolicyMiddleware:
    """Says that no page of the site, and nothing in it, uses the devices of the visitor."""

    POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.POLICY)
        return response
