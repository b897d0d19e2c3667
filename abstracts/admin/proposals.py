"""Held changes: the page on which their authors confirm them, and the queue of the embargo officers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from .. import clock
from ..models import HeldChange
from ..models.gate import may_lift
from ..models.held import ANSWER_WITHIN
from ..words.query_strings import cleaned_data
from .base import ReadOnlyAdmin
from .effects import effects_for_page, summary_of
from .gating import Outdated, carry_out, settle_without, show_again
from .zone_data import resolve_view

SALT = "abstracts.admin.proposals"
State = HeldChange.State


class PopupForm(forms.Form):
    """The query string of the page: whether it is shown in a popup of the admin."""

    _popup = forms.CharField(required=False)


class AnswerForm(forms.Form):
    """What somebody decides about a held change. `shown` is signed: what exactly this user was shown, and when."""

    reason = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 70}),
        help_text="It is stored in the embargo record.",
    )
    shown = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, held: HeldChange, user: Any, **kwargs):
        super().__init__(*args, **kwargs)
        self.held, self.user = held, user

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].strip()
        if not reason:
            raise forms.ValidationError("Say why: the reason is stored in the embargo record.")
        return reason

    def clean_shown(self) -> str:
        shown = self.cleaned_data["shown"]
        try:
            is_right = signing.loads(shown, salt=SALT, max_age=ANSWER_WITHIN) == [
                self.held.pk, self.held.digest, self.user.pk,
            ]  # fmt: skip
        except signing.BadSignature:
            is_right = False
        if not is_right:
            raise forms.ValidationError("This page is older than an hour. Read it again, then confirm it.")
        return shown


def token_of(held: HeldChange, user: Any) -> str:
    """Signed: what `user` is shown now."""
    return signing.dumps([held.pk, held.digest, user.pk], salt=SALT)


def may_decide(user: Any, held: HeldChange) -> bool:
    """Whether `user` may carry `held` out."""
    if not held.is_waiting:
        return False
    if held.by == user and not held.needs_officer:
        return True
    # What only its author has seen, only its author confirms.
    is_for_user = held.by == user or held.state == State.PROPOSED
    return is_for_user and may_lift(user)


@admin.register(HeldChange)
class HeldChangeAdmin(ReadOnlyAdmin):
    """Proposals, the newest first. A change that only its author has seen is shown to its author only."""

    list_display = ["change", "author", "created_at", "does", "state", "decided_by", "decided_at"]
    list_display_links = None
    list_filter = ["state"]
    list_select_related = ["by", "decided_by"]
    search_fields = ["door", "reason", "by__email"]

    def get_urls(self):
        page = path("<int:pk>/decide/", self.admin_site.admin_view(decide), name="abstracts_heldchange_decide")
        zones = path("time-zones/", self.admin_site.admin_view(resolve_view), name="resolve_time_zones")
        return [page, zones, *super().get_urls()]

    def get_queryset(self, request):
        rows = super().get_queryset(request).defer("post")
        return rows.filter(~Q(state=State.ASKED) | Q(by=request.user))

    def has_view_permission(self, request, obj=None) -> bool:
        return super().has_view_permission(request, obj) or may_lift(request.user)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not (object_id.isascii() and object_id.isdigit()):
            raise Http404
        return HttpResponseRedirect(reverse("admin:abstracts_heldchange_decide", args=[object_id]))

    @admin.display(description="change", ordering="door")
    def change(self, held):
        address = reverse("admin:abstracts_heldchange_decide", args=[held.pk])
        return format_html('<a href="{}">{}</a>', address, held.door)

    @admin.display(description="what it does")
    def does(self, held):
        return summary_of(held.effects)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a held change: what it does, and who may confirm, propose, decline or leave it."""
    held = HeldChange.unfiltered.select_related("by", "decided_by").filter(pk=pk).first()
    if held is None or not _may_see(request.user, held):
        raise Http404
    form = AnswerForm(request.POST if request.method == "POST" else None, held=held, user=request.user)
    if request.method == "POST":
        if answer := next((name for name in ANSWERS if name in request.POST), None):
            if response := ANSWERS[answer](request, held, form):
                return response
        else:
            form.add_error(None, "Choose one of the buttons.")
    return _page(request, held, form)


