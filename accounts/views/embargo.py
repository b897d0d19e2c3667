"""Where the press agrees to keep the embargo."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from abstracts.models import Meeting

from ..models import User
from ..people.forms import NextForm
from ..people.viewers import may_become_press


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def terms(request: HttpRequest) -> HttpResponse:
    """The terms for readers of embargoed content; to all others the page is not there."""
    if not may_become_press(request.user):
        raise Http404
    form = NextForm(request.POST or request.GET)
    if not form.is_valid():
        raise BadRequest("next")
    after = form.cleaned_data["next"]
    if request.method == "POST":
        unaccepted = User.objects.filter(pk=request.user.pk, embargo_terms_accepted_at=None)
        unaccepted.update(embargo_terms_accepted_at=request.at)
        return redirect(after)
    policies = Meeting.objects.visible_to(request.viewer).exclude(embargo_policy="").newest_first()
    context = {"meetings": policies[:10], "next": after}
    return render(request, "accounts/embargo_terms.html", context)
