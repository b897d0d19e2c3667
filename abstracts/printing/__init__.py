"""Abstracts on paper: PDF made by typst, from documents that went through the law.

`pdf_of(documents, printout)` is a pure function of what it is handed. Three layouts: a compact list, a list with the
abstracts' text, one abstract a page. Books of whole meetings are made by `abstracts.downloads`, outside of requests.
"""

from .lists import LAYOUTS, PAPERS, Printout, pdf_of

__all__ = ["LAYOUTS", "PAPERS", "Printout", "pdf_of"]
