"""The pages and buttons of favorites.

The buttons stand on public pages too, which are the same for everybody and so hold no CSRF token: what changes
something is guarded by `same_origin_only` instead.
"""

from django.core.exceptions import BadRequest
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from abstracts import reading
from abstracts.models import Abstract, Presentation
from abstracts.ordering import MEETINGS_NEWEST_FIRST
from abstracts.signals import tell_of_embargoed
from abstracts.views.listing import Group, by_meeting
from abstracts.views.paging import paginate
from abstracts.visibility import LawfulQuerySet

from .. import favorites
from ..forms import OrderForm, StarForm
from ..origin import same_origin_only

PER_PAGE = 100


@same_origin_only
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    return _star(request, favorites.add)


@same_origin_only
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    return _star(request, favorites.remove)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    order = _order(request)
    page = paginate(request, ordered(request, order), PER_PAGE)
    rows = reading.rows(page.object_list)
    own = favorites.home_of(request)
    context = {
        "page": page,
        "groups": grouped(rows, order),
        "order": order,
        "orders": OrderForm.ORDERS,
        "can_restore": bool(favorites.last_change(own)),
        "is_ahead_of_release": any(row.is_ahead_of_release for row in rows),
    }
    return render(request, "favorites/list.html", context)


@require_GET
def print_all(request: HttpRequest) -> HttpResponse:
    order = _order(request)
    documents = reading.documents(ordered(request, order))
    tell_of_embargoed(documents, request.viewer, request.at, request.path)
    context = {
        "groups": grouped(documents, order),
        "documents": documents,
        "order": order,
        "is_ahead_of_release": any(document.is_ahead_of_release for document in documents),
    }
    return render(request, "favorites/print.html", context)


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        favorites.clear(request, favorites.home_of(request))
        return redirect("favorites")
    return render(request, "favorites/clear.html")


@same_origin_only
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    favorites.restore(request)
    return redirect("favorites")


def ordered(request: HttpRequest, order: str) -> LawfulQuerySet:
    """The visible favorites of `request`, as abstracts: by meeting, session time and number, or newest added first."""
    added = favorites.visible_favorites(request)
    abstracts = Abstract.objects.visible_to(request.viewer, request.at).select_related("meeting")
    abstracts = abstracts.filter(pk__in=added.values("abstract"))
    if order == OrderForm.BY_DATE_ADDED:
        when = added.filter(abstract=OuterRef("pk")).order_by("pk").values("added_at")[:1]
        return abstracts.annotate(added_at=Subquery(when)).order_by("-added_at", "-pk")
    return abstracts.annotate(
        first_day=_first_session(request, "session__date"), first_start=_first_session(request, "session__starts_at")
    ).order_by(
        *MEETINGS_NEWEST_FIRST,
        F("first_day").asc(nulls_last=True),
        F("first_start").asc(nulls_last=True),
        "number_key",
        "pk",
    )


def grouped(rows: list[reading.Row], order: str) -> list[Group]:
    """`rows` under their meetings; in one group where they are not ordered by meeting."""
    if order == OrderForm.BY_DATE_ADDED:
        return [Group(None, rows)] if rows else []
    return by_meeting(rows)


def _first_session(request: HttpRequest, column: str) -> Subquery:
    slots = Presentation.objects.visible_to(request.viewer, request.at).filter(abstract=OuterRef("pk"))
    first = slots.order_by(F("session__date").asc(nulls_last=True), F("session__starts_at").asc(nulls_last=True), "pk")
    return Subquery(first.values(column)[:1])


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


def _order(request: HttpRequest) -> str:
    form = OrderForm(request.GET)
    if not form.is_valid():
        raise BadRequest("order")
    return form.cleaned_data["order"]
