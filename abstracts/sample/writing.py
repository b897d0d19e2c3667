"""Stores the sample's meetings, in bulk, in the caller's transaction."""

import io
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import transaction
from django.db.models.query import QuerySet
from tqdm import tqdm

from ..models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    AuthorAffiliation,
    AuthorLine,
    EmbargoTier,
    Figure,
    Keyword,
    Meeting,
    Person,
    Presentation,
    Rendition,
    Section,
    Session,
    SlugRedirect,
)
from ..models.imaging import prepare_image, put_image, remove_files
from ..words.text import plain_text, slugify
from .drawing import png
from .indexes import keyword_rows, person_rows
from .plans import AbstractPlan, MeetingPlan
from .programme import SLUG
from .specials import former_slug

# What an abstract holds, each before what it refers to.
_CHILDREN = [
    (AuthorAffiliation, "author__abstract"),
    (AuthorLine, "abstract"),
    (Affiliation, "abstract"),
    (AbstractKeyword, "abstract"),
    (Section, "abstract"),
    (Rendition, "figure__abstract"),
    (Figure, "abstract"),
    (Presentation, "abstract"),
]


def stored_sample() -> list[Meeting]:
    """The sample's meetings that are stored now, newest first."""
    return list(Meeting.objects.filter(slug__regex=SLUG).order_by("-starts_on"))


def remove_sample() -> int:
    """Delete the sample's meetings with all they hold; how many abstracts that were. Others are not touched.

    Keywords and persons stay: other meetings may have come to use them.
    """
    theirs = Abstract.unfiltered.filter(meeting__slug__regex=SLUG)
    files = [
        *Figure.unfiltered.filter(abstract__in=theirs).exclude(image="").values_list("image", flat=True),
        *Rendition.unfiltered.filter(figure__abstract__in=theirs).values_list("image", flat=True),
    ]
    count = theirs.count()
    for model, path in _CHILDREN:
        # Past the signals: an entry in the history for each of ten thousand invented rows would take a minute.
        rows = QuerySet(model).filter(**{f"{path}__in": theirs})
        rows._raw_delete(rows.db)
    theirs.delete()
    Meeting.objects.filter(slug__regex=SLUG).delete()
    transaction.on_commit(lambda: remove_files(files))
    return count


def store_sample(plans: list[MeetingPlan]) -> Counter:
    """Store the meetings; how many rows were made, by kind. On an error no figure file stays behind."""
    writer = _Writer([abstract for plan in plans for abstract in plan.abstracts])
    try:
        with transaction.atomic():
            for plan in plans:
                writer.meeting(plan)
            writer.images()
    except BaseException:
        remove_files(writer.files)
        raise
    return writer.made


