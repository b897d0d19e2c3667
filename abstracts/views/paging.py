"""Pages of long lists."""

from typing import Any

from django import forms
from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest

from ..words.query_strings import cleaned_data


class PageForm(forms.Form):
    page = forms.IntegerField(min_value=1, max_value=1_000_000, required=False, widget=forms.HiddenInput)


def paginate(request: HttpRequest, rows: Any, per_page: int = 50) -> Page:
    """The page of `rows` (queryset or list) that `?page=` asks for, the first by default.

    Raises BadRequest for what is not a page number, and Http404 for a page beyond the last.
    """
    number = cleaned_data(PageForm(request.GET))["page"] or 1
    try:
        return Paginator(rows, per_page).page(number)
    except EmptyPage as error:
        raise Http404 from error
