"""The content of pages, prints and exports: abstracts with everything that belongs to them, through the law.

Views pass abstracts from `Abstract.objects.visible_to(viewer, at)`. This module loads what belongs to them, as far as
the level of each allows, in a fixed number of queries. Templates get these lists and never follow relations.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from ..models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    AuthorLine,
    Figure,
    Presentation,
    Rendition,
    Section,
    Session,
)
from ..visibility import LawfulRows, Level, Status, Viewer
from ..words.addresses import addresses

# The statuses that pages show with a note.
NOTED = (Status.WITHDRAWN, Status.RETRACTED, Status.CORRECTED)


@dataclass(slots=True)
class Author:
    """An author line: the name as typed, the numbers of its affiliations, the address of its page in the index."""

    name: str
    family: str
    given: str
    numbers: list[int]
    url: str
    orcid: str = ""
    is_presenter: bool = False
    is_group: bool = False


@dataclass(slots=True)
class Slot:
    """A presentation: the session, and the abstract's own local times if it has any (else None)."""

    session: Session
    url: str
    position: int
    start_time: dt.time | None
    end_time: dt.time | None


@dataclass(slots=True)
class KeywordLink:
    label: str
    url: str


@dataclass(slots=True)
class FigureView:
    """A figure with the renditions of its image, narrowest first; without an image, `url` is "" and there are none."""

    figure: Figure
    url: str
    renditions: list[Rendition] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """An abstract in a list. `abstract.level` is how much the viewer may see; everything above it is empty."""

    abstract: Abstract
    url: str
    authors: list[Author] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    @property
    def is_titled(self) -> bool:
        return self.abstract.level >= Level.TITLED

    @property
    def is_noted(self) -> bool:
        """Whether it shows the note on its withdrawal, retraction or correction."""
        return self.abstract.level >= Level.NOTED and self.abstract.status in NOTED

    @property
    def is_full(self) -> bool:
        return self.abstract.level >= Level.FULL

    @property
    def note(self) -> str:
        """The public note on a withdrawal, retraction or correction; "" before, even if staff have written one."""
        return self.abstract.status_note if self.is_noted else ""

    @property
    def is_ahead_of_release(self) -> bool:
        """Whether this viewer sees more than the public: such a page says so and is not stored anywhere."""
        return self.abstract.level > self.abstract.public_level


@dataclass(slots=True)
class Document(Row):
    """A whole abstract, as its page, prints and exports show it."""

    affiliations: list[Affiliation] = field(default_factory=list)
    keywords: list[KeywordLink] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    figures: list[FigureView] = field(default_factory=list)


_ROWS = {least: LawfulRows(Abstract, "meeting", least) for least in (Level.SHELL, Level.TITLED)}


def in_order_of(pks: Sequence[int], viewer: Viewer, at: dt.datetime, least: Level = Level.SHELL) -> list[Abstract]:
    """The abstracts `pks`, in this order, without those of which `viewer` may not see `least` at `at`; one query."""
    abstracts = {abstract.pk: abstract for abstract in _ROWS[least](pks, viewer, at)}
    return [abstracts[pk] for pk in pks if pk in abstracts]


_BY_SLUG = LawfulRows(Abstract, "meeting", Level.TITLED, by="slug")


def by_slug(slug: str, viewer: Viewer, at: dt.datetime) -> Abstract | None:
    """The abstract with this `slug`; None if there is none or `viewer` may not see its title at `at`."""
    return next(_BY_SLUG([slug], viewer, at), None)


def rows(abstracts: Iterable[Abstract]) -> list[Row]:
    """List rows of `abstracts` (in their order), in 2 queries. `abstracts` need `select_related("meeting")`."""
    abstracts = list(abstracts)
    authors, slots, url_of = _authors(abstracts), _slots(abstracts), addresses("abstract")
    return [Row(a, url_of(a.slug) if a.slug else a.get_absolute_url(), authors[a.pk], slots[a.pk]) for a in abstracts]


