"""Figures in the admin: uploads are verified and re-encoded before they are stored."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from ..models import Figure
from ..models.imaging import prepare_image, store_figure_image
from ..words.text import inline_html
from .base import Inline, InlineFormSet
from .forms import HTML_NOTE, SanitizedForm


class FigureForm(SanitizedForm):
    sanitized = {"caption": inline_html}
    compares = {"digest": "image"}
    # A plain file input: Django's would link to the stored file, which has no public address.
    upload = forms.FileField(required=False, label="Image", help_text="PNG, JPEG, GIF, TIFF or WebP.")

    class Meta:
        model = Figure
        fields = ["position", "label", "caption", "alt", "upload"]
        widgets = {
            "caption": forms.Textarea(attrs={"rows": 3, "cols": 40}),
            "alt": forms.Textarea(attrs={"rows": 3, "cols": 40}),
        }
        help_texts = {"caption": f"HTML: i, em, b, strong, sub and sup. {HTML_NOTE}"}

    def clean_upload(self):
        if upload := self.cleaned_data["upload"]:
            prepare_image(upload)  # refuses what is not an image
        return upload


class FigureFormSet(InlineFormSet):
    def save_new(self, form, commit=True):
        return self._with_image(form, super().save_new(form, commit))

    def save_existing(self, form, obj, commit=True):
        return self._with_image(form, super().save_existing(form, obj, commit))

    def _with_image(self, form, figure):
        if isinstance(upload := form.cleaned_data.get("upload"), UploadedFile):
            store_figure_image(figure, upload)
        return figure


class FigureInline(Inline):
    model = Figure
    form = FigureForm
    formset = FigureFormSet
    fields = ["position", "label", "caption", "alt", "upload", "stored"]
    readonly_fields = ["stored"]

    def stored(self, figure):
        return f"{figure.original_name or 'image'}, {figure.width} × {figure.height}" if figure.image else "no image"
