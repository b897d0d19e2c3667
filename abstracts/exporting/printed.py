"""The response with a PDF: in one piece, so that an error gives an error page and not half a file."""

from collections.abc import Iterable, Sequence

import structlog
from django.http import HttpResponse
from django.shortcuts import render

from ..models import Abstract, Meeting
from ..printing.compiling import NotTypeset
from ..reading import Document
from ..visibility import ANONYMOUS
from ..visibility.requests import ArchiveRequest
from .contract import About
from .pdf import Pdf, PrintForm

log = structlog.get_logger(__name__)

# So many books of meetings are offered instead of a file that would be too long.
MAX_MEETINGS = 12


def print_response(
    request: ArchiveRequest, pks: Sequence[int], documents: Iterable[Document], about: About, headers: dict[str, str]
) -> HttpResponse:
    """The PDF of `documents`, which are those of `pks`; if they are too many, a page with links to books instead.

    `documents` are read only when it is clear that they are not too many. Raises BadRequest for an unknown layout or
    paper.
    """
    exporter = Pdf().configured(PrintForm(request.GET))
    if len(pks) > exporter.max_abstracts:
        return _too_many(request, pks, exporter.max_abstracts)
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


def _too_many(request: ArchiveRequest, pks: Sequence[int], limit: int) -> HttpResponse:
    abstracts = Abstract.objects.visible_to(ANONYMOUS, request.at).filter(pk__in=pks[:limit])
    meeting_pks = set(abstracts.order_by().values_list("meeting", flat=True).distinct())
    meetings = Meeting.objects.visible_to(ANONYMOUS).filter(pk__in=meeting_pks).newest_first()[:MAX_MEETINGS]
    return render(request, "abstracts/too_many.html", {"count": len(pks), "most": limit, "meetings": meetings})
