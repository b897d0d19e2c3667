"""Links to files of what a page shows."""

from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext

from ..exporting import FORMATS
from ..exporting.negotiation import TYPES

register = template.Library()


class ExportLink(NamedTuple):
    name: str
    label: str
    url: str
    content_type: str


@register.simple_tag
def export_links(address: str, *args: str, query: str = "") -> list[ExportLink]:
    """A link for each format, in menu order, to the address named `address` (its last argument is the format).

    `query` is the query string that says what is exported.
    """
    suffix = f"?{query}" if query else ""
    return [
        ExportLink(
            f.name, gettext(f.label), reverse(address, args=[*args, f.name]) + suffix, f.content_type.partition(";")[0]
        )
        for f in FORMATS.values()
    ]


@register.simple_tag
def typed_alternates(slug: str) -> list[ExportLink]:
    """The files of an abstract that reference managers look for in the head of its page."""
    return [link for link in export_links("abstract-export", slug) if link.content_type in TYPES]
