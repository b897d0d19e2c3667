"""What the press see of their access: the meetings, until when, the terms, and the e-mails."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from abstracts.words.query_strings import cleaned_data

from ..models import PressAccess
from ..people.forms import NextForm
from ..people.requests import UserRequest
from ..press.forms import AcceptForm, MailsForm


@require_http_methods(["GET", "HEAD"])
@login_required
def access(request: UserRequest) -> HttpResponse:
    """The meetings in which the user may read ahead of release, with the terms to accept; 404 if there are none."""
    accesses = list(PressAccess.objects.current(request.user.pk, request.at))
    if not accesses:
        raise Http404
    context = {
        "accesses": [_described(access, request) for access in accesses],
        "next": cleaned_data(NextForm(request.GET))["next"] if "next" in request.GET else "",
    }
    return render(request, "accounts/press/access.html", context)


@require_POST
@login_required
def accept(request: UserRequest, pk: int) -> HttpResponse:
    """Accept the terms of one meeting, in the version that was shown."""
    access = get_object_or_404(PressAccess.objects.current(request.user.pk, request.at), pk=pk)
    form = cleaned_data(AcceptForm(request.POST))
    if form["version"] != access.meeting.terms_version:
        messages.warning(request, _("The terms have changed meanwhile. Please read them again."))
    elif not access.is_accepted:
        terms = {"accepted_version": form["version"], "accepted_at": request.at}
        PressAccess.objects.filter(pk=access.pk).update(**terms)
        return redirect(form["next"] if request.POST.get("next") else access.meeting)
    return redirect("account_press")


@require_POST
@login_required
def mails(request: UserRequest, pk: int) -> HttpResponse:
    """Turn the e-mails about releases of one meeting on or off."""
    access = get_object_or_404(PressAccess.objects.current(request.user.pk, request.at), pk=pk)
    wanted = cleaned_data(MailsForm(request.POST))["releases"]
    PressAccess.objects.filter(pk=access.pk).update(wants_releases=wanted)
    messages.success(request, _("Saved."))
    return redirect("account_press")


def _described(access: PressAccess, request: UserRequest) -> dict[str, Any]:
    terms, language = access.meeting.text_in("press_terms", get_language())
    has_begun = access.starts_at <= request.at
    return {
        "access": access,
        "meeting": access.meeting,
        "terms": terms,
        "language": language,
        "has_begun": has_begun,
        "is_in_force": has_begun and access.is_accepted,
    }
