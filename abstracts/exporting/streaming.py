"""Files of any number of abstracts, read through the law and sent as they are made."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from .. import reading
from ..models import EmbargoTier
from ..reading import Document, in_order_of
from ..reading.signals import send_embargoed_read
from ..visibility import LawfulQuerySet, Level, Role, Viewer
from ..words.text import slugify
from . import FORMATS
from .contract import About
from .pdf import Pdf
from .printed import print_response
from .turns import LARGE, in_turn

# So many abstracts are in memory at a time.
BATCH = 200


def about_of(request: HttpRequest, title: str, filename_stem: str) -> About:
    """What a file that `request` asks for says of itself."""
    return About(title, settings.SITE_NAME, settings.SITE_URL, request.at.date(), filename_stem)


def export_response(
    request: HttpRequest, abstracts: LawfulQuerySet | Iterable[int], name: str, about: About
) -> HttpResponseBase:
    """The file of `abstracts` (a lawful queryset, or primary keys) in their order, in the format `name`.

    What may be said of each is asked again at `request.at`, batch by batch; below a listing nothing is. Raises
    KeyError for a format that does not exist.
    """
    exporter = FORMATS[name]
    filename = f"{slugify(about.filename_stem, 80) or 'abstracts'}.{exporter.extension}"
    headers = {
        "Content-Disposition": content_disposition_header(True, filename) or "attachment",
        "X-Robots-Tag": "noindex",
    }
    if isinstance(exporter, Pdf):
        pks = keys_of(abstracts)
        return print_response(request, pks, documents_of(pks, request.viewer, request.at, request.path), about, headers)
    if request.method == "HEAD":
        return HttpResponse(content_type=exporter.content_type, headers=headers)
    pks = keys_of(abstracts)
    documents = documents_of(pks, request.viewer, request.at, request.path)
    if request.viewer.role is Role.STAFF:
        about = replace(about, for_staff=True, tiers=dict(EmbargoTier.objects.values_list("pk", "name")))
    pieces: Iterable[bytes] | None = exporter.write(documents, about)
    if len(pks) > LARGE:
        pieces = in_turn(pieces or ())
    if pieces is None:
        return _later()
    return StreamingHttpResponse(pieces, content_type=exporter.content_type, headers=headers)


def _later() -> HttpResponse:
    words = _("Other large files are being made. Please try again in a minute.")
    return HttpResponse(words, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})


def keys_of(abstracts: LawfulQuerySet | Iterable[int]) -> list[int]:
    """The primary keys of a lawful queryset, or those that were given."""
    return list(abstracts.values_list("pk", flat=True) if isinstance(abstracts, LawfulQuerySet) else abstracts)


def documents_of(
    abstracts: LawfulQuerySet | Iterable[int], viewer: Viewer, at: dt.datetime, path: str
) -> Iterator[Document]:
    """Whole documents of `abstracts`, in their order, `BATCH` in memory at a time; only what is listed at least.

    Reads ahead of release are told (`signals.embargoed_read`) before the documents are handed out.
    """
    for batch in _batches(keys_of(abstracts)):
        listed = [abstract for abstract in in_order_of(batch, viewer, at) if abstract.level >= Level.LISTED]
        documents = reading.documents(listed)
        send_embargoed_read(documents, viewer, at, path)
        yield from documents


def _batches(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    return (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))
