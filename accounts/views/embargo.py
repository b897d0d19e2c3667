"""The page on which the press agrees to the embargo."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from abstracts.models import Meeting
from abstracts.words.query_strings import cleaned_data

from ..models import User
from ..people.forms import NextForm
from ..people.requests import UserRequest
from ..people.viewers import may_become_press


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def terms(request: UserRequest) -> HttpResponse:
    """The terms for readers of embargoed content; 404 for all others."""
    if not may_become_press(request.user):
        raise Http404
    after = cleaned_data(NextForm(request.POST or request.GET))["next"]
    if request.method == "POST":
        unaccepted = User.objects.filter(pk=request.user.pk, embargo_terms_accepted_at=None)
        unaccepted.update(embargo_terms_accepted_at=request.at)
        return redirect(after)
    policies = Meeting.objects.visible_to(request.viewer).exclude(embargo_policy="").newest_first()
    context = {"meetings": policies[:10], "next": after}
    return render(request, "accounts/embargo_terms.html", context)
