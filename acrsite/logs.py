"""Logs: one JSON object a line (readable text in DEBUG), each with the id of its request and nothing of the person
but the user's id: no address, no browser, no query string (it holds search words), no secret out of a link.
"""

import logging
from typing import Any

import structlog
from django.dispatch import receiver
from django_structlog import signals

from accounts.secret_paths import without_secret

_SECRETS = ("key", "token", "uidb36", "uidb64")

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]


def configure(debug: bool, level: str) -> dict[str, Any]:
    """Sets structlog up and returns the LOGGING (logging.config.dictConfig) that goes with it."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    rendering: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=False)]
        if debug
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_traceback": {"()": WithoutTraceback}},
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            # django_structlog says the same, with the request's id.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Wrong hosts and tampered forms: everyday noise of robots, a line each.
            "django.security.DisallowedHost": {"level": "WARNING", "filters": ["without_traceback"]},
            "gunicorn.error": {"level": level, "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "propagate": False},
            # Warns of each HEAD that Django's views answer like a GET, as they are meant to.
            "gunicorn.http.wsgi": {"level": "ERROR"},
        },
    }


class WithoutTraceback(logging.Filter):
    """Keeps the line, drops the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


def described(request) -> str:
    """Method and path; the route instead of the path where that holds a secret (password reset, shared list)."""
    match = getattr(request, "resolver_match", None)
    if match and any(name in match.kwargs for name in _SECRETS):
        return f"{request.method} /{match.route}"
    # Where no route fits, a slash may have been forgotten, or one too many typed.
    return f"{request.method} {without_secret(request.path)}"


@receiver(signals.bind_extra_request_metadata)
@receiver(signals.bind_extra_request_finished_metadata)
@receiver(signals.bind_extra_request_failed_metadata)
def _strip_personal_data(sender, request, log_kwargs: dict[str, Any], **kwargs) -> None:
    log_kwargs["request"] = described(request)
    log_kwargs.pop("user_agent", None)


@receiver(signals.bind_extra_request_finished_metadata)
@receiver(signals.update_failure_response)
def _tell_request_id(sender, response, logger, **kwargs) -> None:
    response["X-Request-ID"] = structlog.contextvars.get_merged_contextvars(logger)["request_id"]
