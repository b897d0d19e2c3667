"""Shared lists, as whoever knows the link sees them."""

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
from ..favorites.forms import SharedForm
from ..favorites.sharing import kept_secret, shared_list, visible_on_shared
from ..models import FavoritesList
from .asking import grouped, in_order
from .listing import PER_PAGE


@require_safe
def shared(request: ArchiveRequest, token: str) -> HttpResponse:
    own, order = found(token), cleaned_data(SharedForm(request.GET))["order"]
    page = paginate(request, in_order(request, visible_on_shared(request, own), order), PER_PAGE)
    rows = reading.rows(page.object_list)
    context = {
        "token": token,
        "page": page,
        "groups": grouped(rows, order),
        "order": order,
        "orders": SharedForm.ORDERS,
        "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
    }
    return kept_secret(render(request, "favorites/shared.html", context))


@same_origin_only
@require_POST
def keep(request: ArchiveRequest, token: str) -> HttpResponse:
    """Saves all that the visitor sees of the list among their own favorites."""
    seen = visible_on_shared(request, found(token)).order_by("added_at", "pk")
    count = favorites.add_all(request, list(seen.values_list("abstract_id", flat=True)))
    told = ngettext(
        "%(count)s abstract added to your favorites.", "%(count)s abstracts added to your favorites.", count
    )
    messages.success(request, told % {"count": count} if count else _("All of them were among your favorites already."))
    return kept_secret(redirect("favorites"))


def found(token: str) -> FavoritesList:
    """The list behind a link; Http404 where there is none (any more)."""
    if own := shared_list(token):
        return own
    raise Http404
