"""Pages that staff write."""

from django import forms
from django.contrib import admin

from ..models import Page
from ..words.text import page_html
from .base import ArchiveAdmin
from .forms import HTML_NOTE, SanitizedForm


class PageForm(SanitizedForm):
    sanitized = {"html": page_html}

    class Meta:
        model = Page
        fields = ["title", "slug", "html", "in_footer", "position"]
        widgets = {"html": forms.Textarea(attrs={"rows": 24})}
        help_texts = {"html": f"HTML: headings, paragraphs, lists, tables, links. {HTML_NOTE}"}


@admin.register(Page)
class PageAdmin(ArchiveAdmin):
    form = PageForm
    list_display = ["title", "slug", "in_footer", "position", "updated_at"]
    search_fields = ["title", "html"]
    prepopulated_fields = {"slug": ["title"]}
