"""Structured data in the heads of pages."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from ..describing import as_json_ld

register = template.Library()


@register.filter
def json_ld(things: Iterable[dict[str, Any]]) -> SafeString:
    """Things of schema.org as the content of a script element; "" for none."""
    things = list(things or ())
    return as_json_ld(things) if things else SafeString("")
