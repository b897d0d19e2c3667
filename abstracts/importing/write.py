"""Writes planned abstracts in bulk: rows first, then what belongs to them."""

import datetime as dt
from dataclasses import dataclass, field
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
from ..models.imaging import PreparedImage, put_image
from ..models.keyword import keyword_key
from ..words.text import plain_text, slugify
from .bylines import write_bylines
from .entries import Entry
from .images import FileKeeper
from .people import KeywordIndex, PersonIndex
from .sessions import time_of
from .slugs import SlugPool, taken_slugs
from .targets import Target

PLAIN = (
    "title", "title_text", "slug", "number", "number_key", "tier", "status", "status_note", "disclosures", "trial_ids",
    "doi", "first_published", "legacy_id", "override_listing_level", "override_listed_from", "updated_at",
)  # fmt: skip
BATCH = 500


@dataclass
class Plan:
    """What is to be done about one entry: `abstract` is None where it is new."""

    entry: Entry
    abstract: Abstract | None
    changes: dict[str, Any]
    imported: dict[str, Any]
    source: AbstractSource | None = None
    images: dict[int, PreparedImage] = field(default_factory=dict)

    @property
    def row(self) -> Abstract:
        assert self.abstract is not None
        return self.abstract


class Writer:
    """Writes the plans of one run. Persons, keywords and addresses are shared by its batches."""

    def __init__(self, run: ImportRun, keeper: FileKeeper, user: Any):
        self.run, self.keeper, self.user = run, keeper, user
        self.people, self.keywords = PersonIndex(), KeywordIndex()
        self.slugs = SlugPool(lambda slugs: taken_slugs(slugs, Abstract.unfiltered, SlugRedirect.unfiltered))
        self.folded = 0

    def write(self, target: Target, plans: list[Plan]) -> None:
        """Create and change what `plans` say, all of them abstracts of `target`."""
        new = [plan for plan in plans if plan.abstract is None]
        old = [plan for plan in plans if plan.abstract is not None and plan.changes]
        self._create(target, new)
        self._change(target, old)
        touched = new + old
        self._bylines([plan for plan in touched if "byline" in plan.changes], old)
        self._sections([plan for plan in touched if "sections" in plan.changes], old)
        self._keywords([plan for plan in touched if "keywords" in plan.changes], old)
        self._presentations(target, [plan for plan in touched if "sessions" in plan.changes], old)
        self._figures([plan for plan in touched if "figures" in plan.changes])
        self._former_slugs(new)
        self._sources(plans)

    # Abstracts

    def _create(self, target: Target, plans: list[Plan]) -> None:
        wanted = [plan.changes.get("slug") or self._own_slug(plan) for plan in plans]
        for plan, slug, want in zip(plans, self.slugs.reserve(wanted), wanted, strict=True):
            plan.abstract = Abstract(meeting=target.meeting, tier=target.tier, number=plan.entry.number or None)
            _fill(plan.abstract, target, plan.changes)
            plan.abstract.slug = slug
            if slug != want and plan.changes.get("slug"):
                plan.entry.messages.append(f"the address {want} was taken; it got {slug}")
        Abstract.unfiltered.bulk_create([plan.row for plan in plans], batch_size=BATCH)
        self._log([plan.row for plan in plans], update=False)

    def _change(self, target: Target, plans: list[Plan]) -> None:
        redirects = []
        for plan in plans:
            former = plan.row.slug
            _fill(plan.row, target, {name: v for name, v in plan.changes.items() if name != "slug"})
            if "slug" in plan.changes:
                SlugRedirect.unfiltered.filter(slug=plan.changes["slug"], abstract=plan.row).delete()
                plan.row.slug = self.slugs.reserve([plan.changes["slug"]])[0]
                redirects.append(SlugRedirect(slug=former, abstract=plan.row))
            plan.row.updated_at = timezone.now()
        if plans:
            Abstract.unfiltered.bulk_update([plan.row for plan in plans], PLAIN, batch_size=100)
            SlugRedirect.unfiltered.bulk_create(redirects, ignore_conflicts=True)
            self._log([plan.row for plan in plans], update=True)

    def _own_slug(self, plan: Plan) -> str:
        title = plain_text(plan.changes["title"])
        return slugify(title) or slugify(f"abstract {plan.entry.number}")

    def _former_slugs(self, plans: list[Plan]) -> None:
        former = {slug: plan.row for plan in plans for slug in plan.entry.former_slugs}
        free = former.keys() - taken_slugs(list(former), Abstract.unfiltered, SlugRedirect.unfiltered)
        self.folded += sum(not slug.isascii() for slug in free)
        SlugRedirect.unfiltered.bulk_create(SlugRedirect(slug=slug, abstract=former[slug]) for slug in sorted(free))

    def _log(self, abstracts: list[Abstract], update: bool) -> None:
        Abstract.history.bulk_history_create(  # type: ignore[attr-defined]
            abstracts,
            batch_size=BATCH,
            update=update,
            default_user=self.user,
            default_change_reason=f"Import {self.run.pk}"[:100],
        )

    # What belongs to abstracts

    def _bylines(self, plans: list[Plan], old: list[Plan]) -> None:
        write_bylines([(plan.row, plan.changes["byline"]) for plan in plans], _pks(plans, old), self.people)

    def _sections(self, plans: list[Plan], old: list[Plan]) -> None:
        _clear(Section, _pks(plans, old))
        Section.unfiltered.bulk_create(
            (
                Section(abstract=plan.row, position=position, label=label, html=html)
                for plan in plans
                for position, (label, html) in enumerate(plan.changes["sections"])
            ),
            batch_size=BATCH,
        )

    def _keywords(self, plans: list[Plan], old: list[Plan]) -> None:
        _clear(AbstractKeyword, _pks(plans, old))
        known = self.keywords.get_or_create(label for plan in plans for label in plan.changes["keywords"])
        rows: dict[tuple, Any] = {}
        for plan in plans:
            for position, label in enumerate(plan.changes["keywords"]):
                keyword = known[keyword_key(label)]
                row = AbstractKeyword(abstract=plan.row, keyword=keyword, position=position, label=label)
                # Two words that staff made one keyword: the first stands.
                rows.setdefault((plan.row.pk, keyword.pk), row)
        AbstractKeyword.unfiltered.bulk_create(rows.values(), batch_size=BATCH)

    def _presentations(self, target: Target, plans: list[Plan], old: list[Plan]) -> None:
        _clear(Presentation, _pks(plans, old))
        rows: dict[tuple, Any] = {}
        for plan in plans:
            values = plan.changes["sessions"]
            for session, value in zip(target.sessions.obtain(values), values, strict=True):
                rows.setdefault(
                    (plan.row.pk, session.pk),
                    Presentation(
                        abstract=plan.row,
                        session=session,
                        position=value["position"],
                        start_time=time_of(value["presentation_start"]),
                        end_time=time_of(value["presentation_end"]),
                    ),
                )
        Presentation.unfiltered.bulk_create(rows.values(), batch_size=BATCH)

    def _figures(self, plans: list[Plan]) -> None:
        for plan in plans:
            stored = list(Figure.unfiltered.filter(abstract=plan.row).order_by("position", "pk"))
            values = plan.changes["figures"]
            for surplus in stored[len(values) :]:
                self.keeper.drop(surplus)
            for place, value in enumerate(values):
                figure = stored[place] if place < len(stored) else Figure(abstract=plan.row)
                figure.position = place + 1
                figure.label, figure.caption, figure.alt = value["label"], value["caption"], value["alt"]
                figure.save()
                if image := plan.images.get(place):
                    put_image(figure, image, value["file"], self.keeper.keep)

    def _sources(self, plans: list[Plan]) -> None:
        new = []
        for plan in plans:
            source = plan.source or AbstractSource(abstract=plan.row)
            source.reference = plan.entry.reference or source.reference
            source.row, source.imported, source.run = plan.entry.row, plan.imported, self.run
            if not plan.source:
                new.append(source)
        AbstractSource.objects.bulk_create(new, batch_size=BATCH)
        old = [plan.source for plan in plans if plan.source]
        AbstractSource.objects.bulk_update(old, ["reference", "row", "imported", "run"], batch_size=50)


def _fill(abstract: Abstract, target: Target, changes: dict[str, Any]) -> None:
    for name in ("title", "status", "status_note", "disclosures", "trial_ids", "doi", "legacy_id"):
        if name in changes:
            setattr(abstract, name, changes[name])
    if "number" in changes:
        abstract.number = changes["number"] or None
    if "first_published" in changes:
        typed = changes["first_published"]
        abstract.first_published = dt.date.fromisoformat(typed) if typed else None
    if "tier" in changes:
        abstract.tier = target.tiers[changes["tier"]] if changes["tier"] else None
    if "override" in changes:
        override = changes["override"] or {"level": None, "listed_from": None}
        abstract.override_listing_level = override["level"]
        listed = override["listed_from"]
        abstract.override_listed_from = dt.datetime.fromisoformat(listed) if listed else None


def _pks(plans: list[Plan], old: list[Plan]) -> list[int]:
    """Of those plans, the abstracts that were there before."""
    before = {id(plan) for plan in old}
    return [plan.row.pk for plan in plans if id(plan) in before]


def _clear(model: Any, pks: list[int]) -> None:
    if pks:
        model.unfiltered.filter(abstract__in=pks).delete()
