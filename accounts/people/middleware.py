"""Keeps allauth's pages in the frame of the site."""

from django.contrib.sites.requests import RequestSite


class OwnSiteMiddleware:
    """Takes allauth's `site` (the name of the host) out of its pages: here `site` is what `acrsite.context` says."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        if isinstance((response.context_data or {}).get("site"), RequestSite):
            response.context_data.pop("site")
        return response
