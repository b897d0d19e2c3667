"""Advanced Search, to which the search boxes of all pages lead; suggestions; OpenSearch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from .. import reading
from ..models import Abstract
from ..reading.signals import send_embargoed_read
from ..search import Results, SearchQuery, search
from ..search.direct import direct_hit
from ..search.form import MAX_LENGTH, ORDERS, SearchFilters
from ..search.personal import personal_pks
from ..search.snippets import marks_of, snippets
from ..search.suggesting import announcement, suggest
from ..visibility import ArchiveRequest
from ..words.query_strings import clean_query, is_valid
from .caching import forbid_sharing
from .paging import paginate
from .search_links import (
    Address,
    correction_of,
    expansions_of,
    facets_of,
    literals_of,
    pills_of,
    question_of,
    taken_of,
)
from .search_tiers import counted_of, counts_of, tiers_of


@dataclass(slots=True)
class ResultRow(reading.Row):
    """A row with the snippet of its text that matches."""

    snippet: SafeString | str = ""


@require_safe
def search_page(request: ArchiveRequest) -> HttpResponse:
    """The form and the results. A query that names one abstract redirects to it."""
    filters = SearchFilters(request.GET, request.viewer, request.at)
    query = filters.query(lambda: personal_pks("favorites", request))
    if query and query.text and not query.narrowed_by and (hit := direct_hit(query.text, request.viewer, request.at)):
        return redirect(hit)
    context: dict[str, Any] = {
        "form": filters.form,
        "query": query or SearchQuery(),
        "searched": False,
        "narrowed": len(query.narrowed_by) if query else 0,
    }
    if query and not query.is_empty:
        context |= _results_context(request, filters, query)
    response = render(request, "abstracts/search.html", context)
    if context["searched"] and not context["by_index"]:
        # While the index is built the database answers: without ranking, facets and snippets.
        forbid_sharing(response)
    return response


def _results_context(request: ArchiveRequest, filters: SearchFilters, query: SearchQuery) -> dict[str, Any]:
    results, address = search(query, request.viewer, request.at), Address(filters.data)
    page = paginate(request, results, filters.results_per_page)
    rows = _rows(page.object_list, results)
    # A snippet discloses text, so log it as a read ahead of release.
    send_embargoed_read([row for row in rows if row.snippet], request.viewer, request.at, request.path, "search")
    # Files and feeds have no language in their addresses.
    language = "" if query.language == settings.LANGUAGE_CODE else query.language
    return {
        "searched": True,
        "by_index": results.matches is not None,
        "total": results.total,
        "has_all": bool(results.with_all),
        "counts": counts_of(results),
        "counted": counted_of(results),
        "page": page,
        "tiers": tiers_of(results, rows, page.start_index() - 1),
        "facets": facets_of(results, address),
        "question": question_of(filters, language),
        "export_query": address.setting(lang=language).removeprefix("?"),
        "pills": pills_of(filters, address, request.viewer, request.at),
        "problems": results.matches.problems if results.matches else (),
        "reading": results.matches.reading if results.matches else "",
        "expansions": expansions_of(results),
        "taken": taken_of(results, address),
        "literals": literals_of(query, address),
        "exactly": address.setting(exact="1"),
        "loosely": address.setting(exact=""),
        "orders": [(order, label, address.setting(order=order)) for order, label in ORDERS],
        **correction_of(results, address),
    }


def _rows(abstracts: Iterable[Abstract], results: Results) -> list[ResultRow]:
    abstracts = list(abstracts)
    rows = reading.rows(abstracts)
    texts = snippets(abstracts, marks_of(matches.index_query, matches.searcher)) if (matches := results.matches) else {}
    return [ResultRow(row.abstract, row.url, row.authors, row.slots, texts.get(row.abstract.pk, "")) for row in rows]


class SuggestForm(forms.Form):
    q = forms.CharField(max_length=MAX_LENGTH, required=False, strip=True)


@require_safe
def suggestions(request: ArchiveRequest) -> JsonResponse:
    """What `?q=` may mean: {"suggestions": [{"kind", "label", "url"}, …], "status": "2 suggestions"}."""
    form = SuggestForm(clean_query(request.GET))
    text = form.cleaned_data["q"] if is_valid(form) else ""
    found = suggest(text, request.viewer, request.at) if text else []
    listed = found or []
    items = [{"kind": s.kind, "label": s.label, "url": s.url} for s in listed]
    response = JsonResponse({"suggestions": items, "status": announcement(listed)})
    if found is None:
        forbid_sharing(response)
    return response


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """The description by which browsers add the site as a search engine."""
    context = {"name": settings.SITE_NAME[:16], "long_name": settings.SITE_NAME[:48], "url": settings.SITE_URL}
    return render(request, "abstracts/opensearch.xml", context, content_type="application/opensearchdescription+xml")
