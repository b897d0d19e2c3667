"""The book of a meeting: title page, contents, abstracts in program order, indexes of authors and keywords.

It is typeset in parts, each in its own process, and joined: as one document, 3,000 abstracts take several gigabytes.
The page numbers of a part continue those of the one before. Contents and indexes are typeset last, when all page
numbers are known.
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

# Abstracts in one part; it takes some 300 MB.
PART = 120
# Seconds in which a part must be done.
TIMEOUT = 600


@dataclass
class Chapter:
    """A session (its primary key), or abstracts without one. `also` names abstracts that are printed elsewhere."""

    title: str
    lead: str
    documents: Callable[[], Iterator[list[Document]]]
    count: int
    also: str = ""
    session: int | None = None


@dataclass
class Cover:
    """What a book says about itself. `lines` stand on the title page. `made_at` is aware."""

    title: str
    lead: str
    site_name: str
    site_url: str
    made_at: dt.datetime
    lines: list[str]
    paper: str = "us-letter"


@dataclass
class _ContentsLine:
    """A line of the contents: the abstract `key` of the book, its number and title, and both as plain text."""

    key: str
    number: str
    title: list[Any]
    text: str


@dataclass
class _Indexes:
    """The keys of the abstracts of each author and keyword, by what identifies these; and their printed `names`."""

    authors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    keywords: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, document: Document) -> None:
        for author in document.authors:
            identity = author.url or fold(author.name)
            self.names.setdefault(identity, index_name(author))
            self.authors[identity].add(key)
        for keyword in document.keywords:
            self.names.setdefault(keyword.url, keyword.label)
            self.keywords[keyword.url].add(key)


def index_name(author: Author) -> str:
    """“Rüdiger, Ada”; the name of a group, or one that was not parsed, as it is."""
    if author.is_group or not author.family or not author.given:
        return author.name
    return f"{author.family}, {author.given}"


class Book:
    """Makes one book in `folder`, which is empty. Calls `progress(done, total)`, in abstracts, after each part."""

    def __init__(self, folder: Path, cover: Cover, progress: Callable[[int, int], None] = lambda done, total: None):
        self.folder, self.cover, self.progress = folder, cover, progress
        self._indexes = _Indexes()
        self._chapters: list[tuple[str, list[_ContentsLine]]] = []
        # The page of each mark: an abstract, a chapter, an index.
        self._pages: dict[str, int] = {}
        self._files: list[Path] = []
        self._next_page = 1
        self._count = 0
        # Characters that no font has.
        self.missing_characters: set[str] = set()

    def make(self, chapters: Iterable[Chapter]) -> tuple[Path, int]:
        """The path of the finished PDF, and how many pages it has. Raises NotTypeset."""
        chapters = list(chapters)
        total = sum(chapter.count for chapter in chapters)
        self.progress(0, total)
        for part in self._parts(chapters):
            self._typeset("book.typ", {"chapters": part})
            self.progress(self._count, total)
        self._typeset("back.typ", {"indexes": self._index_data()})
        numbered_pages = self._next_page - 1
        front = self._typeset("front.typ", {"chapters": self._contents_data(), "lines": self.cover.lines}, first=True)
        return self._join(front), front + numbered_pages

    def _parts(self, chapters: list[Chapter]) -> Iterator[list[dict[str, Any]]]:
        """Chapters in parts of `PART` abstracts; a long chapter continues in the next part."""
        part: list[dict[str, Any]] = []
        size = 0
        self._begin_part()
        for chapter in chapters:
            index = len(self._chapters)
            self._chapters.append((chapter.title, []))
            head = {"title": chapter.title, "lead": chapter.lead, "also": chapter.also, "key": f"chapter {index}"}
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
        self._count += 1
        key = str(self._count)
        self._indexes.add(key, document)
        sheet = content.sheet(document, self._pictures, self.cover.site_url, level=2)
        sheet["slots"] = content.slot_lines(document, chapter.session)
        sheet |= {"key": key, "margin": {"number": sheet["number"]}}
        text = " ".join(filter(None, [sheet["number"], document.abstract.title_text]))
        self._chapters[-1][1].append(_ContentsLine(key, sheet["number"], sheet["title"], text))
        return sheet

    def _typeset(self, template: str, data: dict[str, Any], first: bool = False) -> int:
        """Typeset one part and add its file; returns how many pages it has."""
        if template != "book.typ":
            self._begin_part()
        cover = self.cover
        data |= {
            "title": cover.title, "lead": cover.lead, "site": cover.site_name, "paper": cover.paper, "size": 8.6,
            "lang": content.language(), "words": content.words(), "first-page": self._next_page,
        }  # fmt: skip
        prepare(self._work, template, data)
        result = typeset(self._work, cover.made_at, TIMEOUT)
        self.missing_characters.update(result["replaced"])
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
                "page": self._pages[f"chapter {index}"],
                "sheets": [
                    {"number": line.number, "title": line.title, "page": self._pages[line.key]} for line in lines
                ],
            }
            for index, (title, lines) in enumerate(self._chapters)
        ]

    def _index_data(self) -> list[dict[str, Any]]:
        indexes = [
            (gettext("Author Index"), "authors", self._indexes.authors),
            (gettext("Keyword Index"), "keywords", self._indexes.keywords),
        ]
        return [
            {"title": title, "key": key, "groups": self._by_letter(index)} for title, key, index in indexes if index
        ]

    def _by_letter(self, index: dict[str, set[str]]) -> list[dict[str, Any]]:
        groups: dict[str, list[list[str]]] = defaultdict(list)
        names = self._indexes.names
        for order, identity, keys in sorted(
            (sort_key(names[identity]), identity, keys) for identity, keys in index.items()
        ):
            pages = sorted({self._pages[key] for key in keys})
            letter = order[:1].upper()
            groups[letter if letter.isalpha() else "#"].append([names[identity], ", ".join(map(str, pages))])
        return [{"letter": letter, "entries": lines} for letter, lines in groups.items()]

    # Joining

    def _join(self, front: int) -> Path:
        """One PDF with an outline; `front`: how many pages stand before page 1."""
        writer = PdfWriter()
        for file in self._files:
            writer.append(str(file), import_outline=False)
        for index, (title, lines) in enumerate(self._chapters):
            chapter = writer.add_outline_item(title=title, page_number=front + self._pages[f"chapter {index}"] - 1)
            for line in lines:
                page = front + self._pages[line.key] - 1
                writer.add_outline_item(title=line.text[:200], page_number=page, parent=chapter)
        for key, title in (("authors", gettext("Author Index")), ("keywords", gettext("Keyword Index"))):
            if key in self._pages:
                writer.add_outline_item(title=title, page_number=front + self._pages[key] - 1)
        writer.set_page_label(0, front - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
        writer.set_page_label(front, len(writer.pages) - 1, style=PageLabelStyle.DECIMAL, start=1)
        writer.add_metadata({"/Title": self.cover.title, "/Author": self.cover.site_name})
        path = self.folder / "book.pdf"
        writer.write(path)
        writer.close()
        return path