class _Writer:
    def __init__(self, abstracts: list[AbstractPlan]):
        self.keywords: dict[str, Keyword] = keyword_rows(name for a in abstracts for name in a.keywords)
        self.persons: dict[str, Person] = person_rows(author for a in abstracts for author in a.authors)
        wanted = [_slug(a.title) for a in abstracts] + [former_slug(a) for a in abstracts]
        self.slugs = {
            *Abstract.unfiltered.filter(slug__in=wanted).values_list("slug", flat=True),
            *SlugRedirect.unfiltered.filter(slug__in=wanted).values_list("slug", flat=True),
        }
        self.drawings: list[tuple[Figure, object]] = []
        self.files: list[str] = []
        self.made: Counter = Counter()

    def create(self, model, rows: Iterable) -> list:
        """Store `rows` of `model`, and count them under its name."""
        manager = getattr(model, "unfiltered", None) or model.objects
        stored = manager.bulk_create(rows)
        self.made[model._meta.verbose_name] += len(stored)
        return stored

    def meeting(self, plan: MeetingPlan) -> None:
        meeting = Meeting(**plan.fields)
        meeting.save()
        self.made["meeting"] += 1
        tiers = self.create(EmbargoTier, (EmbargoTier(meeting=meeting, **fields) for fields in plan.tiers))
        sessions = self.create(Session, (Session(meeting=meeting, **fields) for fields in plan.sessions))
        named = {tier.name: tier for tier in tiers}
        abstracts = self.create(Abstract, (self._abstract(meeting, named, a) for a in plan.abstracts))
        pairs = list(zip(abstracts, plan.abstracts, strict=True))
        coded = {session.code: session for session in sessions}
        self.create(
            Presentation,
            (
                Presentation(
                    abstract=row,
                    session=coded[p.session],
                    position=p.position,
                    start_time=p.start_time,
                    end_time=p.end_time,
                )
                for row, a in pairs
                for p in a.places
            ),
        )
        self._texts(pairs)
        self._bylines(pairs)
        self._figures(pairs)

    def _abstract(self, meeting: Meeting, tiers: dict[str, EmbargoTier], plan: AbstractPlan) -> Abstract:
        return Abstract(
            meeting=meeting, number=plan.number, title=plan.title, slug=self._free_slug(plan.title),
            tier=tiers[plan.tier], disclosures=plan.disclosures, **plan.fields,
        )  # fmt: skip

    def _free_slug(self, title: str) -> str:
        base = _slug(title)
        slug = next(s for s in (base, *(f"{base}-{n}" for n in range(2, 1000))) if s not in self.slugs)
        self.slugs.add(slug)
        return slug

    def _texts(self, pairs: list[tuple[Abstract, AbstractPlan]]) -> None:
        self.create(
            Section,
            (
                Section(abstract=row, position=i, label=label, html=text)
                for row, a in pairs
                for i, (label, text) in enumerate(a.sections)
            ),
        )
        self.create(
            AbstractKeyword,
            (
                AbstractKeyword(abstract=row, keyword=self.keywords[name], position=i, label=name)
                for row, a in pairs
                for i, name in enumerate(a.keywords)
            ),
        )
        self.create(
            SlugRedirect, (SlugRedirect(abstract=row, slug=former_slug(a)) for row, a in pairs if a.former_title)
        )

    def _bylines(self, pairs: list[tuple[Abstract, AbstractPlan]]) -> None:
        homes = [(row, home) for row, a in pairs for home in dict.fromkeys(h for x in a.authors for h in x.homes)]
        numbers: Counter = Counter()
        affiliations = []
        for row, home in homes:
            numbers[row.pk] += 1
            affiliations.append(
                Affiliation(
                    abstract=row, position=numbers[row.pk], text=home.text, institution=home.institution,
                    country=home.country,
                )
            )  # fmt: skip
        stored = self.create(Affiliation, affiliations)
        of = {(row.pk, home): affiliation for (row, home), affiliation in zip(homes, stored, strict=True)}
        authors = [(row, i, author) for row, a in pairs for i, author in enumerate(a.authors)]
        lines = self.create(
            AuthorLine,
            (
                AuthorLine(
                    abstract=row, person=self.persons[x.person], position=i, name=x.name, given=x.given,
                    family=x.family, orcid=x.orcid, is_presenter=x.is_presenter, is_group=x.is_group,
                )
                for row, i, x in authors
            ),
        )  # fmt: skip
        self.create(
            AuthorAffiliation,
            (
                AuthorAffiliation(author=line, affiliation=of[row.pk, home])
                for line, (row, _, author) in zip(lines, authors, strict=True)
                for home in author.homes
            ),
        )

    def _figures(self, pairs: list[tuple[Abstract, AbstractPlan]]) -> None:
        plans = [(row, i, figure) for row, a in pairs for i, figure in enumerate(a.figures)]
        stored = self.create(
            Figure,
            (Figure(abstract=row, position=i, label=f.label, caption=f.caption, alt=f.alt) for row, i, f in plans),
        )
        self.drawings += [(row, f.chart) for row, (_, _, f) in zip(stored, plans, strict=True) if f.chart]

    def images(self) -> None:
        """Draw the figures, on as many threads as help, and store them one after the other."""
        with ThreadPoolExecutor(2) as pool:
            images = pool.map(lambda drawing: prepare_image(io.BytesIO(png(drawing[1]))), self.drawings)
            bar = tqdm(self.drawings, desc="Drawing figures", disable=None, leave=False)
            for (figure, _), image in zip(bar, images, strict=True):
                self.files += put_image(figure, image, "sample.png")


def _slug(title: str) -> str:
    return slugify(plain_text(title))
