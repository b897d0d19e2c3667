"""Download Abstracts: the public's book of a meeting, and its data in every format."""

import hashlib

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from ..downloads import making, shelf
from ..models import Meeting
from ..visibility import ANONYMOUS, ArchiveRequest
from ..words.text import slugify
from .caching import forbid_sharing
from .listing import by_menu_group
from .origin import same_origin_only


@require_safe
def download_list(request: ArchiveRequest) -> HttpResponse:
    """All published meetings, each with a link to its downloads."""
    groups = by_menu_group(Meeting.objects.visible_to(ANONYMOUS).newest_first())
    return render(request, "abstracts/download_list.html", {"groups": groups})


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: ArchiveRequest, slug: str) -> HttpResponse:
    """The book and the files of a meeting, and the progress of a new book. A POST asks for a new book.

    Everybody gets the public's book, staff too.
    """
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    status = shelf.status_of(meeting, request.at)
    if request.method == "POST":
        if status.visible and not status.is_current:
            shelf.mark_wanted(meeting)
            _start_worker()
        return redirect("download", meeting.slug)
    if status.is_wanted and not status.is_working:
        # The worker was killed before it was done.
        _start_worker()
    response = render(request, "abstracts/download.html", {"meeting": meeting, "status": status})
    forbid_sharing(response)
    return response


@require_safe
def download_book(request: ArchiveRequest, slug: str) -> HttpResponseBase:
    """The book of a meeting, if it shows nothing that is hidden now; else a redirect to the meeting's downloads."""
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    book = shelf.status_of(meeting, request.at).book
    response = _sent(request, book, meeting) if book else redirect("download", meeting.slug)
    response["X-Robots-Tag"] = "noindex"
    # A withdrawal stops the book at the next request, so no proxy may keep it.
    forbid_sharing(response)
    return response


def _sent(request: ArchiveRequest, book: shelf.FinishedBook, meeting: Meeting) -> HttpResponseBase:
    # Not the digest alone: of a small meeting, one could try which keys and revisions of abstracts give it.
    etag = f'"{hashlib.sha256(f"{book.mark.token} {book.digest}".encode()).hexdigest()[:32]}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    response = FileResponse(book.path.open("rb"), content_type="application/pdf")
    filename = f"{slugify(meeting.slug)}-abstracts.pdf"
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["ETag"] = etag
    return response


def _start_worker() -> None:
    if settings.DOWNLOADS_ON_DEMAND:
        making.start_worker()
