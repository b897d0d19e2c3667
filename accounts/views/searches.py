"""Saved searches: saving one, the list of them, their e-mails, and unsubscribing from these."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abstracts.search.form import SearchFilters
from abstracts.visibility import ArchiveRequest

from ..models import SavedSearch
from ..people.requests import UserRequest
from ..searches import saved as searches
from ..searches.alerts import mailing
from ..searches.forms import SavedSearchForm


@require_safe
@login_required
def listing(request: UserRequest) -> HttpResponse:
    mailed = Count("result", filter=Q(result__mailed_at__isnull=False))
    rows = SavedSearch.objects.filter(user=request.user.pk).annotate(mailed=mailed)
    return render(request, "accounts/searches.html", {"searches": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """GET asks for a name and e-mails; POST saves the search. The search itself is in the address."""
    query_string = searches.canonical(SearchFilters(request.GET, request.viewer, request.at))
    blank = SavedSearch(name=searches.suggested_name(query_string), alert=SavedSearch.Alert.NEVER)
    # The button of the search page sends no fields: the search is saved under its suggested name.
    form = SavedSearchForm(request.POST if "name" in request.POST else None, instance=blank)
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        return _save(request, query_string, form.cleaned_data if form.is_bound else {})
    return render(request, "accounts/search_new.html", {"form": form, "query_string": query_string})


def _save(request: UserRequest, query_string: str, fields: dict) -> HttpResponse:
    try:
        saved, is_new = searches.save(request.user, query_string, request.at, **fields)
    except searches.TooMany:
        messages.error(request, _("You have %(n)s saved searches; delete one first.") % {"n": searches.MOST_SEARCHES})
        return redirect("account_searches")
    messages.success(request, _("The search is saved.") if is_new else _("You have saved this search before."))
    return redirect("account_search", saved.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: UserRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(SavedSearch, pk=pk, user=request.user.pk)
    before = saved.alert
    form = SavedSearchForm(request.POST or None, instance=saved)
    if request.method == "POST" and form.is_valid():
        alert, saved.alert = saved.alert, before
        searches.set_alert(saved, alert, request.at)
        messages.success(request, _("Saved."))
        return redirect("account_searches")
    return render(request, "accounts/search_edit.html", {"form": form, "saved": saved})


@require_POST
@login_required
def delete(request: UserRequest, pk: int) -> HttpResponse:
    get_object_or_404(SavedSearch, pk=pk, user=request.user.pk).delete()
    messages.success(request, _("The search is deleted."))
    return redirect("account_searches")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: ArchiveRequest, token: str) -> HttpResponse:
    """Ends the e-mails of a search, for whoever has the link: mail programs by POST (RFC 8058), people by a button.

    GET changes nothing: programs that check the links in mails open them, too.
    """
    pk = mailing.search_of_token(token)
    if pk is None:
        raise Http404
    saved = SavedSearch.objects.filter(pk=pk)
    if request.method == "POST":
        saved.update(alert=SavedSearch.Alert.NEVER)
    return render(request, "accounts/search_unsubscribe.html", {"saved": saved.first()})
