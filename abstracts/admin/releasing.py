"""Nobody releases abstracts by accident: what would make some public at once is asked before it is done."""

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from ..models import Abstract
from ..visibility import ANONYMOUS, level_of

CONFIRMED = "_release_confirmed"
SHOWN = 10


class AsksBeforeRelease:
    """ModelAdmin mixin. The change is carried out, the levels are compared, and all is undone until confirmed."""

    def scope_of_release(self, object_id: str) -> Q:
        """The abstracts whose embargo a change of the row `object_id` can touch."""
        raise NotImplementedError

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or not (object_id and object_id.isdigit()):
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            before = public_levels(self.scope_of_release(object_id), request.at)
            queued = _queued(request)[:]
            response = super().changeform_view(request, object_id, form_url, extra_context)
            released = []
            if isinstance(response, HttpResponseRedirect):
                released = _risen(before, request.at)
            # Files chosen in the form cannot be asked for again from a question: then a message has to do.
            ask = released and CONFIRMED not in request.POST and not request.FILES
            if ask:
                transaction.set_rollback(True)
        if ask:
            _queued(request)[:] = queued
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
        }
        return render(request, "admin/abstracts/confirm_release.html", context)


def public_levels(scope: Q, at: dt.datetime) -> dict[int, int]:
    """What the public sees at `at` of each abstract of `scope`: level by primary key."""
    levels = Abstract.unfiltered.filter(scope).order_by().annotate(public_now=level_of(ANONYMOUS, at))
    return dict(levels.values_list("pk", "public_now"))


def _risen(before: dict[int, int], at: dt.datetime) -> list[int]:
    after: dict[int, int] = {}
    pks = list(before)
    for start in range(0, len(pks), 500):
        after |= public_levels(Q(pk__in=pks[start : start + 500]), at)
    return [pk for pk, level in after.items() if level > before[pk]]


def _queued(request: HttpRequest) -> list:
    """The messages not yet shown, which Django offers no way of taking back."""
    return request._messages._queued_messages


def _count(released: list[int]) -> str:
    return f"{len(released)} {'abstract' if len(released) == 1 else 'abstracts'}"
