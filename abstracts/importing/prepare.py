"""The rows that plans become, made before the transaction that writes them."""

from dataclasses import dataclass, field
from typing import Any

from .. import clock
from ..models import (
    Abstract,
    AbstractKeyword,
    AbstractSource,
    Affiliation,
    AuthorAffiliation,
    AuthorLine,
    Presentation,
    Section,
    SlugRedirect,
)
from ..models.imaging import PreparedImage
from ..models.keyword import keyword_key
from .bulk import Keys, Rows, changes_of, rows_of
from .byline_rows import rows_of_bylines
from .decided import DECIDED_COLUMNS
from .existing import PRESENTATION_COLUMNS, PresentationRow, presentations_of
from .fields import PRESENTATION, STORED
from .people import KeywordIndex, PersonIndex
from .plan import Plan

# The columns of an abstract that an import changes, by the field of files.
COLUMNS: dict[str, tuple[str, ...]] = {
    **{stored.name: (stored.attribute or stored.name,) for stored in STORED},
    "number": ("number", "number_key"),
    "title": ("title", "title_text"),
    "tier": ("tier_id",),
    "override": ("override_listing_level", "override_listed_from"),
}
# What is compared before an abstract is changed, and what is changed.
READ = tuple(dict.fromkeys((*(name for columns in COLUMNS.values() for name in columns), *DECIDED_COLUMNS)))
WRITTEN = (*(name for columns in COLUMNS.values() for name in columns), "updated_at")


@dataclass
class Change:
    """How an abstract that exists changes.

    `before` are all of `READ`, as the plan read them; `after` those columns that change. `values` are all of `WRITTEN`
    afterwards, as the database takes them. `presentations` are the new ones, None if they stay.
    """

    pk: int
    line: int
    before: tuple[Any, ...]
    after: dict[str, Any]
    values: tuple[Any, ...]
    fields: list[str]
    redirects: list[str]
    presentations: list[Presentation] | None = None
    presentations_before: list[PresentationRow] = field(default_factory=list)


@dataclass
class Figures:
    """The figures of one abstract, all of them, with the images that are new by place."""

    abstract: int
    values: list[dict[str, Any]]
    images: dict[int, PreparedImage]


