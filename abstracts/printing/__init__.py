"""Abstracts on paper: PDF made by typst from documents that went through the law.

`pdf_of(documents, printout)` is a pure function. It has three layouts: a compact list, a list with the text of
abstracts, and one abstract on each page. `abstracts.downloads` makes books of whole meetings, outside of requests.
"""

from .lists import LAYOUTS, PAPERS, Printout, pdf_of

__all__ = ["LAYOUTS", "PAPERS", "Printout", "pdf_of"]
