"""Django's choice widgets, written in one piece.

Django renders a template for every option; with hundreds of meetings that took longer than searching.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def _options(widget: Any, value: Any) -> Iterator[tuple[str, str, bool]]:
    """(value, label, whether it is chosen) of each option."""
    chosen = set(widget.format_value(value) or ())
    for key, label in widget.choices:
        key = "" if key is None else str(key)
        yield key, str(label), key in chosen


class Select(forms.Select):
    """One of several."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = (
            (key, SafeString(" selected" if chosen else ""), label) for key, label, chosen in _options(self, value)
        )
        inside = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html(
            "<select{}>{}</select>", flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}), inside
        )


class Checkboxes(forms.CheckboxSelectMultiple):
    """Any of several."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, attrs)
        boxes = (
            (own := f"{whole['id']}_{place}", name, key, own, SafeString(" checked" if chosen else ""), label)
            for place, (key, label, chosen) in enumerate(_options(self, value))
        )
        one = '<div><label for="{}"><input type="checkbox" name="{}" value="{}" id="{}"{}> {}</label></div>'
        return format_html("<div{}>{}</div>", flatatt(whole), format_html_join("", one, boxes))
