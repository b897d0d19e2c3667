"""Django's choice widgets, rendered as one string.

Django renders a template for each option; with hundreds of meetings that took longer than searching.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def _options(widget: Any, value: Any) -> Iterator[tuple[str, str, bool]]:
    """(value, label, whether it is selected) of each option."""
    selected = set(widget.format_value(value) or ())
    for key, label in widget.choices:
        key = "" if key is None else str(key)
        yield key, str(label), key in selected


class Select(forms.Select):
    """One value."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = (
            (key, SafeString(" selected" if selected else ""), label) for key, label, selected in _options(self, value)
        )
        inside = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html(
            "<select{}>{}</select>", flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}), inside
        )


class Checkboxes(forms.CheckboxSelectMultiple):
    """Several values."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        whole = self.build_attrs(self.attrs, attrs)
        boxes = (
            (id_ := f"{whole['id']}_{place}", name, key, id_, SafeString(" checked" if selected else ""), label)
            for place, (key, label, selected) in enumerate(_options(self, value))
        )
        one = '<div><label for="{}"><input type="checkbox" name="{}" value="{}" id="{}"{}> {}</label></div>'
        return format_html("<div{}>{}</div>", flatatt(whole), format_html_join("", one, boxes))
