"""What staff do to abstracts that the public does not see, or to the parts of them that it does not see."""

import datetime as dt
import random
import zoneinfo

from django.core.files.base import ContentFile

from abstracts.models import (
    Abstract,
    AbstractKeyword,
    Affiliation,
    AuthorLine,
    EmbargoTier,
    Figure,
    Keyword,
    KeywordSynonym,
    Person,
    Presentation,
    Section,
    Session,
)
from abstracts.models.imaging import store_figure_image
from abstracts.sample.loading import DATA
from accounts.models import FavoritesList
from tests import factories

from .archive import AT, KEYWORDS, PARTLY, SECRET_KEYWORDS, SECRETS, WORDS, hidden_rows, some, store

ALL = [*WORDS, *SECRETS]


def add_hidden(rng: random.Random, count: int, titles: list[str] | None = None) -> list[int]:
    """The keys of `count` new abstracts, some with one of `titles` (by default the public's). They are on everybody's
    lists, and their keywords have synonyms."""
    if titles is None:
        titles = list(Abstract.unfiltered.order_by("pk").values_list("title", flat=True))
    pks = store(hidden_rows(rng, count, titles))
    for name, synonym in SECRET_KEYWORDS.items():
        if keyword := Keyword.unfiltered.filter(name__iexact=name, synonyms=None).first():
            KeywordSynonym.unfiltered.create(keyword=keyword, name=synonym)
    for favorites_list in FavoritesList.objects.order_by("pk"):
        for pk in pks:
            factories.FavoriteFactory(list=favorites_list, abstract_id=pk, abstract=None)
    return pks


def edit_hidden(rng: random.Random, pks: list[int]) -> None:
    """Other words everywhere, other names, keywords, sessions and figures, other instants, all of them still ahead."""
    for abstract in Abstract.unfiltered.filter(pk__in=pks).order_by("pk"):
        abstract.title = some(rng, ALL, 6)
        if abstract.tier.name != "Released":
            abstract.override_released_from = _ahead(rng)
        abstract.save()
        edit_text(rng, abstract)
        _edit_listing(rng, abstract)
        session = rng.choice(list(Session.objects.filter(meeting=abstract.meeting_id).order_by("pk")))
        Presentation.unfiltered.filter(abstract=abstract).delete()
        Presentation.unfiltered.create(abstract=abstract, session=session, position=rng.randrange(5))


def edit_partly_public(rng: random.Random) -> int:
    """What the public does not see of abstracts that it sees a part of, and from when it will see more; how many.

    From when it will see everything stands on pages, and stays.
    """
    abstracts = Abstract.unfiltered.filter(tier__name__in=PARTLY).order_by("pk")
    for abstract in abstracts:
        if abstract.tier.name != "Listed":
            _edit_listing(rng, abstract)
        if abstract.tier.name == "Numbered":
            abstract.title = some(rng, ALL, 6)
            abstract.save()
        edit_text(rng, abstract)
    withdrawn = Abstract.unfiltered.filter(status="withdrawn", tier__name="Released", meeting__is_published=True)
    for abstract in withdrawn.order_by("pk"):
        edit_text(rng, abstract)
    for tier in EmbargoTier.objects.filter(name__in=("Titled", "Numbered")).order_by("pk"):
        local = (AT + dt.timedelta(seconds=rng.choice([1, 7, 30, 59]))).astimezone(zoneinfo.ZoneInfo("America/Chicago"))
        fixed = {"rule": "fixed", "date": local.date(), "time": local.time()}
        factories.change_step(tier, "listing", **fixed)
        factories.change_step(tier, "press", **fixed)
    return len(abstracts)


def edit_text(rng: random.Random, abstract: Abstract) -> None:
    """Other sections, figures, disclosures and trial ids."""
    sections = Section.unfiltered.filter(abstract=abstract)
    sections.filter(position=1).delete()
    for section in sections.order_by("pk"):
        section.html = f"<p>{some(rng, ALL, 40)}</p>"
        section.save()
    Figure.unfiltered.filter(abstract=abstract).delete()
    for _ in range(rng.randrange(3)):
        figure = factories.FigureFactory(abstract=abstract, caption=some(rng, ALL, 5))
        if rng.random() < 0.3:
            store_figure_image(figure, ContentFile((DATA / "figures/last-year-0003-1.png").read_bytes(), name="a.png"))
    abstract.disclosures, abstract.trial_ids = f"<p>{some(rng, ALL, 5)}</p>", f"NCT{rng.randrange(10**8):08}"
    abstract.save()


def _edit_listing(rng: random.Random, abstract: Abstract) -> None:
    """Another byline and other keywords: some new ones, some of the public's."""
    AuthorLine.unfiltered.filter(abstract=abstract).delete()
    Affiliation.unfiltered.filter(abstract=abstract).delete()
    AbstractKeyword.unfiltered.filter(abstract=abstract).delete()
    persons = [*Person.unfiltered.order_by("pk")[:8], factories.PersonFactory(given="Ada", family="Amsel", slug="")]
    line = factories.AuthorLineFactory(abstract=abstract, person=rng.choice(persons))
    affiliation = factories.AffiliationFactory(abstract=abstract, text=f"{some(rng, SECRETS, 1)} Clinic, Oslo, Norway")
    factories.AuthorAffiliationFactory(author=line, affiliation=affiliation)
    factories.AbstractKeywordFactory(abstract=abstract)
    shown = Keyword.unfiltered.filter(name__in=KEYWORDS).order_by("pk")
    factories.AbstractKeywordFactory(abstract=abstract, keyword=rng.choice(list(shown)))


def _ahead(rng: random.Random) -> dt.datetime:
    """An instant to come: in a few seconds, hours or months."""
    return AT + dt.timedelta(seconds=rng.choice([1, 7, 30, 59, 3600, 40 * 86_400]))


def hide(rng: random.Random, pks: list[int]) -> None:
    """By each way there is."""
    for place, abstract in enumerate(Abstract.unfiltered.filter(pk__in=pks).order_by("pk")):
        match place % 4:
            case 0:
                abstract.status = "draft"
                abstract.save()
            case 1:
                abstract.tier = EmbargoTier.objects.get(meeting=abstract.meeting_id, name=rng.choice(["Soon", "Held"]))
                abstract.save()
            case 2:
                abstract.delete()
            case 3:
                abstract.tier = EmbargoTier.objects.get(meeting=abstract.meeting_id, name="Held")
                abstract.status, abstract.status_note = "withdrawn", "Withdrawn."
                abstract.save()
