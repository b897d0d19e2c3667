"""Atom feeds: of a meeting, a keyword, a search, and of all that is new.

An entry appears at the instant of its release, for nobody earlier. `?page=2` and so on lead to older entries.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.exceptions import BadRequest
from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .. import reading
from ..describing import feeds, full_address, teaser
from ..describing.words import without_email
from ..models import Meeting
from ..reading import Document
from ..search import Results, search
from ..search.form import SearchFilters
from ..visibility import ANONYMOUS
from ..words.text import strip_controls
from .keywords import visible_keywords
from .paging import paginate
from .search_links import question_of

ENTRIES = 50
# Of a search only the newest are told.
MOST_FOUND = 500
# "Updated" of a feed without entries: Atom wants an instant, and the present one would be another every time.
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class AbstractsAtom(Atom1Feed):
    """Atom with all authors of an entry (the feed's covers those without) and links to older pages (RFC 5005)."""

    def latest_post_date(self) -> dt.datetime:
        return max((item["updateddate"] for item in self.items), default=NEVER)

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for rel, url in self.feed["pages"]:
            handler.addQuickElement("link", "", {"rel": rel, "href": url})

    def add_item_elements(self, handler: Any, item: dict) -> None:
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")


@dataclass
class Told:
    """A feed as asked for: its words, the page that it follows, its own address, and the entries."""

    title: str
    page_url: str
    url: str
    page: Page
    documents: list[Document]
    ids: dict[int, str]

    @property
    def own_url(self) -> str:
        return self._of(self.page.number)

    def page_links(self) -> list[tuple[str, str]]:
        """(relation, address) of the pages before and after."""
        links = []
        if self.page.has_previous():
            links.append(("previous", self._of(self.page.previous_page_number())))
        if self.page.has_next():
            links.append(("next", self._of(self.page.next_page_number())))
        return links

    def _of(self, number: int) -> str:
        return f"{self.url}{'&' if '?' in self.url else '?'}page={number}" if number > 1 else self.url


class AtomFeed(Feed):
    """The feed that `told` gives. Every address in it is the site's own, whatever host it was asked of."""

    feed_type = AbstractsAtom
    author_name = property(lambda self: strip_controls(settings.SOCIETY_NAME))

    def __init__(self, told: Callable[..., Told]):
        self.told = told

    def get_object(self, request: HttpRequest, **address: str) -> Told:
        return self.told(request, **address)

    def title(self, told: Told) -> str:
        return strip_controls(f"{told.title} – {settings.SITE_NAME}")

    def link(self, told: Told) -> str:
        return told.page_url

    def feed_url(self, told: Told) -> str:
        return told.own_url

    def feed_guid(self, told: Told) -> str:
        return told.url

    def feed_extra_kwargs(self, told: Told) -> dict:
        return {"pages": told.page_links()}

    def items(self, told: Told) -> list[tuple[Document, str]]:
        return [(document, told.ids[document.abstract.pk]) for document in told.documents]

    def item_title(self, item: tuple[Document, str]) -> str:
        return strip_controls(without_email(item[0].abstract.title_text))

    def item_description(self, item: tuple[Document, str]) -> str:
        return escape(teaser(item[0]))

    def item_link(self, item: tuple[Document, str]) -> str:
        return full_address(item[0].url)

    def item_guid(self, item: tuple[Document, str]) -> str:
        return item[1]

    def item_pubdate(self, item: tuple[Document, str]) -> dt.datetime:
        return item[0].abstract.released_from

    def item_updateddate(self, item: tuple[Document, str]) -> dt.datetime:
        return feeds.updated_at(item[0])

    def item_categories(self, item: tuple[Document, str]) -> list[str]:
        return [strip_controls(keyword.label) for keyword in item[0].keywords]

    def item_extra_kwargs(self, item: tuple[Document, str]) -> dict:
        return {"authors": [without_email(author.name) for author in item[0].authors]}


def _told(request: HttpRequest, title: str, page_url: str, url: str, rows: Any) -> Told:
    page = paginate(request, rows, ENTRIES)
    documents = reading.documents(page.object_list)
    ids = feeds.identities(documents)
    return Told(title, full_address(page_url), full_address(url), page, documents, ids)


def _newest(request: HttpRequest) -> Told:
    rows = feeds.released(request.at)
    return _told(request, _("Newest abstracts"), reverse("home"), request.path, rows)


def _of_meeting(request: HttpRequest, slug: str) -> Told:
    found = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    rows = feeds.of_meeting(found, request.at)
    return _told(request, found.name, found.get_absolute_url(), request.path, rows)


def _of_keyword(request: HttpRequest, slug: str) -> Told:
    found = get_object_or_404(visible_keywords(ANONYMOUS, request.at), slug=slug)
    rows = feeds.of_keyword(found, request.at)
    return _told(request, found.name, found.get_absolute_url(), request.path, rows)


def _of_search(request: HttpRequest) -> Told:
    filters = SearchFilters(request.GET, ANONYMOUS, request.at)
    query = filters.query()
    if query is None:
        raise BadRequest("search")
    results = search(query, ANONYMOUS, request.at)
    request.feed_is_makeshift = results.found is None and not query.is_empty  # type: ignore[attr-defined]
    found = Results(feeds.newest_of(results.keys(), request.at, MOST_FOUND), ANONYMOUS, request.at)
    asked = question_of(filters)
    title = _("Search: %(words)s") % {"words": query.text} if query.text else _("Search")
    return _told(request, title, f"{reverse('search')}?{asked}", f"{request.path}?{asked}", found)


def _view(told: Callable[..., Told]) -> Callable[..., HttpResponse]:
    feed = AtomFeed(told)

    @require_safe
    def answer(request: HttpRequest, **address: str) -> HttpResponse:
        response = feed(request, **address)
        # While the index is built the database answers, and less well.
        response.is_makeshift = getattr(request, "feed_is_makeshift", False)
        return response

    return answer


newest = _view(_newest)
meeting = _view(_of_meeting)
keyword = _view(_of_keyword)
search_feed = _view(_of_search)
