"""An archive whose every word is a token that stands nowhere else, in abstracts of every state."""

import datetime as dt
import itertools
import string
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.db.models.query import QuerySet

from abstracts.models import (
    Abstract,
    AbstractSource,
    EmbargoRecord,
    HeldChange,
    ImportRun,
    KeywordSynonym,
    Meeting,
    PersonName,
    RecordLine,
    Rendition,
    Session,
    SlugRedirect,
    gate,
)
from abstracts.visibility import Level, Role, Status
from accounts.models import CalendarAddress
from tests import factories
from tests.abstracts import oracle

from .register import MEETING, NEVER, NO_TEXT, PUBLIC, REGISTER, Same, text_fields

# 9:00 in Chicago: what comes before release, for the public or the press; the release of all that is ever released.
LISTING = dt.datetime(2020, 5, 1, 14, tzinfo=dt.UTC)
RELEASE = dt.datetime(2020, 5, 4, 14, tzinfo=dt.UTC)
NINE = dt.time(9)
# In the addresses of what is shared by its address.
SECRET = "canary-secret"
# Stands for what is inside a file.
FILE = "(file)"


def _at(shows: str, instant: dt.datetime) -> dict[str, Any]:
    """A step at 9:00 in Chicago on the day of `instant`."""
    return {"shows": shows, "rule": "fixed", "date": instant.date(), "time": NINE}


LONG_AGO = dt.datetime(2019, 1, 1, 15, tzinfo=dt.UTC)
EVERYTHING, HELD = _at("everything", RELEASE), {"shows": "everything", "rule": "held"}
GONE = [_at("everything", LONG_AGO)]
NUMBERED, TITLED, LISTED = (_at(shows, LONG_AGO) for shows in ("number", "title", "listing"))
NO_TITLE = {"status": Status.WITHDRAWN, "hides_title": True}
WAS_PUBLIC = "withdrawn with a title that was public"
# Of each state: columns, and the steps of its tier (and EVERYTHING, if none says from when everything shows). `then`:
# columns that are written when the record is kept.
STATES: dict[str, dict[str, Any]] = {
    "hidden": {},
    "shell": {"steps": [NUMBERED]},
    "titled": {"steps": [TITLED, {"shows": "press", "rule": "held"}]},
    "listing": {"steps": [LISTED]},
    "listed later": {"steps": [_at("listing", LISTING)]},
    "titled later": {"steps": [_at("title", LISTING), _at("press", LISTING)]},
    "three steps": {"steps": [NUMBERED, _at("title", LISTING), _at("press", LONG_AGO)]},
    "held": {"steps": [HELD]},
    "held shell": {"steps": [HELD, NUMBERED]},
    "draft": {"status": Status.DRAFT},
    "withdrawn": {"status": Status.WITHDRAWN},
    "withdrawn listing": {"status": Status.WITHDRAWN, "steps": [LISTED]},
    "withdrawn with its title": {"steps": [NUMBERED], **NO_TITLE},
    WAS_PUBLIC: {"steps": [TITLED], "then": NO_TITLE},
    "retracted": {"status": Status.RETRACTED},
    "corrected": {"status": Status.CORRECTED, "steps": [NUMBERED]},
    "title by override": {"override_listing_level": Level.TITLED, "override_listed_from": LISTING},
    "released": {"steps": GONE},
    "withdrawn released": {"status": Status.WITHDRAWN, "steps": GONE},
    "unpublished": {"steps": GONE},
}


@dataclass
class Planted:
    """One token: where it stands, and who may see it. What belongs to a meeting has the state of one abstract in it."""

    token: str
    model: type[models.Model]
    pk: Any
    field: str
    state: str
    rule: Any

    def __str__(self) -> str:
        return f"{self.model.__name__}.{self.field} of {self.state!r} ({self.token})"


