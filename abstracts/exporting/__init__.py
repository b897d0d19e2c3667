"""Abstracts as files: a small contract, a registry, and one module for each format.

An exporter gets whole documents that went through the law (`streaming.stream_documents`) and writes their content.
A new format is a module with one class, and one line in `FORMATS`. A format imports heavy libraries only when it
writes. (A format with a package of its own imports only `exporting.contract`, and gets a thin module here.)
"""

from .bibtex import BibTeX
from .contract import About, Exporter
from .csl_json import CslJson
from .csv import Csv
from .enw import EndNote
from .json_lines import JsonLines
from .nbib import Nbib
from .pdf import Pdf
from .ris import Ris
from .text import PlainText
from .xlsx import Xlsx

_ALL: tuple[Exporter, ...] = (
    Pdf(),
    Ris(),
    BibTeX(),
    EndNote(),
    Nbib(),
    CslJson(),
    Csv(),
    Xlsx(),
    JsonLines(),
    PlainText(),
)
# In the order of menus.
FORMATS: dict[str, Exporter] = {exporter.name: exporter for exporter in _ALL}

__all__ = ["FORMATS", "About", "Exporter"]
