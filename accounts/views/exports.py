"""Lists of favorites as files."""

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from abstracts.exporting.streaming import about_of, export_response
from abstracts.views.exports import check_format
from abstracts.visibility import ArchiveRequest
from abstracts.visibility.requests import makes_file
from abstracts.words.query_strings import cleaned_data

from ..favorites.forms import ListingForm, SharedForm
from ..favorites.sharing import visible_on_shared, with_secret_address
from .queries import in_order, named_list, selected
from .shared import shared_list_or_404


@require_safe
@makes_file
def favorites_export(request: ArchiveRequest, name: str) -> HttpResponseBase:
    """All abstracts on one of the visitor's lists, filtered and ordered as on its page."""
    check_format(name)
    cleaned = cleaned_data(ListingForm(request.GET))
    favorites_list = named_list(request, cleaned["list"])
    title = favorites_list.name if favorites_list and favorites_list.name else "Favorites"
    return export_response(request, selected(request, cleaned, favorites_list), name, about_of(request, title, title))


@require_safe
@makes_file
def shared_export(request: ArchiveRequest, token: str, name: str) -> HttpResponseBase:
    """The abstracts on a shared list that whoever opens it may see."""
    favorites_list = shared_list_or_404(token)
    check_format(name)
    abstracts = in_order(
        request,
        visible_on_shared(request.viewer, request.at, favorites_list),
        cleaned_data(SharedForm(request.GET))["order"],
    )
    return with_secret_address(
        export_response(request, abstracts, name, about_of(request, "Shared list", "Shared list"))
    )
