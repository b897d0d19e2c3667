"""The content of pages, prints and exports, read through the visibility law."""

from .documents import (
    NOTED,
    Author,
    Document,
    FigureView,
    KeywordLink,
    Row,
    Slot,
    by_slug,
    document,
    documents,
    in_order_of,
    rows,
)

__all__ = [
    "NOTED",
    "Author",
    "Document",
    "FigureView",
    "KeywordLink",
    "Row",
    "Slot",
    "by_slug",
    "document",
    "documents",
    "in_order_of",
    "rows",
]
