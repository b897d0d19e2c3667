"""A change that makes abstracts public at once asks for confirmation first."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from ..models import Abstract
from ..visibility import ANONYMOUS, level_of

CONFIRMED = "_release_confirmed"
SHOWN = 10


class AsksBeforeRelease:
    """ModelAdmin mixin. It makes the change, compares levels, and rolls back unless the release is confirmed."""

    def scope_of_release(self, object_id: str) -> Q:
        """The abstracts whose embargo a change of the row `object_id` can affect."""
        raise NotImplementedError

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST" or not (object_id and object_id.isdigit()):
            return view()
        scope, confirmed = self.scope_of_release(object_id), CONFIRMED in request.POST
        if request.FILES and not confirmed:
            # A trial without the files, because a roll-back does not delete files.
            with _without_files(request):
                _, released = _carry_out(request, view, scope, undo=lambda released: True)
            if released:
                return self._question(request, released)
        response, released = _carry_out(request, view, scope, undo=lambda released: bool(released) and not confirmed)
        if released and not confirmed:
            return self._question(request, released)
        if released:
            self.message_user(request, f"Made public by this change: {_count(released)}.", messages.WARNING)
        return response

    def _question(self, request: HttpRequest, released: list[int]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"This makes {_count(released)} public at once",
            "opts": self.opts,
            "abstracts": Abstract.unfiltered.filter(pk__in=released[:SHOWN]).order_by("number_key"),
            "more": max(len(released) - SHOWN, 0),
            "fields": [
                (name, value)
                for name, values in request.POST.lists()
                if name != "csrfmiddlewaretoken"
                for value in values
            ],
            "confirmed": CONFIRMED,
            "loses_files": bool(request.FILES),
        }
        return render(request, "admin/abstracts/confirm_release.html", context)


def _carry_out(
    request: HttpRequest, view: Callable[[], HttpResponse], scope: Q, undo: Callable[[list[int]], bool]
) -> tuple[HttpResponse, list[int]]:
    """Run `view`; its response, and the abstracts it released. Rolls back, messages too, if `undo` returns True."""
    queued = _queued(request)[:]
    with transaction.atomic():
        before = public_levels(scope, request.at)
        response = view()
        released = _risen(before, request.at) if isinstance(response, HttpResponseRedirect) else []
        undone = undo(released)
        if undone:
            transaction.set_rollback(True)
    if undone:
        _queued(request)[:] = queued
    return response, released


@contextmanager
def _without_files(request: HttpRequest) -> Iterator[None]:
    files = request.FILES
    request._files = MultiValueDict()
    try:
        yield
    finally:
        request._files = files


def public_levels(scope: Q, at: dt.datetime) -> dict[int, int]:
    """The public's level at `at` of each abstract of `scope`, by primary key."""
    levels = Abstract.unfiltered.filter(scope).order_by().annotate(public_now=level_of(ANONYMOUS, at))
    return dict(levels.values_list("pk", "public_now"))


def _risen(before: dict[int, int], at: dt.datetime) -> list[int]:
    after: dict[int, int] = {}
    pks = list(before)
    for start in range(0, len(pks), 500):
        after |= public_levels(Q(pk__in=pks[start : start + 500]), at)
    return [pk for pk, level in after.items() if level > before[pk]]


def _queued(request: HttpRequest) -> list:
    """The messages not yet shown. Django has no public way to remove one."""
    return request._messages._queued_messages


def _count(released: list[int]) -> str:
    return f"{len(released)} {'abstract' if len(released) == 1 else 'abstracts'}"
