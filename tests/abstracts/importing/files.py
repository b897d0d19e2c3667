"""Files like real ones; all words are invented."""

import io
import json
from pathlib import Path

import openpyxl
from PIL import Image

HEADER = ["abstract_number", "title", "authors_and_affiliations", "keywords", "link_final", "abstract_text"]
TEXT = (
    "Background/Purpose: Invented joints were counted (p<0.05).\n\nMethods: We made up 12 patients: all of them.\n\n"
    "Results: None hurt.\n\nConclusion: Nothing follows.\n\n"
    "Disclosures: Disclosures: A. van Rivel: None; B. Ortega Luna: Acme, 2, 5."
)
BYLINE = "Ada van Rivel 1 , and  Bo Ortega Luna 2 , 1 North Clinic, Oslo, Norway, 2 Hospital 12 de Mayo, Leon, Spain"


def row(number="0001", **changes) -> dict[str, str]:
    """One row of the sheet, by column."""
    cells = {
        "abstract_number": number,
        "title": f"Counting invented joints {number}",
        "authors_and_affiliations": BYLINE,
        "keywords": "Synovium, invented; RA",
        "link_final": f"https://example.org/abstract/counting-invented-joints-{number.lower()}/",
        "abstract_text": TEXT,
    }
    return cells | changes


def xlsx(path: Path, rows: list[dict], edit=None) -> Path:
    """A workbook of `rows`; `edit` may change the sheet before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    header = list(dict.fromkeys(key for cells in rows for key in cells)) or HEADER
    sheet.append(header)
    for cells in rows:
        sheet.append([cells.get(name) for name in header])
    if edit:
        edit(sheet)
    book.save(path)
    return path


def csv(path: Path, rows: list[dict], delimiter=",", encoding="utf-8") -> Path:
    """A delimited file of `rows` with all cells quoted."""
    header = list(rows[0])
    lines = [header, *([cells[name] for name in header] for cells in rows)]
    text = "\r\n".join(delimiter.join('"' + str(c).replace('"', '""') + '"' for c in line) for line in lines)
    path.write_bytes(text.encode(encoding))
    return path


def jsonl(path: Path, objects: list) -> Path:
    """JSON Lines; strings among `objects` are written unchanged."""
    lines = (o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) for o in objects)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def png(width=600, height=300, color="teal", form="PNG", **options) -> bytes:
    """An image file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, form, **options)
    return out.getvalue()
