"""allauth's addresses: those of `allauth.urls` without its unnamed redirects from older versions of itself."""

from allauth.socialaccount.providers.orcid.views import oauth2_callback, oauth2_login
from django.urls import include, path

from ..people.orcid_sign_in import where_configured

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("orcid/login/", where_configured(oauth2_login), name="orcid_login"),
    path("orcid/login/callback/", where_configured(oauth2_callback), name="orcid_callback"),
    path("sessions/", include("allauth.usersessions.urls")),
]
