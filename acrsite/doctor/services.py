"""What the site stands on: the database, the cache, the mail server."""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.core.cache import caches
from django.core.checks import CheckMessage, Error, Warning
from django.core.mail import get_connection
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from redis.exceptions import RedisError

from ..health import pending_migrations

OWN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
LIMITS = {"statement_timeout": "60s", "idle_in_transaction_session_timeout": "10min"}
OLDEST_POSTGRESQL = 15


def check_database() -> Iterator[CheckMessage]:
    try:
        pending, ahead = pending_migrations(), _migrations_ahead()
    except DatabaseError as error:
        yield Error(f"The database does not answer: {error}".strip(), "Start it, or mend DATABASE_URL.")
        return
    if pending:
        yield Error(f"{pending} migrations are not applied.", "Run deploy/upgrade of this release.")
    if ahead:
        yield Error(
            f"The database has migrations of a newer release: {', '.join(ahead)}.",
            "Put the newer release into service, or go back by its deploy/upgrade --back.",
        )
    if connection.vendor == "postgresql":
        yield from _check_postgresql()


def _migrations_ahead() -> list[str]:
    """Migrations ("app.name") of apps of this program that the database has and this program lacks."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations) | {name for each in loader.disk_migrations.values() for name in each.replaces}
    applied = {key for key in loader.applied_migrations if key[0] in loader.migrated_apps}
    return sorted(".".join(key) for key in applied - known)


def _check_postgresql() -> Iterator[CheckMessage]:
    with connection.cursor() as cursor:

        def show(name: str) -> str:
            cursor.execute("SELECT current_setting(%s)", [name])
            return cursor.fetchone()[0]

        if int(show("server_version_num")) < OLDEST_POSTGRESQL * 10_000:
            yield Error(f"PostgreSQL {show('server_version')} is too old.", f"Version {OLDEST_POSTGRESQL} or newer.")
        if show("server_encoding") != "UTF8":
            yield Error("The database is not in UTF-8.", "Make it as the README does, and restore a backup into it.")
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        if (collation := cursor.fetchone()[0]) not in ("C", "C.UTF-8", "C.utf8"):
            yield Warning(
                f"The database sorts by {collation}: lists come out differently on each machine.",
                "Make it as the README does (C.UTF-8), and restore a backup into it.",
            )
        for name, value in LIMITS.items():
            if show(name) == "0":
                yield Warning(
                    f"The role has no {name}: one process that hangs holds others up.",
                    f"Run deploy/postgresql.sql (it sets {value}), then restart the site.",
                )


def check_cache() -> Iterator[CheckMessage]:
    if settings.CACHES["default"]["BACKEND"] == OWN_MEMORY:
        yield Error(
            "Each process counts attempts to sign in for itself: the limits are multiplied.",
            "Set REDIS_URL, or leave CACHES as they come.",
        )
    key = f"doctor-{secrets.token_hex(8)}"
    for name in settings.CACHES:
        try:
            caches[name].set(key, "well", 60)
            answer = caches[name].get(key)
            caches[name].delete(key)
        except (OSError, RedisError):
            answer = None
        if answer != "well":
            where = f"“{name}” ({settings.CACHES[name].get('LOCATION', '')})"
            yield Error(f"The cache {where} does not keep what it is given.", "Start Redis, or mend REDIS_URL.")


def check_mail_server() -> Iterator[CheckMessage]:
    """Greets the mail server and signs in; sends nothing."""
    mail = get_connection()
    try:
        try:
            mail.open()
        finally:
            mail.close()
    except OSError as error:  # smtplib's errors are OSErrors
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        yield Error(f"The mail server {place} does not take mail: {error}".strip(), "Mend EMAIL_URL, or the server.")
