"""Advanced Search, which is also what the box in the header leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import reading
from ..search import SearchQuery, search
from ..search.filters import SearchFilters
from .paging import paginate


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    filters = SearchFilters(request.GET, request.viewer, request.at)
    query = filters.query()
    asked = query is not None and not query.is_empty
    context = {
        "form": filters.form,
        "query": query or SearchQuery(),
        "asked": asked,
        "narrowed": len(query.narrowed_by) if query else 0,
    }
    if asked:
        results = search(query, request.viewer, request.at)
        page = paginate(request, results, filters.per_page_asked)
        rows = reading.rows(page.object_list)
        context |= {"total": len(results), "page": page, "rows": rows}
    return render(request, "abstracts/search.html", context)
