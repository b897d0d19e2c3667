"""The star, and the pages that show favorites.

The buttons stand on public pages too, which are the same for everybody and so hold no CSRF token: what changes
something is guarded by `same_origin_only` instead. So are the forms of the pages of favorites: a page that was open
while its reader signed in or out, in another tab, still saves what was typed.
"""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.signals import send_embargoed_read
from abstracts.views.origin import same_origin_only

from .. import favorites
from ..favorites.forms import ListForm, ListingForm, PrintedForm, RestoreForm, StarForm
from .asking import address_of, checked, chosen, grouped, own_list
from .listing import Listing


@same_origin_only
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    return _star(request, favorites.add)


@same_origin_only
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    return _star(request, favorites.remove)


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "favorites/list.html", Listing(request, checked(ListingForm(request.GET))).context())


@require_safe
def print_all(request: HttpRequest) -> HttpResponse:
    asked = checked(PrintedForm(request.GET))
    own = own_list(request, asked["list"])
    is_compact = asked["layout"] == PrintedForm.COMPACT
    documents = (reading.rows if is_compact else reading.documents)(chosen(request, asked, own))
    if not is_compact:
        send_embargoed_read(documents, request.viewer, request.at, request.path)
    context = {
        "own": own,
        "groups": grouped(documents, asked["order"]),
        "documents": documents,
        "order": asked["order"],
        "layout": asked["layout"],
        "layouts": PrintedForm.LAYOUTS,
        "is_ahead_of_release": any(document.is_ahead_of_release for document in documents),
    }
    return render(request, "favorites/print.html", context)


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    own = own_list(request, checked(ListForm(request.GET))["list"])
    if request.method == "POST":
        favorites.clear(request, own or favorites.home_of(request))
        return redirect(address_of(own))
    context = {"own": own, "count": favorites.visible_on(request, own).count(), "back": address_of(own)}
    return render(request, "favorites/clear.html", context)


@same_origin_only
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    form = RestoreForm(request.POST)
    if not form.is_valid():
        raise BadRequest("change")
    favorites.restore(request, form.cleaned_data["change"])
    return redirect(form.cleaned_data["next"])


def _star(request: HttpRequest, change) -> HttpResponse:
    form = StarForm(request.POST)
    if not form.is_valid():
        raise BadRequest("abstract")
    abstract = get_object_or_404(
        Abstract.objects.visible_to(request.viewer, request.at).filter(pk=form.cleaned_data["abstract"])
    )
    change(request, abstract.pk)
    back = form.cleaned_data["next"]
    if not request.htmx:
        return redirect(f"{back.partition('#')[0]}#favorite-{abstract.pk}")
    context = {"abstract": abstract, "favorite_next": back, "swap_oob": True}
    return render(request, "favorites/_swap.html", context)
