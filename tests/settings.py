"""The product's settings, in the environment that tests want. DATABASE_URL chooses the database."""

import os

os.environ["DEBUG"] = "false"
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SITE_URL"] = "https://abstracts.example.org"
os.environ["SECURE_HTTPS"] = "false"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["LOG_LEVEL"] = "CRITICAL"

from acrsite.settings import *  # noqa: F403
from acrsite.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_ANSWER_SECONDS = 0
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Static files straight from their sources: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# Each worker of pytest-xdist has its own.
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "requests", "pages", "related")
}
# Tests, of which several runs may share a machine, meet no limit that they do not set.
LIMITS: dict[str, tuple[int, int] | None] = {}
PDFS_AT_ONCE = 100
# A thread would see another database than the test's transaction.
SEARCH_INDEX_IN_THREAD = False
# The live server's threads leave no connection behind that would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Tests set `timezone.now`; those of the clock turn this on.
DATABASE_CLOCK = False
# Tests that empty the database delete its rows; the tests of the triggers make them for themselves.
RECORD_TRIGGERS = False
