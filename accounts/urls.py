"""Addresses of favorites and accounts."""

urlpatterns: list = []
