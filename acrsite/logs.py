"""Logs: one JSON object a line (readable text in DEBUG), each with the id of its request.

A line about a request names the method, the path, the status and the milliseconds that it took. Of the person it has
the user's id and nothing else: no IP address, no browser, no query string (it holds search words), no secret of a link.
"""

import logging
import time
from typing import Any

import structlog
from django.dispatch import receiver
from django.http import HttpRequest
from django_structlog import signals

from accounts.secret_addresses import without_secrets

_SECRETS = ("key", "token", "uidb36", "uidb64")
_ENDS = {"request_finished", "request_failed", "streaming_finished", "streaming_failed"}


def _add_duration(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Structlog processor: `duration_ms` on the line that ends a request, or ends the sending of a long answer."""
    started = event.pop("started", None)
    if started is not None and event["event"] in _ENDS:
        event["duration_ms"] = round((time.perf_counter() - started) * 1000, 1)
    return event


def _hide_secret_addresses(logger, name, event: dict[str, Any]) -> dict[str, Any]:
    """Last of all: messages of libraries and errors may hold the address of a request."""
    return {key: without_secrets(value) if isinstance(value, str) else value for key, value in event.items()}


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    _add_duration,
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
        [_hide_secret_addresses, structlog.dev.ConsoleRenderer(colors=False)]
        if debug
        else [structlog.processors.format_exc_info, _hide_secret_addresses, structlog.processors.JSONRenderer()]
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
            # django_structlog logs the same, with the request's id.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Robots send wrong hosts every day: one line each, without a traceback.
            "django.security.DisallowedHost": {"level": "WARNING", "filters": ["without_traceback"]},
            "gunicorn.error": {"level": level, "propagate": True},
            "gunicorn.access": {"level": "CRITICAL", "propagate": False},
            # gunicorn warns of every HEAD request whose answer has a body: Django's views answer HEAD like GET.
            "gunicorn.http.wsgi": {"level": "ERROR"},
        },
    }


class WithoutTraceback(logging.Filter):
    """Keeps the line, drops the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True


def request_line(request: HttpRequest) -> str:
    """Method and path; the route instead of the path where that holds a secret (password reset, shared list)."""
    match = getattr(request, "resolver_match", None)
    if match and any(name in match.kwargs for name in _SECRETS):
        return f"{request.method} /{match.route}"
    # No route fits where a slash is missing or doubled: the path may hold a secret all the same.
    return f"{request.method} {without_secrets(request.path)}"


@receiver(signals.bind_extra_request_metadata)
def _start_clock(sender, **kwargs) -> None:
    structlog.contextvars.bind_contextvars(started=time.perf_counter())


@receiver(signals.bind_extra_request_metadata)
@receiver(signals.bind_extra_request_finished_metadata)
@receiver(signals.bind_extra_request_failed_metadata)
def _strip_personal_data(sender, request, log_kwargs: dict[str, Any], **kwargs) -> None:
    log_kwargs["request"] = request_line(request)
    log_kwargs.pop("user_agent", None)


@receiver(signals.bind_extra_request_finished_metadata)
@receiver(signals.update_failure_response)
def _add_request_id(sender, response, logger, **kwargs) -> None:
    response["X-Request-ID"] = structlog.contextvars.get_merged_contextvars(logger)["request_id"]
