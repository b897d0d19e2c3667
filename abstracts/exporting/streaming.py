"""Files of any number of abstracts, read through the law and sent while they are made."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from .. import reading
from ..models import EmbargoTier
from ..reading import Document, in_order_of
from ..reading.signals import send_embargoed_read
from ..visibility import LawfulQuerySet, Level, Role, Viewer
from ..visibility.requests import ArchiveRequest
from ..words.text import slugify
from . import FORMATS
from .contract import About
from .large_files import LARGE, open_large_file
from .pdf import Pdf
from .printed import print_response

# So many abstracts are in memory at a time.
BATCH = 200


def about_of(request: ArchiveRequest, title: str, filename_stem: str) -> About:
    """What a file for `request` says about itself."""
    return About(title, settings.SITE_NAME, settings.SITE_URL, request.at.date(), filename_stem)


def export_response(
    request: ArchiveRequest, abstracts: LawfulQuerySet | Iterable[int], name: str, about: About
) -> HttpResponseBase:
    """The file of `abstracts` (a lawful queryset, or primary keys), in their order, in the format `name`.

    The law is asked again about each at `request.at`, batch by batch; what does not show its title is left out.
    Raises KeyError for a format that does not exist.
    """
    exporter = FORMATS[name]
    filename = f"{slugify(about.filename_stem, 80) or 'abstracts'}.{exporter.extension}"
    headers = {
        "Content-Disposition": content_disposition_header(True, filename) or "attachment",
        "X-Robots-Tag": "noindex",
    }
    if request.method == "HEAD" and not isinstance(exporter, Pdf):
        return HttpResponse(content_type=exporter.content_type, headers=headers)
    pks = list(abstracts.values_list("pk", flat=True) if isinstance(abstracts, LawfulQuerySet) else abstracts)
    documents = stream_documents(pks, request.viewer.of_files, request.at, request.path, f"export {name}")
    if isinstance(exporter, Pdf):
        return print_response(request, pks, documents, about, headers)
    if request.viewer.role is Role.STAFF:
        about = replace(about, for_staff=True, tiers=dict(EmbargoTier.objects.values_list("pk", "name")))
    pieces: Iterable[bytes] = exporter.write(documents, about)
    if len(pks) > LARGE:
        large_file = open_large_file(pieces)
        if large_file is None:
            return _busy()
        pieces = large_file
    return StreamingHttpResponse(pieces, content_type=exporter.content_type, headers=headers)


def _busy() -> HttpResponse:
    words = _("Other large files are being made. Please try again in a minute.")
    return HttpResponse(words, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})


def stream_documents(
    pks: list[int], viewer: Viewer, at: dt.datetime, path: str, kind: str = "export"
) -> Iterator[Document]:
    """Whole documents of the abstracts `pks`, in their order, without those that do not show their title.

    `BATCH` of them are in memory at a time. Each batch is recorded as read ahead of release (`signals.embargoed_read`)
    before its documents are returned.
    """
    for start in range(0, len(pks), BATCH):
        batch = in_order_of(pks[start : start + BATCH], viewer, at)
        documents = reading.documents([abstract for abstract in batch if abstract.level >= Level.TITLED])
        send_embargoed_read(documents, viewer, at, path, kind)
        yield from documents
