"""How allauth makes users, writes to them and where it leads them."""

from typing import NamedTuple
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse

from ..mail_server import send_in_background
from ..models import PressAccess


class Site(NamedTuple):
    """The site as e-mails call it; `domain` is its whole address."""

    name: str
    domain: str


class AccountAdapter(DefaultAccountAdapter):
    """Users have no user name, only an e-mail address."""

    def populate_username(self, request, user):
        pass

    def send_mail(self, template_prefix, email, context):
        site = Site(settings.SITE_NAME, settings.SITE_URL)
        context = {"request": self.request, "email": email, **context, "current_site": site}
        send_in_background(self.render_mail(template_prefix, email, context), template_prefix)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Wrong passwords count for the network they come from: nobody else's lock the owner out."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{get_ip(request)}"

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        accesses = PressAccess.objects.current(user.pk, request.at)
        if not all(access.is_accepted for access in accesses):
            query = urlencode({"next": response.url})
            return HttpResponseRedirect(f"{reverse('account_press')}?{query}")
        return response

    def get_login_redirect_url(self, request):
        """The press land on their meetings."""
        is_press = PressAccess.objects.current(request.user.pk, request.at).exists()
        return reverse("account_press") if is_press else super().get_login_redirect_url(request)
