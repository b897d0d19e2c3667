"""An abstract cited in every style: a page of its own, and a part of the abstract's page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .. import reading
from ..models import Abstract
from ..visibility import Level


@require_safe
def abstract_citations(request: HttpRequest, slug: str) -> HttpResponse:
    """The citations of an abstract whose title may be known."""
    # citeproc takes 40 ms to import; most visits never ask for it.
    from ..citing import citations

    rows = Abstract.objects.visible_to(request.viewer, request.at, least=Level.LISTED)
    found = get_object_or_404(rows.select_related("meeting"), slug=slug)
    document = reading.document(found)
    context = {
        "document": document,
        "abstract": found,
        "meeting": found.meeting,
        "citations": list(citations(document, settings.SITE_URL, request.at)),
    }
    return render(request, "abstracts/citations.html", context)
