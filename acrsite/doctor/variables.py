"""Variables: what Django itself finds, and what is unsafe or forgotten in production."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, run_checks
from django.http.request import validate_host

_FILES = {"ENV_FILE", "SECRET_KEY_FILE", "EMAIL_URL_FILE", "ORCID_CLIENT_SECRET_FILE"}
PRINTING = "django.core.mail.backends.console.EmailBackend"


def check() -> Iterator[CheckMessage]:
    if os.geteuid() == 0:
        yield Error("This is root, who may do everything: the site runs as another user.", "Use archive-manage doctor.")
    yield from run_checks(include_deployment_checks=True)
    site = urlsplit(settings.SITE_URL)
    if settings.DEBUG:
        yield Error("DEBUG is on: pages of errors show the program and its data.", "Take DEBUG out of the variables.")
    if site.scheme != "https":
        yield Error(f"SITE_URL is {settings.SITE_URL}: passwords travel in the clear.", "Make it begin with https://.")
    if not validate_host(site.hostname or "", settings.ALLOWED_HOSTS):
        yield Error(f"ALLOWED_HOSTS lacks {site.hostname}, the host of SITE_URL.", f"Add {site.hostname} to it.")
    if "*" in settings.ALLOWED_HOSTS:
        yield Error("ALLOWED_HOSTS has *: links in e-mails can be forged.", "Name the hosts.")
    if settings.EMAIL_BACKEND == PRINTING:
        yield Error(
            "EMAIL_URL prints e-mails: nobody gets one.", "Name your mail server, smtp+tls://user:password@host:587."
        )
    if not settings.STAFF_SECOND_FACTOR:
        yield Warning("Staff need no second factor.", "Set STAFF_SECOND_FACTOR=true.")
    yield from _check_files()


def _check_files() -> Iterator[CheckMessage]:
    """The files that hold secrets are for the site's user alone."""
    for name in sorted(_FILES & set(os.environ)):
        path = Path(os.environ[name])
        if path.exists() and path.stat().st_mode & 0o077:
            yield Error(f"{path} ({name}) can be read by others.", f"chmod 0400 {path}")
