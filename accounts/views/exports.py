"""Lists of favorites as files."""

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from abstracts.exporting.streaming import about_of, export_response
from abstracts.views.exports import check_format
from abstracts.visibility import ArchiveRequest
from abstracts.words.query_strings import cleaned_data

from ..favorites.forms import ListingForm, SharedForm
from ..favorites.sharing import kept_secret, visible_on_shared
from .asking import chosen, in_order, own_list
from .shared import found


@require_safe
def favorites_export(request: ArchiveRequest, name: str) -> HttpResponseBase:
    """What the page of one of the visitor's lists shows, all pages of it, in its order."""
    check_format(name)
    asked = cleaned_data(ListingForm(request.GET))
    own = own_list(request, asked["list"])
    title = own.name if own and own.name else "Favorites"
    return export_response(request, chosen(request, asked, own), name, about_of(request, title, title))


@require_safe
def shared_export(request: ArchiveRequest, token: str, name: str) -> HttpResponseBase:
    """What whoever opens a shared list may see of it."""
    own = found(token)
    check_format(name)
    abstracts = in_order(request, visible_on_shared(request, own), cleaned_data(SharedForm(request.GET))["order"])
    return kept_secret(export_response(request, abstracts, name, about_of(request, "Shared list", "Shared list")))
