"""What every test stands on."""

import os

import pytest
from django.core.cache import caches

# Playwright's synchronous API runs an event loop in the test's thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _own_figures_folder(settings, tmp_path):
    settings.FIGURES_ROOT = tmp_path / "figures"
