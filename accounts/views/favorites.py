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
from ..favorites import owner_of
from ..favorites.forms import ListForm, ListingForm, PrintedForm, RestoreForm, StarForm
from .listing import Listing
from .queries import address_of, grouped, named_list, selected


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
    may_export_all = request.viewer.may_export_all
    request.viewer = request.viewer.of_files
    cleaned = cleaned_data(PrintedForm(request.GET))
    favorites_list = named_list(request, cleaned["list"])
    is_compact = cleaned["layout"] == PrintedForm.COMPACT
    documents = (reading.rows if is_compact else reading.documents)(selected(request, cleaned, favorites_list))
    if not is_compact:
        send_embargoed_read(documents, request.viewer, request.at, request.path, "print")
    context = {
        "favorites_list": favorites_list,
        "groups": grouped(documents, cleaned["order"]),
        "documents": documents,
        "order": cleaned["order"],
        "layout": cleaned["layout"],
        "layouts": PrintedForm.LAYOUTS,
        "is_ahead_of_release": any(document.is_ahead_of_release for document in documents),
        "may_export_all": may_export_all,
    }
    return render(request, "favorites/print.html", context)


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: ArchiveRequest) -> HttpResponse:
    favorites_list = named_list(request, cleaned_data(ListForm(request.GET))["list"])
    if request.method == "POST":
        favorites.clear(owner_of(request), favorites_list or favorites.home_of(owner_of(request)))
        return redirect(address_of(favorites_list))
    context = {
        "favorites_list": favorites_list,
        "count": favorites.visible_on(owner_of(request), favorites_list).count(),
        "back": address_of(favorites_list),
    }
    return render(request, "favorites/clear.html", context)


@same_origin_only
@require_POST
def restore(request: ArchiveRequest) -> HttpResponse:
    data = cleaned_data(RestoreForm(request.POST))
    favorites.restore(owner_of(request), data["change"])
    return redirect(data["next"])


def _star(request: ArchiveRequest, change) -> HttpResponse:
    data = cleaned_data(StarForm(request.POST))
    abstract = get_object_or_404(Abstract.objects.visible_to(request.viewer, request.at), key=data["abstract"])
    change(owner_of(request), abstract.pk)
    back = data["next"]
    if not request.htmx:
        return redirect(f"{back.partition('#')[0]}#favorite-{abstract.key}")
    context = {"abstract": abstract, "favorite_next": back, "swap_oob": True}
    return render(request, "favorites/_swap.html", context)
