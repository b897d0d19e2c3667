"""The product's settings for benchmarks: a bare view beside the product's pages, and a switch for the page store."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-benchmarks")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,testserver")
os.environ.setdefault("SITE_URL", "http://127.0.0.1:8000")
os.environ.setdefault("SECURE_HTTPS", "false")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("EMAIL_URL", "consolemail://")
os.environ.setdefault("STATIC_ROOT", str(Path(__file__).resolve().parent.parent / "var" / "benchmarks" / "static"))

from acrsite.settings import *  # noqa: F403
from acrsite.settings import CACHES, MIDDLEWARE

ROOT_URLCONF = "benchmarks.urls"
LIMITS: dict[str, tuple[int, int] | None] = {}
if os.environ.get("PAGE_STORE") == "off":
    CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
if os.environ.get("COUNT_MADE"):
    MIDDLEWARE.append("benchmarks.counting.CountingMiddleware")
