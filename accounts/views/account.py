"""Pages of an account: overview, profile, download of all data, deletion. allauth has the others."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from abstracts.visibility.requests import makes_file

from ..models import EmbargoedRead, PressAccess, SavedSearch
from ..people import my_data, orcid_sign_in, second_factor
from ..people.forms import DeletionForm, ProfileForm
from ..people.requests import UserRequest


@require_safe
@login_required
def overview(request: UserRequest) -> HttpResponse:
    pk = request.user.pk
    context = {
        "is_press": PressAccess.objects.current(pk, request.at).exists(),
        "searches": SavedSearch.objects.filter(user=pk).count(),
        "factors": Authenticator.objects.filter(user=pk, type__in=second_factor.STRONG).count(),
        "lacks_second_factor": second_factor.is_lacking(request),
        "orcid_sign_in": orcid_sign_in.is_configured(),
    }
    return render(request, "accounts/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: UserRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("account_overview")
    return render(request, "accounts/profile.html", {"form": form})


@require_safe
@login_required
@makes_file
def download(request: UserRequest) -> HttpResponse:
    """All data about the user, as JSON."""
    response = JsonResponse(my_data.collected(request), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def delete(request: UserRequest) -> HttpResponse:
    """Deletes the account after the user has signed in again and typed its e-mail address."""
    user = request.user
    form = DeletionForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        email = user.email
        with transaction.atomic():
            user.delete()
        logout(request)
        get_adapter(request).send_mail("account/email/account_deleted", email, {})
        messages.success(request, _("Your account is deleted."))
        return redirect("home")
    reads = EmbargoedRead.objects.filter(user=user.pk).count()
    return render(request, "accounts/delete.html", {"form": form, "reads": reads})
