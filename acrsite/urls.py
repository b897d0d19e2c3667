"""Addresses. Lower case, plural, trailing slash, stable for ever."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from . import health

# Sign-in for staff is the site's own: the same limits on wrong passwords hold for both.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    # Reached through health.HealthMiddleware, before anything else looks at the request.
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("abstracts.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "acrsite.errors.bad_request"
handler500 = "acrsite.errors.server_error"
