"""Abstracts as files: one small contract, one registry, one module a format.

An exporter is handed whole documents that went through the law (`streaming.documents_of`) and writes what they hold.
A new format is a module with one class and one line in `FORMATS`. What a format needs of heavy libraries it imports
when it writes. (A format that lives in a package of its own imports `exporting.contract` only, and gets a thin
module here.)
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
