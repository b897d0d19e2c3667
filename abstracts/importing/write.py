"""Writes planned abstracts in bulk: their rows first, then what belongs to them."""

import datetime as dt
from typing import Any

from django.utils import timezone

from ..models import (
    Abstract,
    AbstractKeyword,
    AbstractSource,
    Figure,
    ImportRun,
    Presentation,
    Section,
    SlugRedirect,
)
from ..models.history import record_changes
from ..models.imaging import put_image
from ..models.keyword import keyword_key
from ..words.text import plain_text, slugify
from .byline_rows import write_bylines
from .fields import PRESENTATION, STORED
from .people import KeywordIndex, PersonIndex
from .plan import Plan
from .slugs import SlugPool, taken_slugs
from .stored_files import StoredFiles
from .targets import Target

BATCH = 500
UPDATED = (
    *(field.name for field in STORED),
    *("title_text", "number_key", "tier", "override_listing_level", "override_listed_from", "updated_at"),
)


class Writer:
    """Writes the plans of one run. Its batches share persons, keywords and slugs."""

    def __init__(self, run: ImportRun, files: StoredFiles):
        self.run, self.files = run, files
        self.people, self.keywords = PersonIndex(), KeywordIndex()
        self.slugs = SlugPool(_taken_slugs)
        # How many former addresses held letters outside ASCII.
        self.folded_addresses = 0

    def write(self, target: Target, plans: list[Plan]) -> None:
        """Create and change abstracts of `target` as `plans` say."""
        new = [plan for plan in plans if plan.abstract is None]
        changed = [plan for plan in plans if plan.abstract is not None and plan.changes]
        replaced = {plan.row.pk for plan in changed}
        self._create(target, new)
        self._change(target, changed)

        def with_changes(name: str) -> list[Plan]:
            return [plan for plan in (*new, *changed) if name in plan.changes]

        self._write_bylines(with_changes("byline"), replaced)
        self._write_sections(with_changes("sections"), replaced)
        self._write_keywords(with_changes("keywords"), replaced)
        self._write_presentations(target, with_changes("sessions"), replaced)
        self._write_figures(with_changes("figures"))
        self._write_former_slugs(new)
        self._write_sources(plans)

    # Abstracts

    def _create(self, target: Target, plans: list[Plan]) -> None:
        bases = [plan.changes.get("slug") or _slug_from_title(plan) for plan in plans]
        for plan, slug, base in zip(plans, self.slugs.reserve(bases), bases, strict=True):
            plan.abstract = Abstract(meeting=target.meeting, number=plan.incoming.number or None)
            _fill(plan.abstract, target, plan.changes)
            plan.abstract.slug = slug
            if slug != base and plan.changes.get("slug"):
                plan.incoming.messages.append(f"the address {base} was taken; it got {slug}")
        Abstract.unfiltered.bulk_create([plan.row for plan in plans], batch_size=BATCH)
        record_changes(Abstract, [plan.row.pk for plan in plans], created=True)

    def _change(self, target: Target, plans: list[Plan]) -> None:
        redirects = []
        for plan in plans:
            former = plan.row.slug
            _fill(plan.row, target, {name: value for name, value in plan.changes.items() if name != "slug"})
            if "slug" in plan.changes:
                SlugRedirect.unfiltered.filter(slug=plan.changes["slug"], abstract=plan.row).delete()
                plan.row.slug = self.slugs.reserve([plan.changes["slug"]])[0]
                redirects.append(SlugRedirect(slug=former, abstract=plan.row))
            plan.row.updated_at = timezone.now()
        if plans:
            Abstract.unfiltered.bulk_update([plan.row for plan in plans], UPDATED, batch_size=100)
            SlugRedirect.unfiltered.bulk_create(redirects, ignore_conflicts=True)

    def _write_former_slugs(self, plans: list[Plan]) -> None:
        former = {slug: plan.row for plan in plans for slug in plan.incoming.former_slugs}
        free = former.keys() - _taken_slugs(list(former))
        self.folded_addresses += sum(not slug.isascii() for slug in free)
        SlugRedirect.unfiltered.bulk_create(SlugRedirect(slug=slug, abstract=former[slug]) for slug in sorted(free))

    # What belongs to abstracts. Of those in `replaced`, the rows so far are deleted first.

    def _write_bylines(self, plans: list[Plan], replaced: set[int]) -> None:
        write_bylines([(plan.row, plan.changes["byline"]) for plan in plans], _pks(plans, replaced), self.people)

    def _write_sections(self, plans: list[Plan], replaced: set[int]) -> None:
        _delete(Section, _pks(plans, replaced))
        Section.unfiltered.bulk_create(
            (
                Section(abstract=plan.row, position=position, label=label, html=html)
                for plan in plans
                for position, (label, html) in enumerate(plan.changes["sections"])
            ),
            batch_size=BATCH,
        )

    def _write_keywords(self, plans: list[Plan], replaced: set[int]) -> None:
        _delete(AbstractKeyword, _pks(plans, replaced))
        keywords = self.keywords.get_or_create(label for plan in plans for label in plan.changes["keywords"])
        rows: dict[tuple, Any] = {}
        for plan in plans:
            for position, label in enumerate(plan.changes["keywords"]):
                keyword = keywords[keyword_key(label)]
                row = AbstractKeyword(abstract=plan.row, keyword=keyword, position=position, label=label)
                # Of two labels that staff merged into one keyword, the first stays.
                rows.setdefault((plan.row.pk, keyword.pk), row)
        AbstractKeyword.unfiltered.bulk_create(rows.values(), batch_size=BATCH)

    def _write_presentations(self, target: Target, plans: list[Plan], replaced: set[int]) -> None:
        _delete(Presentation, _pks(plans, replaced))
        rows: dict[tuple, Any] = {}
        for plan in plans:
            values = plan.changes["sessions"]
            for session, value in zip(target.sessions.get_or_create(values), values, strict=True):
                row = Presentation(abstract=plan.row, session=session)
                for field in PRESENTATION:
                    field.load(row, value[field.name])
                rows.setdefault((plan.row.pk, session.pk), row)
        Presentation.unfiltered.bulk_create(rows.values(), batch_size=BATCH)

    def _write_figures(self, plans: list[Plan]) -> None:
        for plan in plans:
            stored = list(Figure.unfiltered.filter(abstract=plan.row).order_by("position", "pk"))
            values = plan.changes["figures"]
            for surplus in stored[len(values) :]:
                self.files.delete(surplus)
            for place, value in enumerate(values):
                figure = stored[place] if place < len(stored) else Figure(abstract=plan.row)
                figure.position = place + 1
                figure.label, figure.caption, figure.alt = value["label"], value["caption"], value["alt"]
                figure.save()
                if image := plan.images.get(place):
                    put_image(figure, image, value["file"], self.files.store)

    def _write_sources(self, plans: list[Plan]) -> None:
        new = []
        for plan in plans:
            source = plan.source or AbstractSource(abstract=plan.row)
            source.reference = plan.incoming.reference or source.reference
            source.row, source.imported, source.run = plan.incoming.row, plan.imported, self.run
            if not plan.source:
                new.append(source)
        AbstractSource.objects.bulk_create(new, batch_size=BATCH)
        known = [plan.source for plan in plans if plan.source]
        AbstractSource.objects.bulk_update(known, ["reference", "row", "imported", "run"], batch_size=50)


def _fill(abstract: Abstract, target: Target, changes: dict[str, Any]) -> None:
    for field in STORED:
        if field.name in changes:
            field.load(abstract, changes[field.name])
    if "tier" in changes:
        abstract.tier = target.tiers[changes["tier"]] if changes["tier"] else None
    if "override" in changes:
        override = changes["override"] or {"level": None, "listed_from": None}
        abstract.override_listing_level = override["level"]
        listed_from = override["listed_from"]
        abstract.override_listed_from = dt.datetime.fromisoformat(listed_from) if listed_from else None


def _slug_from_title(plan: Plan) -> str:
    return slugify(plain_text(plan.changes["title"])) or slugify(f"abstract {plan.incoming.number}")


def _pks(plans: list[Plan], replaced: set[int]) -> list[int]:
    return [plan.row.pk for plan in plans if plan.row.pk in replaced]


def _delete(model: Any, abstracts: list[int]) -> None:
    """Delete the rows of `model` that belong to `abstracts`."""
    if abstracts:
        model.unfiltered.filter(abstract__in=abstracts).delete()


def _taken_slugs(slugs: list[str]) -> set[str]:
    return taken_slugs(slugs, Abstract.unfiltered, SlugRedirect.unfiltered)
