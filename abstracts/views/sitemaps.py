"""The sitemap: every page that search engines may keep, and when it last became something else.

It is the public's, whoever asks. What is not released, and what was withdrawn, says `noindex` and is not in it. The
dates move by themselves when something is released: they are the latest instant of release of what a page shows.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from ..models import Abstract, AbstractKeyword, AuthorLine, Meeting, Page, Presentation, Session
from ..visibility import ANONYMOUS, LawfulQuerySet, Level

# The protocol allows 50,000 addresses and 50 MB; short files are made, and read, as they are needed.
ADDRESSES = 10_000
MOST_FILES = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Entry(NamedTuple):
    """An address on this site, and when what it shows last changed (None: not known)."""

    path: str
    changed_at: dt.datetime | None = None


class Part(NamedTuple):
    """A part of the sitemap: of an instant, the queryset of its rows, and the entry of each row.

    With `dates`, which gives the dates of many rows by their first column, `entry` gets them after the other columns.
    """

    rows: Callable[[dt.datetime], QuerySet]
    entry: Callable[..., Entry]
    dates: Callable[[list, dt.datetime], dict] | None = None


def _released(at: dt.datetime) -> LawfulQuerySet:
    return Abstract.objects.visible_to(ANONYMOUS, at, least=Level.FULL)


def _abstracts(at: dt.datetime) -> QuerySet:
    return _released(at).order_by("pk").values_list("slug", "released_from", "updated_at")


def _abstract(slug: str, released_from: dt.datetime, updated_at: dt.datetime) -> Entry:
    return Entry(reverse("abstract", args=[slug]), max(released_from, updated_at))


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
    return links.values_list("keyword__slug").annotate(Max("abstract__released_from")).order_by("keyword")


def _authors(at: dt.datetime) -> QuerySet:
    lines = AuthorLine.objects.visible_to(ANONYMOUS, at, least=Level.FULL).filter(person__isnull=False).order_by()
    return lines.values_list("person__slug").annotate(Max("abstract__released_from")).order_by("person")


def _pages(at: dt.datetime) -> QuerySet:
    return Page.objects.order_by("pk").values_list("slug")


def _entry_of(name: str) -> Callable[..., Entry]:
    return lambda slug, changed_at=None: Entry(reverse(name, args=[slug]), changed_at)


PARTS = {
    "meetings": Part(_meetings, _entry_of("meeting"), _dates_of_meetings),
    "sessions": Part(_sessions, lambda *row: Entry(reverse("session", args=row[:2]), row[2]), _dates_of_sessions),
    "abstracts": Part(_abstracts, _abstract),
    "keywords": Part(_keywords, _entry_of("keyword")),
    "authors": Part(_authors, _entry_of("author")),
    "pages": Part(_pages, _entry_of("page")),
}
# Without a part of their own, for there is one of each.
SINGLE = ("home", "meeting-list", "keyword-list", "author-list", "search")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The sitemap index: each file of each part; their date is the latest in the archive, which is cheaply known."""
    newest = _released(request.at).order_by().aggregate(Max("released_from"), Max("updated_at"))
    changed_at = max(filter(None, newest.values()), default=None)
    files = [
        reverse("sitemap-part", args=[name, file])
        for name, found in PARTS.items()
        for file in range(1, _files(found.rows(request.at).count()) + 1)
    ]
    return _xml("sitemapindex", (_element("sitemap", path, changed_at) for path in files))


@require_safe
def part(request: HttpRequest, part: str, file: int) -> HttpResponse:
    """One file of one part: at most `ADDRESSES` addresses."""
    found = PARTS.get(part)
    if not found or not 1 <= file <= MOST_FILES:
        raise Http404
    rows = list(found.rows(request.at)[(file - 1) * ADDRESSES : file * ADDRESSES])
    if not rows and file > 1:
        raise Http404
    entries = list(_entries(found, rows, request.at))
    if part == "pages" and file == 1:
        entries = [*(Entry(reverse(single)) for single in SINGLE), *entries]
    return _xml("urlset", (_element("url", *entry) for entry in entries))


def _entries(found: Part, rows: list[Any], at: dt.datetime) -> Iterator[Entry]:
    if not found.dates:
        return (found.entry(*row) for row in rows)
    dates = found.dates([row[0] for row in rows], at) if rows else {}
    return (found.entry(*row[1:], dates.get(row[0])) for row in rows)


def _files(rows: int) -> int:
    return max(1, -(-rows // ADDRESSES))


def _full(path: str) -> str:
    return settings.SITE_URL + path


def _element(name: str, path: str, changed_at: dt.datetime | None) -> str:
    lastmod = f"<lastmod>{changed_at.isoformat(timespec='seconds')}</lastmod>" if changed_at else ""
    return f"<{name}><loc>{escape(_full(path))}</loc>{lastmod}</{name}>\n"


def _xml(root: str, elements: Iterable[str]) -> HttpResponse:
    """Written out: a template took six times as long."""
    content = "".join(elements)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{content}</{root}>\n'
    response = HttpResponse(xml, content_type="application/xml")
    # The file itself is not to be found by searching.
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response
