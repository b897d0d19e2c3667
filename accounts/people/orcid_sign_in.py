"""Sign-in with ORCID: where it is offered, and what is stored of an ORCID record."""

import functools
from collections.abc import Callable

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from ..models import User


class OrcidAdapter(DefaultSocialAccountAdapter):
    """Stores the identifier of a person's public record, and the name as a first suggestion."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        account = sociallogin.account
        account.extra_data = {}
        if account.pk:
            SocialAccount.objects.filter(pk=account.pk).update(extra_data={})

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict) -> User:
        user = super().populate_user(request, sociallogin, data)
        user.orcid = sociallogin.account.uid
        return user


def is_configured() -> bool:
    """Whether this site may ask ORCID."""
    return bool(settings.SOCIALACCOUNT_PROVIDERS["orcid"]["APPS"])


def where_configured(view: Callable) -> Callable:
    """View decorator: 404 where this site may not ask ORCID."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not is_configured():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
