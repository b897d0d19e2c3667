"""The book of a meeting: title page, contents, abstracts in program order, indexes of authors and keywords.

It is typeset in parts, each in a process of its own, and joined: as one document 3,000 abstracts take several
gigabytes. Page numbers of a part begin where the one before ended; contents and indexes are set last, when all numbers
are known.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle

from ..reading import Author, Document
from ..words.text import fold, sort_key
from . import content
from .compiling import prepare, typeset
from .pictures import Pictures

# Abstracts that are typeset at a time: some 300 MB.
PART = 120
# Seconds that one part may take.
PATIENCE = 600


@dataclass
class Chapter:
    """A session (its key), or what is in none: documents come in order, and `also` names those printed elsewhere."""

    title: str
    lead: str
    documents: Callable[[], Iterator[list[Document]]]
    count: int
    also: str = ""
    session: int | None = None


@dataclass
class Cover:
    """What a book says of itself. `told`: lines of the title page. `made_at`: aware."""

    title: str
    lead: str
    site_name: str
    site_url: str
    made_at: dt.datetime
    told: list[str]
    paper: str = "us-letter"


@dataclass
class _Entry:
    """A line of the contents."""

    number: str
    title: list[Any]
    plain: str
    page: int = 0


@dataclass
class _Indexes:
    """Which abstracts (by key) an author or keyword has, by what it is the same under; and how it is printed."""

    authors: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    keywords: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, str] = field(default_factory=dict)

    def add(self, key: int, document: Document) -> None:
        for author in document.authors:
            name = author.url or fold(author.name)
            self.names.setdefault(name, index_name(author))
            self.authors[name].add(key)
        for keyword in document.keywords:
            self.names.setdefault(keyword.url, keyword.label)
            self.keywords[keyword.url].add(key)


def index_name(author: Author) -> str:
    """“Rüdiger, Ada”; a group, or a name that was not parsed, whole."""
    if author.is_group or not author.family or not author.given:
        return author.name
    return f"{author.family}, {author.given}"


class Book:
    """Makes one book in `folder`, which is empty. `progress(done, total)` is told after each part, in abstracts."""

    def __init__(self, folder: Path, cover: Cover, progress: Callable[[int, int], None] = lambda done, total: None):
        self.folder, self.cover, self.progress = folder, cover, progress
        self._indexes = _Indexes()
        self._chapters: list[tuple[str, list[_Entry]]] = []
        self._pages: dict[str, int] = {}
        self._files: list[Path] = []
        self._next_page = 1
        self._keys = 0
        self.lost: set[str] = set()

    def make(self, chapters: Iterable[Chapter]) -> tuple[Path, int]:
        """Path of the finished PDF and how many pages it has. Raises NotTypeset."""
        found = list(chapters)
        total = sum(chapter.count for chapter in found)
        self.progress(0, total)
        for part in self._parts(found):
            self._typeset("book.typ", {"chapters": part})
            self.progress(self._keys, total)
        body = self._next_page - 1
        self._typeset("back.typ", {"indexes": self._index_data()})
        last = self._next_page
        front = self._typeset("front.typ", {"chapters": self._contents_data(), "told": self.cover.told}, first=True)
        return self._joined(front, body), front + last - 1

    def _parts(self, chapters: list[Chapter]) -> Iterator[list[dict[str, Any]]]:
        """Chapters in parts of `PART` abstracts or a few more; long ones are continued in the next."""
        part: list[dict[str, Any]] = []
        size = 0
        self._begin_part()
        for chapter in chapters:
            place = len(self._chapters)
            self._chapters.append((chapter.title, []))
            head = {"title": chapter.title, "lead": chapter.lead, "also": chapter.also, "key": f"chapter {place}"}
            part.append({**head, "continued": False, "sheets": []})
            for documents in chapter.documents():
                for document in documents:
                    if size >= PART:
                        yield part
                        self._begin_part()
                        part, size = [{**head, "continued": True, "sheets": []}], 0
                    part[-1]["sheets"].append(self._sheet(document, chapter))
                    size += 1
        if part:
            yield part

    def _begin_part(self) -> None:
        self._work = self.folder / f"part-{len(self._files)}"
        self._work.mkdir(exist_ok=True)
        self._pictures = Pictures(self._work)

    def _sheet(self, document: Document, chapter: Chapter) -> dict[str, Any]:
        self._keys += 1
        self._indexes.add(self._keys, document)
        sheet = content.sheet(document, self._pictures, self.cover.site_url, level=2)
        sheet["slots"] = content.slot_lines(document, chapter.session)
        sheet |= {"key": str(self._keys), "margin": {"number": sheet["number"]}}
        plain = " ".join(filter(None, [sheet["number"], document.abstract.title_text]))
        self._chapters[-1][1].append(_Entry(sheet["number"], sheet["title"], plain, self._keys))
        return sheet

    def _typeset(self, template: str, data: dict[str, Any], first: bool = False) -> int:
        """Typeset one part and keep its file; how many pages it has."""
        if template != "book.typ":
            self._begin_part()
        cover = self.cover
        data |= {
            "title": cover.title, "lead": cover.lead, "site": cover.site_name, "paper": cover.paper, "size": 8.6,
            "lang": content.language(), "words": content.words(), "first-page": self._next_page,
        }  # fmt: skip
        prepare(self._work, template, data)
        result = typeset(self._work, cover.made_at, PATIENCE)
        self.lost.update(result["replaced"])
        self._pages.update(result["marks"])
        (self._work / "data.json").unlink()
        pages = len(PdfReader(self._work / "out.pdf").pages)
        self._files.insert(0 if first else len(self._files), self._work / "out.pdf")
        if not first:
            self._next_page += pages
        return pages

    # Contents and indexes

    def _contents_data(self) -> list[dict[str, Any]]:
        return [
            {
                "title": title,
                "page": self._pages[f"chapter {place}"],
                "sheets": [{"number": e.number, "title": e.title, "page": self._pages[str(e.page)]} for e in entries],
            }
            for place, (title, entries) in enumerate(self._chapters)
        ]

    def _index_data(self) -> list[dict[str, Any]]:
        indexes = [
            (gettext("Author Index"), "authors", self._indexes.authors),
            (gettext("Keyword Index"), "keywords", self._indexes.keywords),
        ]
        return [{"title": title, "key": key, "groups": self._groups(found)} for title, key, found in indexes if found]

    def _groups(self, found: dict[str, set[int]]) -> list[dict[str, Any]]:
        groups: dict[str, list[list[str]]] = defaultdict(list)
        entries = sorted((sort_key(self._indexes.names[name]), name, keys) for name, keys in found.items())
        for key, name, keys in entries:
            pages = sorted({self._pages[str(key)] for key in keys})
            letter = key[:1].upper()
            groups[letter if letter.isalpha() else "#"].append([self._indexes.names[name], ", ".join(map(str, pages))])
        return [{"letter": letter, "entries": lines} for letter, lines in groups.items()]

    # Joining

    def _joined(self, front: int, body: int) -> Path:
        writer = PdfWriter()
        for file in self._files:
            writer.append(str(file), import_outline=False)
        for place, (title, entries) in enumerate(self._chapters):
            chapter = writer.add_outline_item(title=title, page_number=front + self._pages[f"chapter {place}"] - 1)
            for entry in entries:
                page = front + self._pages[str(entry.page)] - 1
                writer.add_outline_item(title=entry.plain[:200], page_number=page, parent=chapter)
        for data in ("authors", "keywords"):
            if data in self._pages:
                title = gettext("Author Index") if data == "authors" else gettext("Keyword Index")
                writer.add_outline_item(title=title, page_number=front + self._pages[data] - 1)
        writer.set_page_label(0, front - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
        writer.set_page_label(front, len(writer.pages) - 1, style=PageLabelStyle.DECIMAL, start=1)
        writer.add_metadata({"/Title": self.cover.title, "/Author": self.cover.site_name})
        path = self.folder / "book.pdf"
        writer.write(path)
        writer.close()
        return path
