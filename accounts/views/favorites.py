"""The star, and the pages that show favorites.

The buttons stand on public pages too, which are the same for everybody and so hold no CSRF token: what changes
something is guarded by `same_origin_only` instead. So are the forms of the pages of favorites: a page that was open
while its reader signed in or out, in another tab, still saves what was typed.
"""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from abstracts import reading
from abstracts.models import Abstract
from abstracts.reading.signals import send_embargoed_read
from abstracts.views.origin import same_origin_only
from abstracts.visibility import ArchiveRequest
from abstracts.words.query_strings import clean_query, cleaned_data, is_valid

from .. import favorites
from ..favorites.forms import ListForm, ListingForm, PrintedForm, RestoreForm, StarForm
from .asking import address_of, chosen, grouped, own_list
from .listing import Listing


@same_origin_only
@require_POST
def add(request: ArchiveRequest) -> HttpResponse:
    return _star(request, favorites.add)


@same_origin_only
@require_POST
def remove(request: ArchiveRequest) -> HttpResponse:
    return _star(request, favorites.remove)


@require_safe
def listing(request: ArchiveRequest) -> HttpResponse:
    form = ListingForm(clean_query(request.GET))
    is_valid(form)
    return render(request, "favorites/list.html", Listing(request, form).context())


@require_safe
def print_all(request: ArchiveRequest) -> HttpResponse:
    asked = cleaned_data(PrintedForm(request.GET))
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
def clear(request: ArchiveRequest) -> HttpResponse:
    own = own_list(request, cleaned_data(ListForm(request.GET))["list"])
    if request.method == "POST":
        favorites.clear(request, own or favorites.home_of(request))
        return redirect(address_of(own))
    context = {"own": own, "count": favorites.visible_on(request, own).count(), "back": address_of(own)}
    return render(request, "favorites/clear.html", context)


@same_origin_only
@require_POST
def restore(request: ArchiveRequest) -> HttpResponse:
    data = cleaned_data(RestoreForm(request.POST))
    favorites.restore(request, data["change"])
    return redirect(data["next"])


def _star(request: ArchiveRequest, change) -> HttpResponse:
    data = cleaned_data(StarForm(request.POST))
    abstract = get_object_or_404(Abstract.objects.visible_to(request.viewer, request.at), pk=data["abstract"])
    change(request, abstract.pk)
    back = data["next"]
    if not request.htmx:
        return redirect(f"{back.partition('#')[0]}#favorite-{abstract.pk}")
    context = {"abstract": abstract, "favorite_next": back, "swap_oob": True}
    return render(request, "favorites/_swap.html", context)
