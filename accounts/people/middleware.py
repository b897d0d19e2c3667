"""What allauth's pages need around them."""

import time

from django.conf import settings
from django.contrib.sites.requests import RequestSite

# Forms that take an e-mail address, and those that ask for another e-mail to it.
EVEN_TIME = {
    "account_signup",
    "account_login",
    "account_reset_password",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_email",
    "socialaccount_signup",
}


class EvenTimeMiddleware:
    """Answers these forms after the same time, whether the address has an account or not.

    The long work (hashing, e-mails) is done alike or in the background; what is left differs by a few milliseconds.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.monotonic()
        response = self.get_response(request)
        if request.method == "POST" and request.resolver_match and request.resolver_match.url_name in EVEN_TIME:
            time.sleep(max(settings.ACCOUNT_ANSWER_SECONDS - (time.monotonic() - started), 0))
        return response


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