@dataclass
class Garden:
    """All that was planted: tokens, the abstract of each state, and the facts that the oracle judges by."""

    tokens: list[Planted] = field(default_factory=list)
    abstracts: dict[str, Abstract] = field(default_factory=dict)
    facts: dict[str, dict] = field(default_factory=dict)

    def may_see(self, planted: Planted, role: Role, at: dt.datetime) -> bool:
        """Whether `role` may see the token at `at`, by the register and the oracle."""
        if planted.rule == PUBLIC or role is Role.STAFF:
            return True
        if planted.rule == NEVER:
            return False
        facts = self.facts[planted.state]
        if planted.rule == MEETING:
            return facts["meeting"]["is_published"]
        return oracle.level(role, at, **facts) >= planted.rule


_words = ("".join(letters) for letters in itertools.product(string.ascii_lowercase, repeat=4))


def new_token() -> str:
    """Letters only, so that slugs, sort keys and number keys hold it as it is."""
    return f"zq{next(_words)}qz"


def plant() -> Garden:
    """One published meeting with one session, in which abstracts of every state stand side by side; one that is not."""
    garden = Garden()
    shared = _plant_meeting(garden, "released", is_published=True)
    for state, shape in STATES.items():
        session = _plant_meeting(garden, state, is_published=False) if state == "unpublished" else shared
        _plant_abstract(garden, state, session, shape)
    _fill(garden, factories.PageFactory(), "page")
    _fill(garden, ImportRun.unfiltered.create(meeting=shared.meeting, file_name="x"), "hidden")
    _plant_record(garden)
    _plant_shared_list(garden)
    # The press is that of these meetings.
    ahead_in = {abstract.meeting_id for abstract in garden.abstracts.values()}
    garden.facts = {
        state: {**oracle.facts(abstract.pk), "ahead_in": ahead_in} for state, abstract in garden.abstracts.items()
    }
    return garden


def _plant_record(garden: Garden) -> None:
    """What the gate stores of changes: the record, and a change that waits."""
    with gate.bypassing("x"):
        factories.AbstractFactory(meeting=garden.abstracts["released"].meeting, draft=True)
    entry = EmbargoRecord.objects.latest("number")
    for row in (entry, RecordLine.objects.get(entry=entry), HeldChange.objects.create(path="/", door="x")):
        _fill(garden, row, "hidden")


def _plant_shared_list(garden: Garden) -> None:
    """All abstracts on a list that anybody may open who knows its address, and in a calendar with one."""
    shared = factories.FavoritesListFactory(user=factories.UserFactory(), share_token=SECRET)
    for abstract in garden.abstracts.values():
        factories.FavoriteFactory(list=shared, abstract=abstract)
    CalendarAddress.objects.create(user=shared.user, token=SECRET)


def _plant_meeting(garden: Garden, state: str, is_published: bool) -> Session:
    meeting = factories.MeetingFactory(is_published=is_published)
    session = factories.SessionFactory(meeting=meeting)
    _fill(garden, meeting, state)
    _fill(garden, session, state)
    session.meeting.refresh_from_db()
    return session


def _plant_abstract(garden: Garden, state: str, session: Session, shape: dict) -> None:
    columns = dict(shape)
    steps, then = columns.pop("steps", []), columns.pop("then", {})
    if not any(step["shows"] == "everything" for step in steps):
        steps = [*steps, EVERYTHING]
    tier = factories.TierFactory(meeting=session.meeting, name=state, steps=steps)
    abstract = factories.AbstractFactory(
        meeting=session.meeting,
        tier=tier,
        legacy_id=1000 + len(garden.abstracts),
        first_published=dt.date(2020, 5, 4),
        **columns,
    )
    garden.abstracts[state] = abstract
    factories.PresentationFactory(abstract=abstract, session=session)
    for row in [tier, abstract, *_parts(abstract)]:
        _fill(garden, row, state)
    if then:
        # Only the record tells that the public could see the title.
        with gate.bypassing("x"):
            Abstract.unfiltered.filter(pk=abstract.pk).update(**then)
        abstract.refresh_from_db()


