"""Addresses. Lower case, plural, trailing slash, stable forever."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from abstracts.urls import machine_urlpatterns
from accounts.urls import machine_urlpatterns as calendar_urlpatterns

from . import health, installed, styleguide

urlpatterns = [
    # Answered by health.HealthMiddleware, before anything else looks at the request.
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("favicon.ico", installed.favicon, name="favicon"),
    path("manifest.webmanifest", installed.manifest, name="web-manifest"),
    path("service-worker.js", installed.service_worker, name="service-worker"),
    # Files, feeds and exports: one address each, without a language.
    path("", include(machine_urlpatterns)),
    path("", include(calendar_urlpatterns)),
    # Pages: /es/… in Spanish, nothing before the address in English.
    *i18n_patterns(
        path("offline/", installed.offline, name="offline"),
        path("", include("abstracts.urls")),
        path("", include("accounts.urls")),
        path("accounts/", include("accounts.urls.allauth")),
        prefix_default_language=False,
    ),
]
if settings.DEBUG:
    urlpatterns += styleguide.urlpatterns

handler400 = "acrsite.errors.bad_request"
handler500 = "acrsite.errors.server_error"
