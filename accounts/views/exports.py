"""Favorites as files."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from abstracts.exporting import FORMATS
from abstracts.exporting.streaming import about_of, export_response

from ..forms import OrderForm
from .favorites import ordered


@require_safe
def favorites_export(request: HttpRequest, name: str) -> HttpResponseBase:
    """The visitor's visible favorites, in the order of their page."""
    if name not in FORMATS:
        raise Http404
    form = OrderForm(request.GET)
    if not form.is_valid():
        raise BadRequest("order")
    abstracts = ordered(request, form.cleaned_data["order"])
    return export_response(request, abstracts, name, about_of(request, "Favorites", "favorites"))
