"""What allauth's pages lack: ending one session, and telling staff that they need a second factor."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ..people import second_factor
from ..people.forms import NextForm
from ..people.requests import UserRequest


@require_POST
@login_required
def end_session(request: UserRequest, pk: int) -> HttpResponse:
    """Sign the browser of one of the user's sessions out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user.pk)
    is_current = session.is_current()
    session.end()
    if is_current:
        logout(request)
        return redirect("home")
    messages.success(request, _("Signed out there."))
    return redirect("usersessions_list")


@require_safe
@login_required
def explain_second_factor(request: UserRequest) -> HttpResponse:
    """Tells staff without a second factor to set one up; redirects everybody else."""
    if not second_factor.is_lacking(request):
        form = NextForm(request.GET)
        return redirect(form.cleaned_data["next"] if form.is_valid() else "account_overview")
    factors = Authenticator.objects.filter(user=request.user.pk, type__in=second_factor.STRONG)
    return render(request, "account/second_factor.html", {"has_factor": factors.exists()})