@dataclass
class Batch:
    """What is written for some plans.

    `rows` are in an order in which each refers only to those before. Before they are written, rows of the models
    `replaced` that belong to the abstracts there are deleted. `new` are the new abstracts.
    """

    rows: list[Rows] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    replaced: list[tuple[Any, list[int]]] = field(default_factory=list)
    sources: list[Rows] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class Preparer:
    """Prepares the plans of one run, whose batches share persons and keywords."""

    def __init__(self, keys: Keys, run_id: int):
        self.keys, self.run_id = keys, run_id
        self.people, self.keywords = PersonIndex(keys), KeywordIndex(keys)

    def prepare(self, plans: list[Plan]) -> Batch:
        """What is to be written for `plans`, all of one meeting."""
        batch = Batch()
        new = [plan for plan in plans if plan.abstract is None]
        changed = [plan for plan in plans if plan.abstract is not None and plan.changes]
        self.keys.give([plan.row for plan in new])
        batch.new = [plan.row.pk for plan in new]
        for plan in plans[:1]:
            batch.rows += rows_of(plan.target.sessions.take_new())
        batch.rows += rows_of([plan.row for plan in new])
        self._prepare_bylines(batch, _with("byline", new, changed))
        self._prepare_sections(batch, _with("sections", new, changed))
        self._prepare_keywords(batch, _with("keywords", new, changed))
        presentations = [row for plan in _with("sessions", new) for row in _presentations(plan)]
        self.keys.give(presentations)
        batch.rows += rows_of(presentations)
        batch.figures = [
            Figures(plan.row.pk, plan.changes["figures"], plan.images) for plan in _with("figures", new, changed)
        ]
        redirects = [SlugRedirect(slug=slug, abstract=plan.row) for plan in new for slug in plan.redirects]
        self.keys.give(redirects)
        batch.rows += rows_of(redirects)
        self._prepare_sources(batch, plans)
        batch.changes = self._changes(changed)
        return batch

    def _prepare_bylines(self, batch: Batch, plans: list[Plan]) -> None:
        replaced = _stored(plans)
        values = [(plan.row, plan.changes["byline"]) for plan in plans]
        affiliations, lines, links = rows_of_bylines(values, replaced, self.people, self.keys)
        persons, names = self.people.take_new()
        batch.replaced += [(model, replaced) for model in (AuthorAffiliation, AuthorLine, Affiliation)]
        for objects in (persons, names, affiliations, lines, links):
            batch.rows += rows_of(objects)

    def _prepare_sections(self, batch: Batch, plans: list[Plan]) -> None:
        batch.replaced.append((Section, _stored(plans)))
        sections = [
            Section(abstract=plan.row, position=position, label=label, html=html)
            for plan in plans
            for position, (label, html) in enumerate(plan.changes["sections"])
        ]
        self.keys.give(sections)
        batch.rows += rows_of(sections)

    def _prepare_keywords(self, batch: Batch, plans: list[Plan]) -> None:
        batch.replaced.append((AbstractKeyword, _stored(plans)))
        keywords = self.keywords.get_or_plan(label for plan in plans for label in plan.changes["keywords"])
        rows: dict[tuple[int, int], AbstractKeyword] = {}
        for plan in plans:
            for position, label in enumerate(plan.changes["keywords"]):
                keyword = keywords[keyword_key(label)]
                row = AbstractKeyword(abstract=plan.row, keyword=keyword, position=position, label=label)
                # Of two labels that staff merged into one keyword, the first stays.
                rows.setdefault((plan.row.pk, keyword.pk), row)
        self.keys.give(list(rows.values()))
        batch.rows += [*rows_of(self.keywords.take_new()), *rows_of(rows.values())]

    def _prepare_sources(self, batch: Batch, plans: list[Plan]) -> None:
        new: list[AbstractSource] = []
        known: list[AbstractSource] = []
        for plan in plans:
            source = plan.source or AbstractSource(abstract=plan.row)
            source.reference = plan.incoming.reference or source.reference
            source.row, source.imported, source.run_id = plan.incoming.row, plan.imported, self.run_id
            (known if plan.source else new).append(source)
        batch.rows += rows_of(new)
        batch.sources = changes_of(known, ["reference", "row", "imported", "run_id"])

    def _changes(self, plans: list[Plan]) -> list[Change]:
        presented = presentations_of([plan.row.pk for plan in _with("sessions", plans)])
        changes = []
        for plan in plans:
            assert plan.abstract is not None
            change = _change(plan, plan.abstract)
            if "sessions" in plan.changes:
                rows = _presentations(plan)
                change.presentations_before = presented[plan.row.pk]
                if sorted(map(columns_of, rows), key=lambda row: row[0]) != change.presentations_before:
                    change.presentations = rows
                    self.keys.give(rows)
            changes.append(change)
        return changes


def columns_of(presentation: Presentation) -> PresentationRow:
    """The columns of a presentation that imports compare."""
    session, position, start, end = (getattr(presentation, name) for name in PRESENTATION_COLUMNS)
    return session, position, start, end


def _change(plan: Plan, stored: Abstract) -> Change:
    row = plan.row
    row.derive()
    row.updated_at = clock.now()
    before = tuple(getattr(stored, name) for name in READ)
    after = {name: getattr(row, name) for name, value in zip(READ, before, strict=True) if getattr(row, name) != value}
    [[values]] = [rows.values for rows in changes_of([row], WRITTEN)]
    return Change(row.pk, plan.incoming.line, before, after, values, sorted(plan.changes), plan.redirects)


def _presentations(plan: Plan) -> list[Presentation]:
    rows: dict[int, Presentation] = {}
    for session, value in zip(plan.sessions, plan.changes["sessions"], strict=True):
        row = Presentation(abstract_id=plan.row.pk, session_id=session.pk)
        for presented in PRESENTATION:
            presented.load(row, value[presented.name])
        rows.setdefault(session.pk, row)
    return list(rows.values())


def _with(name: str, *lists: list[Plan]) -> list[Plan]:
    """The plans that change the field `name`."""
    return [plan for plans in lists for plan in plans if name in plan.changes]


def _stored(plans: list[Plan]) -> list[int]:
    """The abstracts of `plans` that exist."""
    return [plan.row.pk for plan in plans if plan.abstract is not None]
