"""New zone data in the admin: what it does to releases, for an embargo officer to confirm."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from .. import clock
from ..models import HeldChange
from ..models.effects import Effect, digest_of, effects_as_json
from ..models.gate import Refused
from ..models.zone_data import is_resolved, resolve_everything, running_release, stored_release
from .gating import WAITING, settle_without, show_again

State = HeldChange.State


def door() -> str:
    return f"Resolve all local times with zone data {running_release()}"


@require_http_methods(["GET", "HEAD", "POST"])
def resolve_view(request: HttpRequest) -> HttpResponse:
    """Resolves everything that depends on time zones again; the gate asks about what changes for the public.

    Needs the permission to change meetings.
    """
    if not request.user.has_perm("abstracts.change_meeting"):
        raise PermissionDenied
    if request.method == "POST":
        sessions = resolve_everything()
        messages.success(request, f"{door()}: done. {sessions:,} sessions have other instants than before.")
        return HttpResponseRedirect(reverse("admin:index"))
    context = {
        **admin.site.each_context(request),
        "title": "Time zones",
        "opts": HeldChange._meta,
        "stored": stored_release(),
        "running": running_release(),
        "is_resolved": is_resolved(),
    }
    return render(request, "admin/abstracts/zone_data.html", context)


def propose(effects: list[Effect]) -> HeldChange | None:
    """Let embargo officers decide about `effects`, those of resolving everything again.

    Returns the proposal; None without effects (one that still waits is closed), and if officers have declined them.
    """
    proposals = HeldChange.unfiltered.filter(by_command=True, path=reverse("admin:resolve_time_zones"))
    waiting = proposals.filter(state__in=WAITING).first()
    if not effects:
        if waiting:
            settle_without(waiting, state=State.DECLINED, answer="Nothing is left to do.", decided_at=clock.now())
        return None
    digest, needs_officer = digest_of(effects), any(effect.lifts for effect in effects)
    if waiting:
        if waiting.digest != digest:
            show_again(waiting, Refused(effects, needs_officer))
            waiting.refresh_from_db()
        return waiting
    if proposals.filter(state=State.DECLINED, digest=digest, door=door()).exists():
        return None
    return HeldChange.unfiltered.create(
        by_command=True,
        state=State.PROPOSED,
        door=door(),
        reason="The rules of time zones have changed.",
        path=reverse("admin:resolve_time_zones"),
        effects=effects_as_json(effects),
        digest=digest,
        needs_officer=needs_officer,
    )
