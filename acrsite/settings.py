"""All settings, driven by the environment and by the file that ENV_FILE names. docs/operations.md lists the variables.

Nothing unsafe by default: without DEBUG=true the site refuses to start without a secret key and hosts.
"""

import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import env_file, logs, zone_data

BASE_DIR = Path(__file__).resolve().parent.parent
if path := os.environ.get("ENV_FILE"):
    # Into the environment, which child processes and gunicorn.conf.py read; what it holds already wins.
    for name, value in env_file.read(path).items():
        os.environ.setdefault(name, value)
env = environ.Env()


def text(name: str, default: str | Path) -> str:
    """The variable `name` as it is, where django-environ would take a leading "$" for a reference."""
    return os.environ.get(name, str(default))


# Everything that the site writes. Made here, lest the file cache make it, readable by its owner alone.
DATA_ROOT = Path(text("DATA_ROOT", BASE_DIR / "var"))
DATA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
DEBUG = env.bool("DEBUG", False)


def required(name: str, in_debug: str) -> str:
    """The variable `name`, or the words of the file that `name`_FILE names; `in_debug` where DEBUG is on.

    Elsewhere an error that names it.
    """
    if file := os.environ.get(f"{name}_FILE"):
        return Path(file).read_text().strip()
    if value := os.environ.get(name):
        return value
    if DEBUG:
        return in_debug
    raise ImproperlyConfigured(f"Set {name} in the environment (or DEBUG=true on your own machine).")


def rate(name: str, default: str) -> tuple[int, int] | None:
    """The variable `name`, “1200/60”, as (requests, seconds); None for “off”."""
    value = text(name, default)
    if value == "off":
        return None
    requests, _, seconds = value.partition("/")
    if not (requests.isdecimal() and seconds.isdecimal() and int(requests) and int(seconds)):
        raise ImproperlyConfigured(f"{name} is to be like 1200/60 (requests/seconds), or off, not {value!r}.")
    return int(requests), int(seconds)


