"""Figure files. They leave through the law, or not at all."""

import mimetypes

from csp.decorators import csp_update
from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.encoding import iri_to_uri

from ..models import Figure, Rendition
from ..reading import Row, in_order_of
from ..reading.signals import tell_of_embargoed

# What importing stores; anything else is not sent as an image.
IMAGE_TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
# Longer than any database's key: not found, rather than an error there.
LARGEST_KEY = 2**63 - 1

# Opened by itself, an image is shown by a page of the browser's own, which styles itself; it runs nothing.
for_browsers_viewer = csp_update({"style-src": ["'unsafe-inline'"]})


@for_browsers_viewer
def figure_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The image of a figure at full size."""
    if pk > LARGEST_KEY:
        raise Http404
    figure = Figure.objects.visible_to(request.viewer, request.at).filter(pk=pk).only("image").first()
    return _send(request, pk, figure.image if figure else None)


@for_browsers_viewer
def figure_rendition(request: HttpRequest, pk: int, width: int) -> HttpResponseBase:
    """The image of a figure at one of its smaller widths."""
    if max(pk, width) > LARGEST_KEY:
        raise Http404
    rows = Rendition.objects.visible_to(request.viewer, request.at)
    rendition = rows.filter(figure=pk, width=width).only("image").first()
    return _send(request, pk, rendition.image if rendition else None)


def _send(request: HttpRequest, figure: int, image: FieldFile | None) -> HttpResponseBase:
    """The file, sent by nginx where it is set up to; without its path, under no name of its own."""
    if not image or not image.storage.exists(image.name):
        raise Http404
    _tell(request, figure)
    kind = mimetypes.guess_type(image.name)[0]
    if kind not in IMAGE_TYPES:
        kind = "application/octet-stream"
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=kind)
        response["X-Accel-Redirect"] = iri_to_uri(f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{image.name}")
    else:
        response = FileResponse(image.open("rb"), content_type=kind)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _tell(request: HttpRequest, figure: int) -> None:
    """A figure is part of the text: it can be read without the page that it stands on."""
    if request.viewer.sees_embargoed:
        rows = Figure.objects.visible_to(request.viewer, request.at).filter(pk=figure)
        found = in_order_of(list(rows.values_list("abstract_id", flat=True)), request.viewer, request.at)
        tell_of_embargoed([Row(abstract, "") for abstract in found], request.viewer, request.at, request.path)
