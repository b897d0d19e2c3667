"""The sitemap: every page that search engines may index, with the date of its last change.

It is the public's for every viewer. Pages of unreleased and withdrawn abstracts have `noindex`, and are not in it. The
date of a page is the latest release of what it shows, so it moves with a release.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Max, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from ..models import Abstract, AbstractKeyword, AuthorLine, Meeting, Page, Presentation, Session
from ..visibility import ANONYMOUS, ArchiveRequest, LawfulQuerySet, Level

# The protocol allows 50,000 addresses and 50 MB a file; shorter files are quicker to make.
ADDRESSES = 10_000
MOST_FILES = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class PageChange(NamedTuple):
    """The path of a page, and when its content last changed (None: unknown)."""

    path: str
    changed_at: dt.datetime | None = None


class Part(NamedTuple):
    """A part of the sitemap: its rows at an instant, and a function from the columns of a row to its page.

    `dates` gives the dates of many rows by their first column; `page` takes the other columns and then the date.
    """

    rows: Callable[[dt.datetime], QuerySet]
    page: Callable[..., PageChange]
    dates: Callable[[list, dt.datetime], dict] | None = None


def _released(at: dt.datetime) -> LawfulQuerySet:
    return Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL)


def _abstracts(at: dt.datetime) -> QuerySet:
    return _released(at).order_by("pk").values_list("slug", "released_from", "updated_at")


def _abstract(slug: str, released_from: dt.datetime, updated_at: dt.datetime) -> PageChange:
    return PageChange(reverse("abstract", args=[slug]), max(released_from, updated_at))


def _meetings(at: dt.datetime) -> QuerySet:
    return Meeting.objects.visible_to(ANONYMOUS).order_by("pk").values_list("pk", "slug")


def _dates_of_meetings(pks: list[int], at: dt.datetime) -> dict:
    rows = _released(at).filter(meeting__in=pks).order_by()
    return dict(rows.values_list("meeting").annotate(Max("released_from")))


def _sessions(at: dt.datetime) -> QuerySet:
    return Session.objects.visible_to(ANONYMOUS).order_by("pk").values_list("pk", "meeting__slug", "slug")


def _dates_of_sessions(pks: list[int], at: dt.datetime) -> dict:
    slots = Presentation.objects.visible_to(ANONYMOUS, at, least=Level.FULL).filter(session__gte=pks[0])
    rows = slots.filter(session__lte=pks[-1]).order_by()
    return dict(rows.values_list("session").annotate(Max("abstract__released_from")))


def _keywords(at: dt.datetime) -> QuerySet:
    links = AbstractKeyword.objects.visible_to(ANONYMOUS, at, least=Level.FULL).order_by()
    return links.values_list("keyword__slug").annotate(Max("abstract__released_from")).order_by("keyword__slug")


def _authors(at: dt.datetime) -> QuerySet:
    lines = AuthorLine.objects.visible_to(ANONYMOUS, at, least=Level.FULL).filter(person__isnull=False).order_by()
    return lines.values_list("person__slug").annotate(Max("abstract__released_from")).order_by("person__slug")


def _pages(at: dt.datetime) -> QuerySet:
    return Page.objects.order_by("pk").values_list("slug")


def _page_of(name: str) -> Callable[..., PageChange]:
    return lambda slug, changed_at=None: PageChange(reverse(name, args=[slug]), changed_at)


PARTS = {
    "meetings": Part(_meetings, _page_of("meeting"), _dates_of_meetings),
    "sessions": Part(_sessions, lambda *row: PageChange(reverse("session", args=row[:2]), row[2]), _dates_of_sessions),
    "abstracts": Part(_abstracts, _abstract),
    "keywords": Part(_keywords, _page_of("keyword")),
    "authors": Part(_authors, _page_of("author")),
    "pages": Part(_pages, _page_of("page")),
}
# Pages of which there is one: they stand in the part "pages".
SINGLE = ("home", "meeting-list", "keyword-list", "author-list", "search")


@require_safe
def index(request: ArchiveRequest) -> HttpResponse:
    """The sitemap index: every file of every part. All have the newest date of the archive, which costs one query."""
    newest = _released(request.at).order_by().aggregate(Max("released_from"), Max("updated_at"))
    changed_at = max(filter(None, newest.values()), default=None)
    files = [
        reverse("sitemap-part", args=[name, file])
        for name, part in PARTS.items()
        for file in range(1, _files(part.rows(request.at).count()) + 1)
    ]
    return _xml("sitemapindex", (_element("sitemap", path, changed_at) for path in files))


@require_safe
def part_file(request: ArchiveRequest, part: str, file: int) -> HttpResponse:
    """One file of one part: at most `ADDRESSES` addresses."""
    if part not in PARTS or not 1 <= file <= MOST_FILES:
        raise Http404
    rows = list(PARTS[part].rows(request.at)[(file - 1) * ADDRESSES : file * ADDRESSES])
    if not rows and file > 1:
        raise Http404
    pages = list(_changes(PARTS[part], rows, request.at))
    if part == "pages" and file == 1:
        pages = [*(PageChange(reverse(single)) for single in SINGLE), *pages]
    return _xml("urlset", (_element("url", *page) for page in pages))


def _changes(part: Part, rows: list[Any], at: dt.datetime) -> Iterator[PageChange]:
    if not part.dates:
        return (part.page(*row) for row in rows)
    dates = part.dates([row[0] for row in rows], at) if rows else {}
    return (part.page(*row[1:], dates.get(row[0])) for row in rows)


def _files(rows: int) -> int:
    return max(1, -(-rows // ADDRESSES))


def _element(name: str, path: str, changed_at: dt.datetime | None) -> str:
    lastmod = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return f"<{name}><loc>{escape(settings.SITE_URL + path)}</loc>{lastmod}</{name}>\n"


def _xml(root: str, elements: Iterable[str]) -> HttpResponse:
    """The file. It is not a template, because that took six times as long."""
    content = "".join(elements)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{content}</{root}>\n'
    response = HttpResponse(xml, content_type="application/xml")
    # Search engines read the file but do not list it as a result.
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response
