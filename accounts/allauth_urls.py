"""allauth's addresses: those of `allauth.urls` without its unnamed redirects from older versions of itself."""

from django.urls import include, path

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    path("", include("allauth.socialaccount.providers.orcid.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
