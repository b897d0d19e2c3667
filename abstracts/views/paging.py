"""Pages of long lists."""

from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest


class PageForm(forms.Form):
    page = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)


def paginate(request: HttpRequest, rows: Any, per_page: int = 50) -> Page:
    """The page of `rows` (queryset or list) that `?page=` asks for, the first by default.

    What is not a page number is a tampered address: BadRequest. A page beyond the last is not there: Http404.
    """
    form = PageForm(request.GET)
    if not form.is_valid():
        raise BadRequest("page")
    try:
        return Paginator(rows, per_page).page(form.cleaned_data["page"] or 1)
    except EmptyPage as error:
        raise Http404 from error
