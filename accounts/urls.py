"""Addresses of favorites and accounts."""

from django.urls import include, path

from .views import exports, favorites

urlpatterns = [
    path("favorites/", favorites.listing, name="favorites"),
    path("favorites/print/", favorites.print_all, name="favorites-print"),
    path("favorites/clear/", favorites.clear, name="favorites-clear"),
    path("favorites/restore/", favorites.restore, name="favorites-restore"),
    path("favorites/export/<slug:name>/", exports.favorites_export, name="favorites-export"),
    path("favorites/add/", favorites.add, name="favorite-add"),
    path("favorites/remove/", favorites.remove, name="favorite-remove"),
    path("accounts/", include("accounts.account_urls")),
]
