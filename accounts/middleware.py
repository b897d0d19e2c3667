"""Keeps allauth's pages in the frame of the site."""


class OwnSiteMiddleware:
    """Takes allauth's `site` (the name of the host) out of its pages: here `site` is what `acrsite.context` says."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        if (request.resolver_match.url_name or "").startswith("account_") and response.context_data:
            response.context_data.pop("site", None)
        return response
