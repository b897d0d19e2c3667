"""Sets, once for each request, who asks and when: `request.viewer` and `request.at`; and a header of every answer."""

from django.utils.functional import SimpleLazyObject

from abstracts import clock
from abstracts.search.damage import IndexDamaged, without_index
from accounts.people.viewers import viewer_of


class ViewerMiddleware:
    """Sets `request.at` (the law's instant) and `request.viewer` (resolved when first looked at)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.at = clock.now()
        request.viewer = SimpleLazyObject(lambda: viewer_of(request))
        return self.get_response(request)


class PermissionsPolicyMiddleware:
    """Forbids the pages of the site, and everything embedded in them, the use of the visitor's devices."""

    POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.POLICY)
        return response


class DamagedIndexMiddleware:
    """Asks a view again, without the search index, where it came upon a damaged one. Only views that read use it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, IndexDamaged):
            return None
        match = request.resolver_match
        with without_index():
            return match.func(request, *match.args, **match.kwargs)
