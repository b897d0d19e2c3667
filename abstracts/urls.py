"""Addresses of the archive. Lower case, plural, trailing slash, stable for ever."""

from django.http import Http404
from django.urls import path, register_converter


class NumberConverter:
    """An abstract's number as printed: anything on one line."""

    regex = r"[^\x00-\x1f\x7f]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NumberConverter, "number")


def not_built(request, **kwargs):
    raise Http404


archive_urls = [
    path("", not_built, name="home"),
    path("meetings/", not_built, name="meeting-list"),
    path("meetings/<slug:slug>/", not_built, name="meeting"),
    path("meetings/<slug:meeting>/sessions/<slug:slug>/", not_built, name="session"),
    path("meetings/<slug:meeting>/<number:number>/", not_built, name="abstract-by-number"),
    path("abstract/<slug:slug>/", not_built, name="abstract"),
    path("figures/<int:pk>/", not_built, name="figure-file"),
    path("figures/<int:pk>/<int:width>/", not_built, name="figure-rendition"),
    path("embargo/<slug:slug>/", not_built, name="embargo-policy"),
    path("pages/<slug:slug>/", not_built, name="page"),
]

# Keyword and author indexes, search.
index_urls = [
    path("keywords/", not_built, name="keyword-list"),
    path("keywords/<slug:slug>/", not_built, name="keyword"),
    path("tag/<slug:slug>/", not_built, name="keyword-by-tag"),
    path("authors/", not_built, name="author-list"),
    path("authors/<slug:slug>/", not_built, name="author"),
    path("search/", not_built, name="search"),
]

urlpatterns = archive_urls + index_urls
