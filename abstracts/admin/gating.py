"""The gate in the admin: a change that it refuses is stored, shown, and carried out when somebody confirms it.

`gated` wraps every view of the admin (`accounts.admin_site`). What a view would change without being allowed to is
rolled back; the request is stored as a `HeldChange`, and the browser is led to its page (`abstracts.admin.proposals`).
There the author confirms it with a reason, or proposes it to an embargo officer. `carry_out` sends the stored request
again to the same view, with the author's permissions, under the decision of who confirms.
"""

import copy
import functools
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import get_script_prefix, resolve, reverse
from django.utils.datastructures import MultiValueDict

from .. import clock
from ..models import Abstract, EmbargoRecord, HeldChange
from ..models.effects import Effect, digest_of, effects_as_json
from ..models.gate import Decision, Refused, deciding, passing
from ..models.held import ANSWER_WITHIN
from . import uploads
from .effects import summary_of

State = HeldChange.State
WAITING = (State.ASKED, State.PROPOSED)
HELD = "held"


class Outdated(Exception):
    """The change cannot be carried out as it was shown: it was decided already, or the archive has changed.

    `refused` has the effects that it would have now.
    """

    def __init__(self, message: str, refused: Refused | None = None):
        super().__init__(message)
        self.refused = refused


def gated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view`, whose changes are one passage of the gate.

    A view with the attribute `opens_own_passage` does long work before it writes; it opens the passage itself.
    """

    @functools.wraps(view)
    def inner(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST" or getattr(request, "carries_out_held_change", False):
            return view(request, *args, **kwargs)
        queued = list(_queued_messages(request))
        try:
            told = functools.partial(report, request)
            with deciding(Decision(by=request.user, door=door_of(request), on_written=told)):
                if getattr(view, "opens_own_passage", False):
                    return view(request, *args, **kwargs)
                with passing():
                    return _rendered(view(request, *args, **kwargs))
        except Refused as refused:
            _queued_messages(request)[:] = queued
            return HttpResponseRedirect(_page_of(hold(request, refused.effects, refused.needs_officer), request))

    return inner


def report(request: HttpRequest, effects: list[Effect], entry: EmbargoRecord | None) -> None:
    """Tell the user what a change that is written does to what the public sees."""
    if entry:
        messages.info(request, f"{summary_of(effects_as_json(effects))}. Entry {entry.number} of the embargo record.")


def _rendered(response: HttpResponse) -> HttpResponse:
    """The response, rendered inside the transaction: what it says is what was written."""
    if hasattr(response, "render") and callable(response.render):
        response.render()
    return response


def hold(request: HttpRequest, effects: list[Effect], needs_officer: bool) -> HeldChange:
    """Store the request, whose changes were rolled back, with what it would do."""
    delete_left_changes()
    uploaded = list(request.FILES.items())
    for _, upload in uploaded:
        upload.seek(0)
    posted = [(name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
    return HeldChange.unfiltered.create(
        by=request.user,
        door=door_of(request),
        path=request.get_full_path()[:2000],
        post=_without_nul([name, value] for name, values in posted for value in values),
        files=_without_nul([name, upload.name, upload.content_type] for name, upload in uploaded),
        files_token=uploads.store({str(index): upload for index, (_, upload) in enumerate(uploaded)}, HELD)
        if uploaded
        else getattr(request, "kept_files", ""),
        effects=effects_as_json(effects),
        digest=digest_of(effects),
        needs_officer=needs_officer,
    )


def _without_nul(rows: Iterable[list[str | None]]) -> list[list[str]]:
    """`rows` without the character that PostgreSQL does not store. No field of a form accepts it."""
    return [[(value or "").replace("\0", "") for value in row] for row in rows]


def carry_out(request: HttpRequest, held: HeldChange, reason: str) -> HttpResponse:
    """Make the change that `held` stores, as its author, under the decision of the user of `request`.

    Returns the answer that the author's browser would have got. Raises Outdated.
    """

    def settle(effects: list[Effect], entry: EmbargoRecord | None) -> None:
        """In the transaction of the change, so that it is carried out once."""
        waiting = HeldChange.unfiltered.filter(pk=held.pk, state__in=WAITING)
        decided = {"decided_by": request.user, "decided_at": clock.now(), "entry": entry and entry.number}
        if not waiting.update(state=State.CONFIRMED, reason=held.reason or reason, post=[], files=[], **decided):
            raise Outdated("It was decided already.")
        report(request, effects, entry)

    author = request.user if held.by_command else held.by
    if author is None:
        raise Outdated("The account of who made it was deleted.")
    is_own = author == request.user
    decision = Decision(
        by=request.user,
        door=held.door,
        reason=reason,
        confirmed=held.digest,
        proposed_by=None if is_own else author,
        on_written=settle,
    )
    inner = _stored_request(request, held, author)
    match = inner.resolver_match
    assert match
    try:
        with deciding(decision):
            if getattr(match.func, "opens_own_passage", False):
                response = match.func(inner, *match.args, **match.kwargs)
            else:
                with passing():
                    _wait_for_others(held)
                    response = _rendered(match.func(inner, *match.args, **match.kwargs))
                    if getattr(inner, "stale_form", False):
                        raise Outdated("Somebody changed what its form showed. Look at it again and make it anew.")
    except Refused as refused:
        raise Outdated("The archive has changed since, and so would its effects.", refused) from None
    except PermissionDenied:
        raise Outdated("Who made it may not do so any more.") from None
    if not HeldChange.unfiltered.filter(pk=held.pk, state=State.CONFIRMED).exists():
        raise Outdated("The page that would make it refuses it now.")
    _delete_files(held)
    return response


def _wait_for_others(held: HeldChange) -> None:
    """Lock the waiting change: who presses the button twice, or with others, begins after they have ended."""
    waiting = HeldChange.unfiltered.select_for_update().filter(pk=held.pk, state__in=WAITING)
    if not waiting.values_list("pk").first():
        raise Outdated("It was decided already.")


def _stored_request(request: HttpRequest, held: HeldChange, author: Any) -> HttpRequest:
    """The request that `held` stores, as if its `author` sent it now."""
    url = urlsplit(held.path)
    inner = copy.copy(request)
    inner.method, inner.path, inner.path_info = "POST", url.path, url.path.removeprefix(get_script_prefix()[:-1])
    inner.META = request.META | {"REQUEST_METHOD": "POST", "QUERY_STRING": url.query, "PATH_INFO": inner.path_info}
    inner.GET = QueryDict(url.query)  # type: ignore[assignment]
    posted = QueryDict(mutable=True)
    for name, value in held.post:
        posted.appendlist(name, value)
    inner.POST = posted  # type: ignore[assignment]
    inner._files = MultiValueDict()  # type: ignore[attr-defined]
    for index, (name, file_name, content_type) in enumerate(held.files):
        if path := uploads.path_of(held.files_token, str(index), HELD):
            inner._files.appendlist(  # type: ignore[attr-defined]
                name, SimpleUploadedFile(file_name, path.read_bytes(), content_type)
            )
    inner.user = author
    inner.resolver_match = resolve(inner.path_info)
    inner._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    inner.carries_out_held_change = True  # type: ignore[attr-defined]
    return inner


def show_again(held: HeldChange, refused: Refused) -> None:
    """Store what `held` would do now."""
    HeldChange.unfiltered.filter(pk=held.pk, state=held.state).update(
        effects=effects_as_json(refused.effects),
        digest=digest_of(refused.effects),
        needs_officer=refused.needs_officer or held.needs_officer,
    )


def settle_without(held: HeldChange, **fields: Any) -> bool:
    """Decide a waiting change otherwise than by carrying it out; False if it was decided already."""
    waiting = HeldChange.unfiltered.filter(pk=held.pk, state__in=WAITING)
    if not waiting.update(post=[], files=[], **fields):
        return False
    _delete_files(held)
    return True


def delete_left_changes() -> None:
    """Delete changes whose authors did not answer, with their files."""
    left = HeldChange.unfiltered.filter(state=State.ASKED, created_at__lt=clock.now() - ANSWER_WITHIN)
    for held in left:
        _delete_files(held)
    left.delete()


def _delete_files(held: HeldChange) -> None:
    """Delete its files; those of an import are where its check stored them."""
    uploads.delete(held.files_token, HELD)
    uploads.delete(held.files_token)


def door_of(request: HttpRequest) -> str:
    """What the request changes, in words, by the page of the admin: “Change session “Plenary I””."""
    match = resolve(request.path_info)
    page = re.fullmatch(r"([a-z]+)_([a-z]+)_(add|change|delete|changelist)", match.url_name or "")
    if not page:
        return (match.url_name or request.path_info).replace("_", " ").capitalize()[:300]
    model = apps.get_model(page[1], page[2])
    if page[3] == "add":
        return f"Add {model._meta.verbose_name}"
    if page[3] == "changelist":
        return (
            f"{request.POST.get('action', 'change').replace('_', ' ').capitalize()}: {model._meta.verbose_name_plural}"[
                :300
            ]
        )
    key = match.kwargs.get("object_id", "")
    row = model._base_manager.filter(pk=key).first() if key.isascii() and key.isdigit() else None
    # Of an abstract without its title, which may be under embargo: the door stands in the record for ever.
    name = f"{row.meeting} {row.number or f'id {row.pk}'}" if isinstance(row, Abstract) else str(row or key)
    return f"{page[3].capitalize()} {model._meta.verbose_name} “{name}”"[:300]


def _page_of(held: HeldChange, request: HttpRequest) -> str:
    popup = "?_popup=1" if "_popup" in request.POST else ""
    return reverse("admin:abstracts_heldchange_decide", args=[held.pk]) + popup


def _queued_messages(request: HttpRequest) -> list:
    """The messages not yet shown. Django has no public way to remove one."""
    return request._messages._queued_messages  # type: ignore[attr-defined]
