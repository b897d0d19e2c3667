"""For load balancers and orchestrators: /healthz (the process answers) and /readyz (it can serve pages)."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from abstracts import clock


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process is alive. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, has every migration and is at one with this machine about the time.

    Else 503 with the reason (no names, no addresses).
    """
    if reason := reason_not_ready():
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})


def reason_not_ready() -> str:
    """Why this process is to get no requests; "" if it may."""
    try:
        clock.measure()
        pending = pending_migrations()
    except clock.DatabaseIsReplica:
        return "the database is a replica"
    except Error:
        return "the database does not answer"
    return f"migrations to apply: {pending}" if pending else clock.problem()


def pending_migrations() -> int:
    """How many migrations of this program the database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


class HealthMiddleware:
    """Answers the two addresses before all else: no host check (probes come by address), https, session or log."""

    VIEWS = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.VIEWS.get(request.path_info)
        if view is None:
            return self.get_response(request)
        response = view(request)
        response["Cache-Control"] = "no-store"
        return response
