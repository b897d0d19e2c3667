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
from ..describing.texts import without_email
from ..models import Meeting
from ..reading import Document
from ..search import Results, search
from ..search.form import SearchFilters
from ..visibility import ANONYMOUS, ArchiveRequest
from ..words.text import strip_controls
from .caching import forbid_sharing
from .indexes import KEYWORDS
from .paging import paginate
from .search_links import question_of

ENTRIES = 50
# A search's feed has only so many of the newest results.
MOST_RESULTS = 500
# "Updated" of a feed without entries: Atom requires an instant, and the present one would differ in every answer.
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class AbstractsAtom(Atom1Feed):
    """Atom with all authors of an entry (the feed's author counts only without them) and paging links (RFC 5005)."""

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
class FeedContent:
    """What a feed consists of: its title, the page that it belongs to, its own address, and one page of entries.

    `ids` has the id of each entry, by primary key of the abstract. `is_makeshift` says that a better answer will be
    there in a moment.
    """

    title: str
    page_url: str
    url: str
    page: Page
    documents: list[Document]
    ids: dict[int, str]
    is_makeshift: bool = False

    def url_of_page(self, number: int) -> str:
        return f"{self.url}{'&' if '?' in self.url else '?'}page={number}" if number > 1 else self.url

    def page_links(self) -> list[tuple[str, str]]:
        """(relation, address) of the pages before and after."""
        links = []
        if self.page.has_previous():
            links.append(("previous", self.url_of_page(self.page.previous_page_number())))
        if self.page.has_next():
            links.append(("next", self.url_of_page(self.page.next_page_number())))
        return links


class AtomFeed(Feed):
    """`content` as an Atom feed. Every address in it begins with SITE_URL, whatever the Host header says."""

    feed_type = AbstractsAtom
    author_name = property(lambda self: strip_controls(settings.SOCIETY_NAME))

    def __init__(self, content: FeedContent):
        self.content = content

    def title(self) -> str:
        return strip_controls(f"{self.content.title} – {settings.SITE_NAME}")

    def link(self) -> str:
        return self.content.page_url

    def feed_url(self) -> str:
        return self.content.url_of_page(self.content.page.number)

    def feed_guid(self) -> str:
        return self.content.url

    def feed_extra_kwargs(self, obj: None) -> dict:
        return {"pages": self.content.page_links()}

    def items(self) -> list[Document]:
        return self.content.documents

    def item_title(self, item: Document) -> str:
        return strip_controls(without_email(item.abstract.title_text))

    def item_description(self, item: Document) -> str:
        return escape(teaser(item))

    def item_link(self, item: Document) -> str:
        return full_address(item.url)

    def item_guid(self, item: Document) -> str:
        return self.content.ids[item.abstract.pk]

    def item_pubdate(self, item: Document) -> dt.datetime | None:
        return item.abstract.released_from

    def item_updateddate(self, item: Document) -> dt.datetime:
        return feeds.updated_at(item)

    def item_categories(self, item: Document) -> list[str]:
        return [strip_controls(keyword.label) for keyword in item.keywords]

    def item_extra_kwargs(self, item: Document) -> dict:
        return {"authors": [without_email(author.name) for author in item.authors]}


def _content(request: ArchiveRequest, title: str, page_url: str, url: str, rows: Any) -> FeedContent:
    page = paginate(request, rows, ENTRIES)
    documents = reading.documents(page.object_list)
    return FeedContent(title, full_address(page_url), full_address(url), page, documents, feeds.feed_ids(documents))


def _newest(request: ArchiveRequest) -> FeedContent:
    return _content(request, _("Newest abstracts"), reverse("home"), request.path, feeds.released(request.at))


def _of_meeting(request: ArchiveRequest, slug: str) -> FeedContent:
    meeting = get_object_or_404(Meeting.objects.visible_to(ANONYMOUS), slug=slug)
    rows = feeds.of_meeting(meeting, request.at)
    return _content(request, meeting.name, meeting.get_absolute_url(), request.path, rows)


def _of_keyword(request: ArchiveRequest, slug: str) -> FeedContent:
    keyword = get_object_or_404(KEYWORDS.visible(ANONYMOUS, request.at), slug=slug)
    rows = feeds.of_keyword(keyword, request.at)
    return _content(request, keyword.name, keyword.get_absolute_url(), request.path, rows)


def _of_search(request: ArchiveRequest) -> FeedContent:
    filters = SearchFilters(request.GET, ANONYMOUS, request.at)
    query = filters.query()
    if query is None:
        raise BadRequest("search")
    results = search(query, ANONYMOUS, request.at)
    newest = Results(feeds.newest_of(results.pks_with_all(), request.at, MOST_RESULTS), ANONYMOUS, request.at)
    query_string = question_of(filters)
    title = _("Search: %(words)s") % {"words": query.text} if query.text else _("Search")
    page_url, url = f"{reverse('search')}?{query_string}", f"{request.path}?{query_string}"
    content = _content(request, title, page_url, url, newest)
    # While the index is built the database answers, and less well.
    content.is_makeshift = results.matches is None and not query.is_empty
    return content


def _view(content_of: Callable[..., FeedContent]) -> Callable[..., HttpResponse]:
    @require_safe
    def feed(request: HttpRequest, **address: str) -> HttpResponse:
        content = content_of(request, **address)
        response = AtomFeed(content)(request)
        if content.is_makeshift:
            forbid_sharing(response)
        return response

    return feed


newest = _view(_newest)
meeting = _view(_of_meeting)
keyword = _view(_of_keyword)
search_feed = _view(_of_search)
