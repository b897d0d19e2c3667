"""Figure files. Each request passes the visibility law."""

import hashlib
import mimetypes
from collections.abc import Callable
from typing import TypeVar

from csp.decorators import csp_update
from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

from ..models import Figure, Rendition
from ..reading import Row, in_order_of
from ..reading.signals import send_embargoed_read
from ..visibility import ArchiveRequest

# What importing stores; any other file is not sent as an image.
IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
# A browser shows a lone image in a page of its own making, which has inline styles and no script.
allow_inline_styles: Callable[[View], View] = csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[assignment]


@require_safe
@allow_inline_styles
def figure_file(request: ArchiveRequest, figure: str) -> HttpResponseBase:
    """The image of a figure at full size."""
    row = Figure.objects.visible_to(request.viewer, request.at).filter(key=figure).only("image").first()
    return _send(request, figure, row.image if row else None)


@require_safe
@allow_inline_styles
def figure_rendition(request: ArchiveRequest, figure: str, width: int) -> HttpResponseBase:
    """The image of a figure at one of its smaller widths."""
    rows = Rendition.objects.visible_to(request.viewer, request.at)
    rendition = rows.filter(figure__key=figure, width=width).only("image").first()
    return _send(request, figure, rendition.image if rendition else None)


def _send(request: ArchiveRequest, key: str, image: FieldFile | None) -> HttpResponseBase:
    """The file, sent by nginx where X_ACCEL_PREFIX is set. The answer names neither its path nor its name."""
    if not image or not image.name or not image.storage.exists(image.name):
        raise Http404
    _send_embargoed_read(request, key)
    # A stored file is never written again, and its name, which is random and not to be known, is no other file's.
    etag = f'"{hashlib.sha256(image.name.encode()).hexdigest()[:32]}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    content_type = mimetypes.guess_type(image.name)[0]
    if content_type not in IMAGE_TYPES:
        content_type = "application/octet-stream"
    response: HttpResponseBase
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = iri_to_uri(f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{image.name}")
    else:
        response = FileResponse(image.open("rb"), content_type=content_type)
    response["ETag"] = etag
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _send_embargoed_read(request: ArchiveRequest, key: str) -> None:
    """Log a figure as a read ahead of release: it can be opened without the page that it stands on."""
    if request.viewer.sees_embargoed:
        figures = Figure.objects.visible_to(request.viewer, request.at).filter(key=key)
        abstracts = in_order_of(list(figures.values_list("abstract_id", flat=True)), request.viewer, request.at)
        rows = [Row(abstract, "") for abstract in abstracts]
        send_embargoed_read(rows, request.viewer, request.at, request.path, "figure")
