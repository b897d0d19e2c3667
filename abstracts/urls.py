"""Addresses of the archive. Lower case, plural, trailing slash, stable forever."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from .models.keys import KEY
from .views import (
    abstract,
    authors,
    citations,
    downloads,
    exports,
    feeds,
    figures,
    home,
    keywords,
    machines,
    meetings,
    pages,
    search,
    sessions,
    sitemaps,
)


class KeyConverter(StringConverter):
    """A row's public key."""

    regex = KEY


class WidthConverter(IntConverter):
    """No number is longer than a column of a database can hold."""

    regex = r"[0-9]{1,9}"


class NumberConverter(StringConverter):
    """An abstract's number as printed: any characters on one line."""

    regex = r"[^\x00-\x1f\x7f]{1,40}"


class TitleConverter(StringConverter):
    """A slug in any alphabet: some addresses of the former site contain Greek letters."""

    regex = r"[-\w]{1,220}"


register_converter(KeyConverter, "key")
register_converter(WidthConverter, "width")
register_converter(NumberConverter, "number")
register_converter(TitleConverter, "title")


# Files, feeds and exports: one address each, without a language.
machine_urlpatterns = [
    path("figures/<key:figure>/", figures.figure_file, name="figure-file"),
    path("figures/<key:figure>/<width:width>/", figures.figure_rendition, name="figure-rendition"),
    path("opensearch.xml", search.opensearch, name="opensearch"),
    path("abstract/<title:slug>/card.png", machines.abstract_card, name="abstract-card"),
    path("card.png", machines.site_card, name="site-card"),
    path("feeds/newest/", feeds.newest, name="feed-newest"),
    path("feeds/meetings/<slug:slug>/", feeds.meeting, name="feed-meeting"),
    path("feeds/keywords/<slug:slug>/", feeds.keyword, name="feed-keyword"),
    path("feeds/search/", feeds.search_feed, name="feed-search"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/<slug:part>/<int:file>.xml", sitemaps.part_file, name="sitemap-part"),
    path("robots.txt", machines.robots, name="robots"),
    path("download/<slug:slug>/book.pdf", downloads.download_book, name="download-book"),
    path("abstract/<title:slug>/export/<slug:name>/", exports.abstract_export, name="abstract-export"),
    path("meetings/<slug:slug>/export/<slug:name>/", exports.meeting_export, name="meeting-export"),
    path(
        "meetings/<slug:meeting>/sessions/<slug:slug>/export/<slug:name>/",
        exports.session_export,
        name="session-export",
    ),
    path("search/export/<slug:name>/", exports.search_export, name="search-export"),
]

# Pages.
archive_urls = [
    path("", home.home, name="home"),
    path("meetings/", meetings.meeting_list, name="meeting-list"),
    path("meetings/<slug:slug>/", meetings.meeting, name="meeting"),
    path("meetings/<slug:meeting>/sessions/<slug:slug>/", sessions.session, name="session"),
    path("meetings/<slug:meeting>/<number:number>/", abstract.abstract_by_number, name="abstract-by-number"),
    path("abstract/<title:slug>/", abstract.abstract, name="abstract"),
    path("abstract/<title:slug>/citations/", citations.abstract_citations, name="abstract-citations"),
    path("download/", downloads.download_list, name="download-list"),
    path("download/<slug:slug>/", downloads.download, name="download"),
    path("embargo/<slug:slug>/", meetings.embargo_policy, name="embargo-policy"),
    path("pages/<slug:slug>/", pages.page, name="page"),
]

# Keyword and author indexes, search.
index_urls = [
    path("keywords/", keywords.keyword_list, name="keyword-list"),
    path("keywords/<slug:slug>/", keywords.keyword, name="keyword"),
    path("tag/<slug:slug>/", keywords.by_tag, name="keyword-by-tag"),
    path("authors/", authors.author_list, name="author-list"),
    path("authors/<slug:slug>/", authors.author, name="author"),
    path("search/", search.search_page, name="search"),
    path("search/suggestions/", search.suggestions, name="suggestions"),
]

urlpatterns = archive_urls + index_urls