def documents(abstracts: Iterable[Abstract]) -> list[Document]:
    """Whole documents of `abstracts` (in their order), in at most 7 queries.

    `abstracts` need `select_related("meeting")`. Parts above the level of an abstract are empty.
    """
    abstracts = list(abstracts)
    authors, slots = _authors(abstracts), _slots(abstracts)
    keywords, figures = _keywords(abstracts), _figures(abstracts)
    affiliations = _by_abstract(_affiliations_of(abstracts))
    sections = _by_abstract(_sections_of(abstracts))
    return [
        Document(
            abstract=a,
            url=a.get_absolute_url(),
            authors=authors[a.pk],
            slots=slots[a.pk],
            affiliations=affiliations[a.pk],
            keywords=keywords[a.pk],
            sections=sections[a.pk],
            figures=figures[a.pk],
        )
        for a in abstracts
    ]


_affiliations_of = Affiliation.objects.prepared_instances()
_sections_of = Section.objects.prepared_instances()
_figures_of = Figure.objects.prepared_instances()


def document(abstract: Abstract) -> Document:
    """The whole document of one abstract."""
    return documents([abstract])[0]


def _by_abstract(children: Iterable[Any]) -> defaultdict[int, list[Any]]:
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for child in children:
        grouped[child.abstract_id].append(child)
    return grouped


_AUTHOR = ("abstract_id", "pk", "name", "family", "given", "person__slug", "orcid", "is_presenter", "is_group")
_lines_of = AuthorLine.objects.prepared(
    lambda lines: lines.order_by("abstract_id", "position", "pk", "link__affiliation__position").values_list(
        *_AUTHOR, "link__affiliation__position"
    )
)


def _authors(abstracts: list[Abstract]) -> defaultdict[int, list[Author]]:
    """Authors by abstract, with the numbers of their affiliations. SQL returns a row for each number."""
    grouped: defaultdict[int, list[Author]] = defaultdict(list)
    last, url_of = None, addresses("author")
    for *columns, number in _lines_of(abstracts):
        abstract, pk, name, family, given, slug, *marks = columns
        if pk != last:
            url = url_of(slug) if slug else ""
            grouped[abstract].append(Author(name, family, given, [], url, *marks))
            last = pk
        if number is not None:
            grouped[abstract][-1].numbers.append(number)
    return grouped


# Without nulls_last, SQLite and PostgreSQL sort sessions without a date to different ends.
_TIME = (F("session__date").asc(nulls_last=True), F("session__starts_at").asc(nulls_last=True), "pk")
_SESSION = [field.attname for field in Session._meta.concrete_fields]
_slots_of = Presentation.objects.prepared(
    lambda slots: slots.order_by(*_TIME).values_list(
        "abstract_id", "position", "start_time", "end_time", *(f"session__{name}" for name in _SESSION)
    )
)


def _slots(abstracts: list[Abstract]) -> defaultdict[int, list[Slot]]:
    grouped: defaultdict[int, list[Slot]] = defaultdict(list)
    meetings = {abstract.meeting_id: abstract.meeting for abstract in abstracts}
    sessions: dict[int, tuple[Session, str]] = {}
    url_of = addresses("session", 2)
    for abstract, position, start, end, *columns in _slots_of(abstracts):
        if columns[0] not in sessions:
            session = Session.from_db("default", _SESSION, columns)
            if session.meeting_id in meetings:
                session.meeting = meetings[session.meeting_id]
            sessions[session.pk] = session, url_of(session.meeting.slug, session.slug)
        grouped[abstract].append(Slot(*sessions[columns[0]], position, start, end))
    return grouped


_keywords_of = AbstractKeyword.objects.prepared(
    lambda links: links.values_list("abstract_id", "label", "keyword__slug"),
)


def _keywords(abstracts: list[Abstract]) -> defaultdict[int, list[KeywordLink]]:
    grouped: defaultdict[int, list[KeywordLink]] = defaultdict(list)
    url_of = addresses("keyword")
    for abstract, label, slug in _keywords_of(abstracts):
        grouped[abstract].append(KeywordLink(label, url_of(slug)))
    return grouped


def _figures(abstracts: list[Abstract]) -> defaultdict[int, list[FigureView]]:
    grouped: defaultdict[int, list[FigureView]] = defaultdict(list)
    with_image = {}
    for figure in _figures_of(abstracts):
        view = FigureView(figure, figure.get_absolute_url() if figure.image else "")
        grouped[figure.abstract_id].append(view)
        if figure.image:
            with_image[figure.pk] = view
    if with_image:
        for rendition in Rendition.objects.of(abstracts).filter(figure__in=with_image):
            with_image[rendition.figure_id].renditions.append(rendition)
    return grouped