def _parts(abstract: Abstract) -> list[models.Model]:
    affiliation = factories.AffiliationFactory(abstract=abstract)
    author = factories.AuthorLineFactory(abstract=abstract)
    factories.AuthorAffiliationFactory(author=author, affiliation=affiliation)
    link = factories.AbstractKeywordFactory(abstract=abstract)
    section = factories.SectionFactory(abstract=abstract)
    figure = factories.FigureFactory(abstract=abstract, image=_file(new_token()))
    return [
        affiliation,
        author,
        author.person,
        PersonName.unfiltered.create(person=author.person, name=new_token(), slug=new_token()),
        link,
        link.keyword,
        KeywordSynonym.unfiltered.create(keyword=link.keyword, name=new_token()),
        section,
        figure,
        Rendition.unfiltered.create(figure=figure, width=640, height=1, image=_file(new_token())),
        SlugRedirect.unfiltered.create(abstract=abstract, slug=new_token()),
        AbstractSource.unfiltered.create(abstract=abstract),
    ]


def _file(token: str) -> ContentFile:
    return ContentFile(token.encode(), name="a.png")


def _fill(garden: Garden, row: models.Model, state: str) -> None:
    """Write a token into every text field of `row`, past the managers, and what is computed from it beside it."""
    model = type(row)
    values: dict[str, Any] = {}
    for f in text_fields(model):
        rule = REGISTER[model.__name__][f.name]
        if rule == NO_TEXT or isinstance(rule, Same):
            continue
        if isinstance(f, models.FileField):
            file = getattr(row, f.name)
            token = file.name.rpartition("/")[2].partition(".")[0]
            garden.tokens.append(Planted(file.read().decode(), model, row.pk, FILE, state, Level.FULL))
            file.close()
        else:
            token = new_token()
            values[f.name] = _in_shape(f, token)
        garden.tokens.append(Planted(token, model, row.pk, f.name, state, rule))
    QuerySet(model).filter(pk=row.pk).update(**values)
    computed = {
        f.name: values[r.field] for f in text_fields(model) if isinstance(r := REGISTER[model.__name__][f.name], Same)
    }
    QuerySet(model).filter(pk=row.pk).update(**computed)
    row.refresh_from_db()


def _in_shape(f: models.Field, token: str) -> Any:
    """The token as the field holds words: in JSON, in HTML, as a DOI."""
    if isinstance(f, models.JSONField):
        return {"words": token}
    if f.name == "doi":
        return f"10.1002/{token}"
    if f.name in ("html", "disclosures", *Meeting.PAGE_TEXTS):
        return f"<p>{token}</p>"
    return token


def scramble(garden: Garden, role: Role, at: dt.datetime) -> int:
    """Change every word that `role` may not see at `at`, in length too; how many. Nothing that is seen may change."""
    changed = 0
    for planted in garden.tokens:
        if garden.may_see(planted, role, at) or planted.field in (FILE, "image"):
            continue
        if planted.state == WAS_PUBLIC and planted.field == "slug":
            # It leads on from what people may have kept.
            continue
        f = planted.model._meta.get_field(planted.field)
        value = _in_shape(f, f"{planted.token}more")
        same = {
            g.name: value
            for g in text_fields(planted.model)
            if REGISTER[planted.model.__name__][g.name] == Same(planted.field)
        }
        QuerySet(planted.model).filter(pk=planted.pk).update(**{planted.field: value}, **same)
        changed += 1
    return changed


def remove_hidden(garden: Garden, role: Role, at: dt.datetime) -> int:
    """Delete every abstract that does not exist for `role` at `at`; how many. Nothing that is seen may change."""
    hidden = [a.pk for state, a in garden.abstracts.items() if oracle.level(role, at, **garden.facts[state]) == 0]
    Abstract.unfiltered.filter(pk__in=hidden).delete()
    return len(hidden)
