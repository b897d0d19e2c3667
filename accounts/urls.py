"""Addresses of favorites and accounts."""

from django.urls import path

from .views import account, embargo, favorites

urlpatterns = [
    path("favorites/", favorites.listing, name="favorites"),
    path("favorites/print/", favorites.print_all, name="favorites-print"),
    path("favorites/clear/", favorites.clear, name="favorites-clear"),
    path("favorites/restore/", favorites.restore, name="favorites-restore"),
    path("favorites/add/", favorites.add, name="favorite-add"),
    path("favorites/remove/", favorites.remove, name="favorite-remove"),
    path("accounts/", account.overview, name="account_overview"),
    path("accounts/embargo-terms/", embargo.terms, name="embargo-terms"),
]
