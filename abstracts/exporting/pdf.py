"""PDF: abstracts as printed pages, made by `abstracts.printing`."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms

from ..printing import LAYOUTS, PAPERS, Printout, pdf_of
from ..reading import Document
from ..words.query_strings import cleaned_data
from .contract import About


class PrintForm(forms.Form):
    """The layout and paper of a print; both are optional."""

    layout = forms.ChoiceField(choices=[(name, name) for name in LAYOUTS], required=False)
    paper = forms.ChoiceField(choices=[(name, name) for name in PAPERS], required=False)


@dataclass(frozen=True)
class Pdf:
    """Unlike other formats it is made in one piece, so it has a limit: 500 abstracts take ten seconds and 0.9 GB."""

    layout: str = "abstracts"
    paper: str = "letter"

    name = "pdf"
    label = "PDF"
    extension = "pdf"
    content_type = "application/pdf"
    max_abstracts = 500

    def configured(self, form: PrintForm) -> "Pdf":
        """This format with the choices of `form`. Raises BadRequest for unknown values."""
        choices = cleaned_data(form)
        return Pdf(choices["layout"] or self.layout, choices["paper"] or self.paper)

    def write(self, documents: Iterable[Document], about: About) -> Iterator[bytes]:
        """One piece: the whole file."""
        # Only the day, so that the same abstracts give the same file.
        made_at = dt.datetime.combine(about.accessed, dt.time(), dt.UTC)
        printout = Printout(about.title, about.site_name, about.site_url, made_at, self.layout, self.paper)
        yield pdf_of(documents, printout)
