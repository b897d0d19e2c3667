"""Addresses. Lower case, plural, trailing slash, stable for ever."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("abstracts.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
