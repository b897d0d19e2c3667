"""An abstract cited in every style: a page of its own, and a part of the abstract's page."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .. import reading
from ..citing import citations
from ..visibility import ArchiveRequest
from .abstract import titled_abstracts


@require_safe
def abstract_citations(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The citations of an abstract whose title may be known."""
    abstract = get_object_or_404(titled_abstracts(request), slug=slug)
    document = reading.document(abstract)
    context = {
        "document": document,
        "abstract": abstract,
        "meeting": abstract.meeting,
        "citations": list(citations(document, settings.SITE_URL, request.at)),
    }
    return render(request, "abstracts/citations.html", context)