# The answer itself opens the passage of the gate; what it carries out is judged as a whole.
decide.opens_own_passage = True


def _may_see(user: Any, held: HeldChange) -> bool:
    if held.by == user:
        return True
    may = may_lift(user) or user.has_perms(["abstracts.view_heldchange", "abstracts.view_abstract"])
    return may and held.state != State.ASKED


def _confirm(request: HttpRequest, held: HeldChange, form: AnswerForm) -> HttpResponse | None:
    if not may_decide(request.user, held):
        raise PermissionDenied
    if not form.is_valid():
        return None
    try:
        response = carry_out(request, held, form.cleaned_data["reason"])
    except Outdated as outdated:
        return _renew(request, held, form, outdated)
    if held.by == request.user:
        return response
    messages.success(request, f"Carried out for {held.author}: {held.door}.")
    return HttpResponseRedirect(reverse("admin:abstracts_heldchange_changelist"))


def _renew(request: HttpRequest, held: HeldChange, form: AnswerForm, outdated: Outdated) -> HttpResponse | None:
    """Something changed meanwhile. Show what the change would do now, and ask again."""
    held.refresh_from_db()
    if outdated.refused and outdated.refused.effects and held.is_waiting:
        show_again(held, outdated.refused)
        messages.warning(
            request, "Something has changed meanwhile: this is what the change would do now. Nothing was written."
        )
        return HttpResponseRedirect(request.get_full_path())
    form.add_error(None, f"Nothing was written. {outdated}")
    return None


def _propose(request: HttpRequest, held: HeldChange, form: AnswerForm) -> HttpResponse | None:
    if held.by != request.user or held.state != State.ASKED or held.is_late:
        raise PermissionDenied
    if not form.is_valid():
        return None
    waiting = HeldChange.unfiltered.filter(pk=held.pk, state=State.ASKED)
    if waiting.update(state=State.PROPOSED, reason=form.cleaned_data["reason"], created_at=clock.now()):
        messages.success(request, "Proposed. An embargo officer confirms or declines it; nothing was changed yet.")
    return HttpResponseRedirect(reverse("admin:abstracts_heldchange_decide", args=[held.pk]))


def _decline(request: HttpRequest, held: HeldChange, form: AnswerForm) -> HttpResponse | None:
    if held.state != State.PROPOSED or not may_lift(request.user):
        raise PermissionDenied
    if not form.is_valid():
        return None
    return _settled(
        request,
        settle_without(
            held,
            state=State.DECLINED,
            answer=form.cleaned_data["reason"],
            decided_by=request.user,
            decided_at=clock.now(),
        ),
        "Declined; nothing was changed.",
    )


def _leave(request: HttpRequest, held: HeldChange, form: AnswerForm) -> HttpResponse:
    if held.by != request.user:
        raise PermissionDenied
    done = settle_without(held, state=State.DECLINED, decided_by=request.user, decided_at=clock.now())
    return _settled(request, done, "Everything was left as it was.")


def _settled(request: HttpRequest, done: bool, message: str) -> HttpResponse:
    if done:
        messages.success(request, message)
    else:
        messages.warning(request, "It was decided already.")
    return HttpResponseRedirect(reverse("admin:abstracts_heldchange_changelist"))


ANSWERS = {"confirm": _confirm, "propose": _propose, "decline": _decline, "leave": _leave}


def _page(request: HttpRequest, held: HeldChange, form: AnswerForm) -> HttpResponse:
    is_own = held.by == request.user
    context = {
        **admin.site.each_context(request),
        "title": held.door,
        "opts": HeldChange._meta,
        "is_popup": bool(cleaned_data(PopupForm(request.GET))["_popup"]),
        "held": held,
        "groups": effects_for_page(held.effects),
        "asking": held.effects.get("asking", 0),
        "form": form,
        "token": token_of(held, request.user),
        "is_waiting": held.is_waiting,
        "may_confirm": may_decide(request.user, held),
        "may_propose": is_own and held.state == State.ASKED and held.is_waiting,
        "may_decline": held.state == State.PROPOSED and may_lift(request.user),
        "may_leave": is_own and held.is_waiting,
    }
    return render(request, "admin/abstracts/held_change.html", context)
