"""Shared lists, as whoever has the link sees them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from abstracts import reading
from abstracts.views.origin import same_origin_only
from abstracts.views.paging import paginate
from abstracts.visibility import ArchiveRequest
from abstracts.words.query_strings import cleaned_data

from .. import favorites
from ..favorites import owner_of
from ..favorites.forms import SharedForm
from ..favorites.sharing import shared_list, visible_on_shared, with_secret_address
from ..models import FavoritesList
from .listing import PER_PAGE
from .queries import grouped, in_order


@require_safe
def shared(request: ArchiveRequest, token: str) -> HttpResponse:
    favorites_list, order = shared_list_or_404(token), cleaned_data(SharedForm(request.GET))["order"]
    page = paginate(
        request, in_order(request, visible_on_shared(request.viewer, request.at, favorites_list), order), PER_PAGE
    )
    rows = reading.rows(page.object_list)
    context = {
        "token": token,
        "page": page,
        "groups": grouped(rows, order),
        "order": order,
        "orders": SharedForm.ORDERS,
        "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
    }
    return with_secret_address(render(request, "favorites/shared.html", context))


@same_origin_only
@require_POST
def keep(request: ArchiveRequest, token: str) -> HttpResponse:
    """Adds all visible abstracts of the list to the visitor's favorites."""
    seen = visible_on_shared(request.viewer, request.at, shared_list_or_404(token)).order_by("added_at", "pk")
    count = favorites.add_all(owner_of(request), list(seen.values_list("abstract_id", flat=True)))
    message = ngettext(
        "%(count)s abstract added to your favorites.", "%(count)s abstracts added to your favorites.", count
    )
    messages.success(
        request, message % {"count": count} if count else _("All of them were among your favorites already.")
    )
    return with_secret_address(redirect("favorites"))


def shared_list_or_404(token: str) -> FavoritesList:
    """The list behind a link; Http404 where there is none (any more)."""
    if favorites_list := shared_list(token):
        return favorites_list
    raise Http404
