"""A PDF as an answer: whole, so that what goes wrong is an error page and not half a file; not for any number."""

from collections.abc import Iterable, Sequence

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..models import Abstract, Meeting
from ..printing.compiling import NotTypeset
from ..reading import Document
from ..visibility import ANONYMOUS
from .contract import About
from .pdf import Pdf, PrintForm

log = structlog.get_logger(__name__)

# Meetings whose books are named where a file would be too long.
MOST_MEETINGS = 12


def print_response(
    request: HttpRequest, pks: Sequence[int], documents: Iterable[Document], about: About, headers: dict[str, str]
) -> HttpResponse:
    """The PDF of `documents`, which are those of `pks`; where they are too many, a page that leads to what there is.

    `documents` are not read before that is known. Raises BadRequest for an unknown layout or paper.
    """
    exporter = Pdf().configured(PrintForm(request.GET))
    if len(pks) > exporter.most:
        return _too_many(request, pks, exporter.most)
    if request.method == "HEAD":
        return HttpResponse(content_type=exporter.content_type, headers=headers)
    try:
        content = b"".join(exporter.write(documents, about))
    except NotTypeset as error:
        log.warning("no_pdf", reason=str(error)[-500:], path=request.path, count=len(pks))
        response = render(request, "abstracts/no_pdf.html", {"count": len(pks)}, status=503)
        response["Retry-After"] = "60"
        return response
    return HttpResponse(content, content_type=exporter.content_type, headers=headers)


def _too_many(request: HttpRequest, pks: Sequence[int], most: int) -> HttpResponse:
    abstracts = Abstract.objects.visible_to(ANONYMOUS, request.at).filter(pk__in=pks[:most])
    found = set(abstracts.order_by().values_list("meeting", flat=True).distinct())
    meetings = Meeting.objects.visible_to(ANONYMOUS).filter(pk__in=found).newest_first()[:MOST_MEETINGS]
    return render(request, "abstracts/too_many.html", {"count": len(pks), "most": most, "meetings": meetings})