def origin(url: str) -> str:
    """`url` where it is scheme and host only, as links in e-mails and the check of origins want it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"SITE_URL is to be like https://abstracts.example.org, not {url!r}.")
    return url.rstrip("/")


SECRET_KEY = required("SECRET_KEY", "insecure-key-of-a-development-machine")
# Former keys, while what they signed or encrypted is still in use.
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
ALLOWED_HOSTS = [h.strip() for h in required("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h.strip()]

# The site
SITE_NAME = text("SITE_NAME", "ACR Meeting Abstracts")
SITE_URL = origin(required("SITE_URL", "http://127.0.0.1:8000"))
SOCIETY_NAME = text("SOCIETY_NAME", "American College of Rheumatology")
SOCIETY_MEETINGS_NAME = text("SOCIETY_MEETINGS_NAME", "ACR Meetings")
SOCIETY_MEETINGS_URL = text("SOCIETY_MEETINGS_URL", "https://rheumatology.org/annual-meeting")
JOURNAL_URL = text("JOURNAL_URL", "https://onlinelibrary.wiley.com/journal/23265205")
JOURNAL_NAME = text("JOURNAL_NAME", "Online Journal")

INSTALLED_APPS = [
    "acrsite",
    "accounts",
    "abstracts",
    "accounts.apps.ArchiveAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "simple_history",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.orcid",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "acrsite.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "acrsite.middleware.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "acrsite.errors.FormBodyMiddleware",
    "accounts.people.middleware.EvenTimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "acrsite.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.people.middleware.OwnSiteMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "acrsite.middleware.ViewerMiddleware",
    "acrsite.caching.CachingMiddleware",
    "acrsite.limits.LimitMiddleware",
    "acrsite.errors.WrongMethodMiddleware",
    "acrsite.middleware.DamagedIndexMiddleware",
]

ROOT_URLCONF = "acrsite.urls"
WSGI_APPLICATION = "acrsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "acrsite.context.site",
                "accounts.favorites.context.favorites",
            ],
        },
    },
]

# Database
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
    ),
}
database: dict[str, Any] = (
    env.db_url("DATABASE_URL")
    if os.environ.get("DATABASE_URL")
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_ROOT / "db.sqlite3")}
)
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {**database.get("OPTIONS", {}), **SQLITE_OPTIONS}
    Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
elif database["ENGINE"].endswith("postgresql"):
    database["ENGINE"] = "acrsite.postgresql"
DATABASES = {"default": {**database, "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60), "CONN_HEALTH_CHECKS": True}}
# Whose clock the law goes by (see abstracts.clock): the database's, or this machine's. And how far apart they may be.
DATABASE_CLOCK = database["ENGINE"] == "acrsite.postgresql"
CLOCK_TOLERANCE_SECONDS = env.float("CLOCK_TOLERANCE_SECONDS", 2.0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Caches. "default" counts attempts to sign in, so all processes share it: in Redis, or on one machine in files.
# "requests" counts searches and the like (see acrsite.limits): in Redis, or in each process, as files would cost a
# search too much. "pages" holds finished pages (see acrsite.caching): in Redis, or in files that the processes of the
# machine share, so that a page is made once. Where one cache fails the next takes over (see acrsite.caches).
REDIS_URL = text("REDIS_URL", "")
CACHE_ROOT = Path(text("CACHE_DIR", DATA_ROOT / "cache"))
CACHES: dict[str, dict[str, Any]] = {
    "files": {
        "BACKEND": "acrsite.caches.FileCache",
        "LOCATION": str(CACHE_ROOT),
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "pages-in-files": {
        "BACKEND": "acrsite.caches.FileCache",
        "LOCATION": str(CACHE_ROOT / "pages"),
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "default",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "pages-in-memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    # Keys of related abstracts, of this process.
    "related": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "related",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "requests-in-memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "requests",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
if REDIS_URL:
    CACHES["redis"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Seconds without an answer after which it counts as gone.
        "OPTIONS": {"socket_connect_timeout": 0.1, "socket_timeout": 0.1},
    }
for _name, _caches in {
    "default": ["redis", "files", "memory"],
    "requests": ["redis", "requests-in-memory"],
    "pages": ["redis", "pages-in-files", "pages-in-memory"],
}.items():
    CACHES[_name] = {
        "BACKEND": "acrsite.caches.FirstWorkingCache",
        "KEY_PREFIX": _name,
        "OPTIONS": {"caches": [name for name in _caches if name in CACHES]},
    }

# What one client, a user or a network address, may request: (requests, seconds). See acrsite.limits.
LIMITS = {
    "searches": rate("LIMIT_SEARCHES", "1200/60"),
    "suggestions": rate("LIMIT_SUGGESTIONS", "2400/60"),
    "exports": rate("LIMIT_EXPORTS", "600/600"),
    "pdf_lists": rate("LIMIT_PDF_LISTS", "30/600"),
    "applications": rate("LIMIT_APPLICATIONS", "5/3600"),
}
# So many PDFs of lists and abstracts are made on this machine at a time.
PDFS_AT_ONCE = env.int("PDFS_AT_ONCE", 3)

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "favorites"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "accounts.people.forms.SignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_ANSWER_SECONDS = 0.5  # at least, for forms that take an e-mail address
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# ORCID sign-in: on where both are set. They come from https://orcid.org/developer-tools.
ORCID_CLIENT_ID = text("ORCID_CLIENT_ID", "")
ORCID_DOMAIN = text("ORCID_DOMAIN", "orcid.org")
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"orcid": {"BASE_DOMAIN": ORCID_DOMAIN, "APPS": []}}
if ORCID_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["orcid"]["APPS"] = [
        {"client_id": ORCID_CLIENT_ID, "secret": required("ORCID_CLIENT_SECRET", "")}
    ]
SOCIALACCOUNT_ADAPTER = "accounts.people.orcid_sign_in.OrcidAdapter"
# Second factors. With STAFF_SECOND_FACTOR staff have a reader's rights until they set one up.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", False)
MFA_ADAPTER = "accounts.people.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be off
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

# E-mail
email = env.email_url_config(required("EMAIL_URL", "consolemail://"))
if email["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    email["EMAIL_BACKEND"] = "accounts.mail_server.SmtpBackend"
vars().update(email)
EMAIL_TIMEOUT = 10  # seconds to connect to the mail server, and again for each mail
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", f"abstracts@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Language and time. Pages show a meeting's times in the meeting's zone.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
CONTENT_LANGUAGE = "en"  # of abstracts, sessions and keywords, whatever the language of the page around them
LOCALE_PATHS = [BASE_DIR / "acrsite" / "locale"]
FORMAT_MODULE_PATH = "acrsite.formats"
TIME_ZONE = "UTC"
# Chosen here, because every process of the site reads its settings before it makes a zone.
ZONE_DATA = zone_data.use_newest()
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(text("STATIC_ROOT", BASE_DIR / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Pages name files by the hash of their content; the plain names are of no use to anybody.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = DATA_ROOT / "media"
# Figures: outside every public path. With X_ACCEL_PREFIX nginx sends the files that the law let through.
FIGURES_ROOT = Path(text("FIGURES_ROOT", DATA_ROOT / "figures"))
# This machine's search index: private like the database that it follows, and safe to delete.
SEARCH_INDEX_ROOT = Path(text("SEARCH_INDEX_ROOT", DATA_ROOT / "search"))
# A thread of each process that answers requests keeps it up to date. Else whoever searches does.
SEARCH_INDEX_IN_THREAD = True
# Spreadsheets between their check and their import in the admin; private, and gone within a day.
UPLOADS_ROOT = Path(text("UPLOADS_ROOT", DATA_ROOT / "uploads"))
# Finished PDF books of meetings, of what is public; made again wherever they are missing.
DOWNLOADS_ROOT = Path(text("DOWNLOADS_ROOT", DATA_ROOT / "downloads"))
# Whether a request may start the process that makes them. Off where `make_downloads --loop` runs as a service.
DOWNLOADS_ON_DEMAND = env.bool("DOWNLOADS_ON_DEMAND", True)
X_ACCEL_PREFIX = text("X_ACCEL_PREFIX", "")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Security
SECURE_HTTPS = env.bool("SECURE_HTTPS", not DEBUG)
SECURE_SSL_REDIRECT = SECURE_HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000) if SECURE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HTTPS
SECURE_HSTS_PRELOAD = SECURE_HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", int(BEHIND_PROXY))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # No inline scripts, only lists of addresses to fetch ahead, which is all that this word allows.
        "script-src": [SELF, "'inline-speculation-rules'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        # Browsers hold the redirect that answers a form to this list, too.
        "form-action": [SELF, *([f"https://{ORCID_DOMAIN}"] if ORCID_CLIENT_ID else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Logs
LOGGING = logs.configure(DEBUG, text("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
