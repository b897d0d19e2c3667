"""Addresses of the archive."""

urlpatterns: list = []
