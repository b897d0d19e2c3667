"""Sign-in with ORCID: which of what ORCID tells is kept."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.http import HttpRequest

from .models import User


class OrcidAdapter(DefaultSocialAccountAdapter):
    """Of a person's whole public record it keeps the identifier, and the name as a first suggestion."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        account = sociallogin.account
        account.extra_data = {}
        if account.pk:
            SocialAccount.objects.filter(pk=account.pk).update(extra_data={})

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict) -> User:
        user = super().populate_user(request, sociallogin, data)
        user.orcid = sociallogin.account.uid
        return user
