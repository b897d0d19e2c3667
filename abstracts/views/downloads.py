"""Download Abstracts: the public's book of a meeting, and its data in every format."""

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from ..downloads import making, shelf
from ..models import Meeting
from ..visibility import ANONYMOUS
from ..words.text import slugify
from .origin import same_origin_only


@require_safe
def download_list(request: HttpRequest) -> HttpResponse:
    """All published meetings, each with the way to its downloads."""
    groups: dict[str, list[Meeting]] = {}
    for meeting in Meeting.objects.visible_to(ANONYMOUS).newest_first():
        groups.setdefault(meeting.menu_group, []).append(meeting)
    return render(request, "abstracts/download_list.html", {"groups": list(groups.items())})


@same_origin_only
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """What there is of a meeting, and how far a new book is. A POST asks for a new one.

    Whoever asks gets the public's: what is said here is true for everybody.
    """
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    found = shelf.look(meeting, request.at)
    if request.method == "POST":
        if found.visible and not found.is_current:
            shelf.wish(meeting)
            _see_to_it()
        return redirect("download", meeting.slug)
    if found.is_wanted and not found.is_working:
        # Whoever was at it was killed: somebody asked, so it goes on.
        _see_to_it()
    response = render(request, "abstracts/download.html", {"meeting": meeting, "look": found})
    # True for this moment only: nobody is to keep it.
    response.is_makeshift = True
    return response


@require_safe
def download_book(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The book of a meeting: one that shows nothing that may not be seen now; where there is none, its page."""
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    book = shelf.look(meeting, request.at).book
    response = _sent(request, book, meeting) if book else redirect("download", meeting.slug)
    response["X-Robots-Tag"] = "noindex"
    # A withdrawal stops it at the next request: no proxy keeps it.
    response.is_makeshift = True  # type: ignore[attr-defined]
    return response


def _sent(request: HttpRequest, book: shelf.Made, meeting: Meeting) -> HttpResponseBase:
    etag = f'"{book.digest}"'
    if known := get_conditional_response(request, etag=etag):
        return known
    response = FileResponse(book.path.open("rb"), content_type="application/pdf")
    filename = f"{slugify(meeting.slug)}-abstracts.pdf"
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["ETag"] = etag
    return response


def _see_to_it() -> None:
    if settings.DOWNLOADS_ON_DEMAND:
        making.start_worker()
