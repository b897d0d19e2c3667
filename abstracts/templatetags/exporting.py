"""Links to export files."""

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
    """A link for each format, in menu order, to the URL named `address`, whose last argument is the format.

    `query` is the query string of the page that is exported.
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
    """The files of an abstract for the head of its page, where reference managers look for them."""
    return [link for link in export_links("abstract-export", slug) if link.content_type in TYPES]
