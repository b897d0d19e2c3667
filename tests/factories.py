"""Factories for every table. Names are invented; `released()` and `embargoed()` give abstracts at a known level."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from abstracts import models
from abstracts.visibility import Level, Status
from abstracts.words.text import plain_text, slugify
from accounts.models import EmbargoedRead, Favorite, FavoritesList, SavedSearch, User

Shows, Rule = models.EmbargoStep.Shows, models.EmbargoStep.Rule
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
FAR_AHEAD = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


def if_free(model: Any, slug: str) -> str:
    """`slug`, or "" if a row of `model` has it."""
    return "" if model.unfiltered.filter(slug=slug).exists() else slug


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"reader{n}@example.org")
    password = factory.django.Password("sesame-open-42")


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"staff{n}@example.org")
    is_staff = True
    is_superuser = True


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = models.Meeting

    name = factory.Sequence(lambda n: f"Arthritis Forum {2000 + n}")
    year = factory.Sequence(lambda n: 2000 + n)
    # No later than forms accept, however many meetings the tests of one process make.
    starts_on = factory.LazyAttribute(lambda m: dt.date(min(m.year, 2199), 10, 24))
    ends_on = factory.LazyAttribute(lambda m: m.starts_on.replace(day=29))
    city = "Springfield"
    timezone = "America/Chicago"
    journal = "J Invented Rheum"
    volume = "7"
    supplement = "suppl 9"


class TierFactory(DjangoModelFactory):
    """A tier released long ago; `embargoed=True` gives one that lifts in 2099 and shows nothing before.

    `steps`: its steps as dictionaries. Without them it has one or two, made of what was passed: the rule,
    date, time and minutes of release, `listing_level` what does before, from `listing_date` and `listing_time` on.
    """

    class Meta:
        model = models.EmbargoTier
        skip_postgeneration_save = True

    class Params:
        embargoed = factory.Trait(release_date=dt.date(2099, 1, 1))
        shell = factory.Trait(release_date=dt.date(2099, 1, 1), listing_level=Level.SHELL)
        listing = factory.Trait(release_date=dt.date(2099, 1, 1), listing_level=Level.LISTED)

    meeting = factory.SubFactory(MeetingFactory)
    name = factory.Sequence(lambda n: f"Tier {n}")
    decides = models.EmbargoTier.Decides.FIRST
    release_rule = Rule.FIXED
    release_date = dt.date(2020, 1, 1)
    release_time = dt.time(9)
    minutes = 0
    timezone = ""
    listing_level = Level.HIDDEN
    listing_date = dt.date(2020, 1, 1)
    listing_time = dt.time(0)
    steps: list[dict[str, Any]] | None = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        given = {name: kwargs.pop(name) for name in STEP_PARAMETERS}
        tier = super()._create(model_class, *args, **kwargs)
        steps = given["steps"] if given["steps"] is not None else _steps(**given)
        models.EmbargoStep.objects.bulk_create(models.EmbargoStep(tier=tier, **step) for step in steps)
        return tier


STEP_PARAMETERS = (
    "release_rule", "release_date", "release_time", "minutes", "timezone",
    "listing_level", "listing_date", "listing_time", "steps",
)  # fmt: skip


def _steps(
    release_rule, release_date, release_time, minutes, timezone, listing_level, listing_date, listing_time, steps
) -> list[dict[str, Any]]:
    step = models.EmbargoStep
    rules: dict[str, Any] = {"rule": release_rule}
    if release_rule == Rule.FIXED:
        rules["date"] = release_date
    if release_rule in step.TIMED:
        rules |= {"time": release_time, "timezone": timezone}
    if release_rule in step.OFFSET:
        rules["minutes"] = minutes
    made = [{"shows": Shows.EVERYTHING, **rules}]
    if listing_level:
        shows = {level: show for show, level in step.LEVELS.items()}[listing_level]
        fixed = {"rule": Rule.FIXED, "date": listing_date, "time": listing_time, "timezone": timezone}
        made.append({"shows": shows, **fixed})
    return made


def step_of(tier: models.EmbargoTier, shows: str = Shows.EVERYTHING) -> models.EmbargoStep:
    """The step of `tier` that `shows` this."""
    return models.EmbargoStep.objects.get(tier=tier, shows=shows)


def change_step(tier: models.EmbargoTier, shows: str = Shows.EVERYTHING, **fields: Any) -> models.EmbargoStep:
    """Change the step of `tier` that `shows` this, as an edit does; without one, add it."""
    step = models.EmbargoStep.objects.filter(tier=tier, shows=shows).first()
    step = step or models.EmbargoStep(tier=tier, shows=shows)
    for name, value in fields.items():
        setattr(step, name, value)
    step.save()
    return step


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = models.Session

    meeting = factory.SubFactory(MeetingFactory)
    title = factory.Sequence(lambda n: f"Vasculitis Posters {n}")
    type = "Poster Session"
    date = factory.LazyAttribute(lambda s: s.meeting.starts_on)
    start_time = dt.time(10, 30)
    end_time = dt.time(12, 30)
    place = "Hall 4"


class AbstractFactory(DjangoModelFactory):
    """A released abstract; `embargoed`, `shell` and `listing` give the three states before release."""

    class Meta:
        model = models.Abstract

    class Params:
        embargoed = factory.Trait(
            tier=factory.SubFactory(TierFactory, meeting=factory.SelfAttribute("..meeting"), embargoed=True)
        )
        shell = factory.Trait(
            tier=factory.SubFactory(TierFactory, meeting=factory.SelfAttribute("..meeting"), shell=True)
        )
        listing = factory.Trait(
            tier=factory.SubFactory(TierFactory, meeting=factory.SelfAttribute("..meeting"), listing=True)
        )
        draft = factory.Trait(status=Status.DRAFT)
        withdrawn = factory.Trait(status=Status.WITHDRAWN, status_note="Withdrawn at the authors' request.")

    meeting = factory.SubFactory(MeetingFactory)
    tier = factory.SubFactory(TierFactory, meeting=factory.SelfAttribute("..meeting"))
    number = factory.Sequence(lambda n: f"{n:04}")
    title = factory.Sequence(lambda n: f"Glucocorticoid tapering in invented cohort {n}")
    # Short, and known to tests; `slug=""` gives the address that a new abstract gets.
    slug = factory.LazyAttribute(lambda a: if_free(models.Abstract, slugify(plain_text(a.title))))
    disclosures = "<p>A. Example: None.</p>"

    # The manager named `objects` answers visible_to() only.
    @classmethod
    def _get_manager(cls, model_class):
        return model_class.unfiltered


class UnfilteredFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _get_manager(cls, model_class):
        return model_class.unfiltered


class PresentationFactory(UnfilteredFactory):
    class Meta:
        model = models.Presentation

    abstract = factory.SubFactory(AbstractFactory)
    session = factory.SubFactory(SessionFactory, meeting=factory.SelfAttribute("..abstract.meeting"))
    position = factory.Sequence(lambda n: n)


class SectionFactory(UnfilteredFactory):
    class Meta:
        model = models.Section

    abstract = factory.SubFactory(AbstractFactory)
    position = factory.Sequence(lambda n: n)
    label = "Methods"
    html = "<p>We counted invented patients.</p>"


class KeywordFactory(UnfilteredFactory):
    class Meta:
        model = models.Keyword

    name = factory.Sequence(lambda n: f"keyword {n}")


class AbstractKeywordFactory(UnfilteredFactory):
    class Meta:
        model = models.AbstractKeyword

    abstract = factory.SubFactory(AbstractFactory)
    keyword = factory.SubFactory(KeywordFactory)
    position = factory.Sequence(lambda n: n)


class PersonFactory(UnfilteredFactory):
    class Meta:
        model = models.Person

    given = "Ada"
    family = factory.Sequence(lambda n: f"Rüdiger{n}")
    name = factory.LazyAttribute(lambda p: f"{p.given} {p.family}".strip())
    # Known to tests; `slug=""` gives the address that a new person gets.
    slug = factory.LazyAttribute(lambda p: if_free(models.Person, slugify(p.name)))


class AuthorLineFactory(UnfilteredFactory):
    class Meta:
        model = models.AuthorLine

    abstract = factory.SubFactory(AbstractFactory)
    person = factory.SubFactory(PersonFactory)
    position = factory.Sequence(lambda n: n)
    name = factory.LazyAttribute(lambda line: line.person.name)
    family = factory.LazyAttribute(lambda line: line.person.family)
    given = factory.LazyAttribute(lambda line: line.person.given)


class AffiliationFactory(UnfilteredFactory):
    class Meta:
        model = models.Affiliation

    abstract = factory.SubFactory(AbstractFactory)
    position = factory.Sequence(lambda n: n + 1)
    text = factory.Sequence(lambda n: f"Invented University {n}, Springfield")


class AuthorAffiliationFactory(UnfilteredFactory):
    class Meta:
        model = models.AuthorAffiliation

    author = factory.SubFactory(AuthorLineFactory)
    affiliation = factory.SubFactory(AffiliationFactory, abstract=factory.SelfAttribute("..author.abstract"))


class FigureFactory(UnfilteredFactory):
    """A figure without an image; pass `image=ContentFile(...)` for one with."""

    class Meta:
        model = models.Figure

    abstract = factory.SubFactory(AbstractFactory)
    position = factory.Sequence(lambda n: n)
    label = "Figure 1"
    caption = "Course of an invented score."


class PageFactory(DjangoModelFactory):
    class Meta:
        model = models.Page

    slug = factory.Sequence(lambda n: f"page-{n}")
    title = factory.Sequence(lambda n: f"Page {n}")
    html = "<p>Words of the society.</p>"


class FavoritesListFactory(DjangoModelFactory):
    class Meta:
        model = FavoritesList


class FavoriteFactory(UnfilteredFactory):
    class Meta:
        model = Favorite

    list = factory.SubFactory(FavoritesListFactory)
    abstract = factory.SubFactory(AbstractFactory)
    added_at = LONG_AGO


class SavedSearchFactory(DjangoModelFactory):
    class Meta:
        model = SavedSearch

    user = factory.SubFactory(UserFactory)
    name = "Gout"
    query_string = "q=gout"
    searched_until = LONG_AGO


def embargoed_read(abstract: models.Abstract, user=None, **fields) -> EmbargoedRead:
    """The record that `user` (without one: an account that is deleted) read `abstract` ahead of release."""
    of_abstract = {"meeting": abstract.meeting.slug, "number": abstract.number or "", "title": abstract.title_text}
    of_read = {"at": LONG_AGO, "day": LONG_AGO.date(), "role": "press", "kind": "page", "path": "/abstract/x/"}
    email = user.email if user else "press@example.org"
    row = {"user": user, "email": email, "abstract_id": abstract.pk} | of_abstract | of_read | fields
    return EmbargoedRead.objects.create(**row)


def whole_abstract(authors: int = 2, keywords: int = 2, **kwargs) -> models.Abstract:
    """An abstract with everything: session, authors with affiliations, keywords, sections, a figure with caption."""
    abstract = AbstractFactory(**kwargs)
    PresentationFactory(abstract=abstract)
    affiliation = AffiliationFactory(abstract=abstract, position=1)
    for position in range(authors):
        line = AuthorLineFactory(abstract=abstract, position=position)
        AuthorAffiliationFactory(author=line, affiliation=affiliation)
    for position in range(keywords):
        AbstractKeywordFactory(abstract=abstract, position=position)
    for position, label in enumerate(("Background/Purpose", "Methods", "Results", "Conclusion")):
        SectionFactory(abstract=abstract, position=position, label=label)
    FigureFactory(abstract=abstract)
    return abstract
